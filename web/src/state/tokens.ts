/** Tokens of bots that were made or typed in on this page: kept in its memory alone, and gone when it is closed. */
const tokens = new Map<number, string>();

export function rememberToken(bot: number, token: string): void {
  tokens.set(bot, token);
}

export function tokenOf(bot: number): string | undefined {
  return tokens.get(bot);
}

export function forgetToken(bot: number): void {
  tokens.delete(bot);
}

export function forgetTokens(): void {
  tokens.clear();
}
