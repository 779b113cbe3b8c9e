import type { errors as zh } from "../zh/errors";

export const errors: Record<keyof typeof zh, string> = {
  "error.hutong.not_found": "There is nothing here that you can see.",
  "error.hutong.denied": "You may not do this.",
  "error.hutong.too_many": "That was too often. Try again in {retry_after_s} seconds.",
  "error.hutong.unavailable": "This is not available just now. Nothing was changed; try again in a moment.",
};
