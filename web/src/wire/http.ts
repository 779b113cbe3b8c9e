/** One door to the HTTP interface: JSON in, JSON out, problems as errors. */

/** A refusal by the server (RFC 9457). `code` is stable; `detail` is an English sentence. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly params: Record<string, string | number> = {},
  ) {
    super(detail || code);
  }
}

/** No answer came: the network or the server is away. Nothing is known about what was asked. */
export class Unreachable extends Error {}

export type Query = Record<string, string | number | boolean | null | undefined>;

const ROOT = "/api/v1";
const TIMEOUT_MS = 20_000;
const SIGN_IN_NEEDED = "identity.sign_in_needed";

let onSignedOut: () => void = () => undefined;

/** Names what to do when the server no longer knows who we are. */
export function whenSignedOut(act: () => void): void {
  onSignedOut = act;
}

export function cookie(name: string): string {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return found === undefined ? "" : decodeURIComponent(found.slice(name.length + 1));
}

function address(path: string, query: Query): string {
  const wanted = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const search = new URLSearchParams(wanted.map(([name, value]) => [name, String(value)]));
  return `${ROOT}${path}${wanted.length === 0 ? "" : `?${search}`}`;
}

/** Reads the refusal; a proxy may answer with something that is not JSON. */
export async function problem(answer: Response): Promise<Problem> {
  try {
    const body = (await answer.json()) as { code?: string; detail?: string; params?: Record<string, string | number> };
    return new Problem(answer.status, body.code ?? `http.${answer.status}`, body.detail ?? "", body.params);
  } catch {
    return new Problem(answer.status, `http.${answer.status}`, answer.statusText);
  }
}

export function guardHeaders(): Record<string, string> {
  return { "X-CSRF-Token": cookie("hutong_csrf") };
}

/**
 * Asks the server; throws `Problem` for a refusal and `Unreachable` where no answer came. With a `token` it is asked in
 * the name of whoever that lets in, and not of who is signed in here.
 */
export async function call<Answer>(
  method: string,
  path: string,
  { body, query = {}, token }: { body?: unknown; query?: Query; token?: string } = {},
): Promise<Answer> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (token !== undefined) headers["Authorization"] = `Bearer ${token}`;
  else if (method !== "GET") Object.assign(headers, guardHeaders());
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer: Response;
  try {
    answer = await fetch(address(path, query), {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      credentials: token === undefined ? "same-origin" : "omit",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw new Unreachable("no answer", { cause: error });
  }
  if (!answer.ok) {
    const refusal = await problem(answer);
    // A code or a passkey that is wrong is a 401 too, and no reason to send anybody away.
    if (refusal.code === SIGN_IN_NEEDED && token === undefined) onSignedOut();
    throw refusal;
  }
  const text = await answer.text();
  return (text === "" ? undefined : JSON.parse(text)) as Answer;
}

export const get = <Answer>(path: string, query?: Query) =>
  call<Answer>("GET", path, query === undefined ? {} : { query });
export const post = <Answer>(path: string, body: unknown = {}) => call<Answer>("POST", path, { body });
export const put = <Answer = void>(path: string, body: unknown = {}) => call<Answer>("PUT", path, { body });
export const patch = <Answer>(path: string, body: unknown) => call<Answer>("PATCH", path, { body });
export const drop = (path: string, body?: unknown, query?: Query) =>
  call<void>("DELETE", path, { ...(body === undefined ? {} : { body }), ...(query === undefined ? {} : { query }) });
