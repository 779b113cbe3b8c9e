/** Addresses in what people write. Only http and https become links; what follows a sentence is not part of one. */
export interface Piece {
  text: string;
  href?: string;
}

const ADDRESS = /https?:\/\/[^\s<>"'“”‘’「」《》，。！？；：、（）]+/giu;

export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(/[.,!?;:)\]]+$/u, "");
    if (!URL.canParse(address)) continue;
    if (match.index > from) found.push({ text: text.slice(from, match.index) });
    found.push({ text: address, href: address });
    from = match.index + address.length;
  }
  if (from < text.length) found.push({ text: text.slice(from) });
  return found;
}

/** A few faces and nothing else: shown larger. */
export function onlyFaces(text: string): boolean {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.length > 24 || !/^[\p{Extended_Pictographic}\p{Emoji_Component}\s]+$/u.test(trimmed))
    return false;
  if (!/\p{Extended_Pictographic}/u.test(trimmed)) return false;
  return [...new Intl.Segmenter().segment(trimmed.replace(/\s/g, ""))].length <= 3;
}
