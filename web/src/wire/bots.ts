/** What bots say beside what everybody may say, and how people answer it. */
import { get, post } from "./http";

export type Who = "all" | "admins" | number[];

/** Has one of `data`, `link` and `command`. */
export interface BotButton {
  label: string;
  data?: string;
  link?: string;
  command?: string;
  style?: "plain" | "primary" | "danger";
  who?: Who;
}

export interface FormField {
  name: string;
  label: string;
  kind?: "text" | "number" | "choice" | "date";
  required?: boolean;
  min?: number | string | null;
  max?: number | string | null;
  choices?: string[];
  hint?: string;
  lines?: number;
}

export interface BotForm {
  title: string;
  text?: string;
  data: string;
  fields: FormField[];
  submit?: string;
  who?: Who;
}

export interface BotCard {
  title: string;
  text?: string;
  media?: string;
  width?: number;
  height?: number;
  link?: string;
  fields?: { label: string; value: string }[];
}

export interface Command {
  name: string;
  about: string;
  usage: string;
  bot: number;
  bot_name: string;
  handle: string | null;
}

/** What a bot has to say to a press. `code` is 0 where it is done. */
export interface Answered {
  on: "answered";
  chat: number;
  seq: number;
  press: string;
  text: string;
  alert: boolean;
  code: number;
}

export const press = (chat: number, seq: number, key: string, button: string, values?: Record<string, string>) =>
  post<{ press: string }>(
    `/chats/${chat}/messages/${seq}/presses`,
    values === undefined ? { key, button } : { key, button, values },
  );
export const commands = (chat: number) => get<Command[]>(`/chats/${chat}/commands`);
