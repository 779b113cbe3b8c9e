/**
 * Text with markup, as bots write it, made into HTML: no HTML of theirs, no pictures, no addresses but of the web.
 *
 * What does that is fetched when the first such text is shown; until then the text stands there as it was written.
 */
import type Maker from "markdown-it";

type Markdown = InstanceType<typeof Maker>;

let maker = $state.raw<Markdown | null>(null);
let fetching = false;

function made(Made: typeof Maker): Markdown {
  const markdown = new Made({ html: false, linkify: true, breaks: true }).disable("image");
  markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
  markdown.validateLink = (address) => /^https?:\/\//i.test(address);
  // Headings are for pages: in a conversation they would lie in the way of those who jump from one to the next.
  markdown.renderer.rules["heading_open"] = () => '<p class="heading">';
  markdown.renderer.rules["heading_close"] = () => "</p>\n";
  markdown.renderer.rules["link_open"] = (tokens, at, options, _env, self) => {
    tokens[at]!.attrSet("target", "_blank");
    tokens[at]!.attrSet("rel", "noopener noreferrer nofollow");
    return self.renderToken(tokens, at, options);
  };
  return markdown;
}

async function fetchMaker(): Promise<void> {
  fetching = true;
  try {
    maker = made((await import("markdown-it")).default);
  } catch {
    // The network is away: it is asked for again with the next text.
    fetching = false;
  }
}

/** The text as HTML that is safe to show; null where it cannot be made yet. */
export function html(text: string): string | null {
  if (maker === null && !fetching) void fetchMaker();
  return maker?.render(text) ?? null;
}

/** The text without its marks, for where there is one line. */
export function plain(text: string): string {
  return text
    .replace(/^\s*(?:#{1,6}\s+|>\s?|[-*+]\s+|```.*$)/gm, "")
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/(\*\*|__|~~|`)/g, "")
    .replace(/(^|\W)[*_](\S.*?)[*_](?=\W|$)/g, "$1$2");
}
