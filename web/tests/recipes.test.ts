/** What a maker of bots is given to copy. */
import { expect, test } from "vitest";
import { recipes } from "../src/views/openplatform/recipes";

const made = recipes("https://hutong.example", { number: 10005, token: "10005.secret" });
const text = (id: string) =>
  made
    .find((recipe) => recipe.id === id)!
    .blocks.map(({ title, code }) => `${title}\n${code}`)
    .join("\n");

test("each names this site and holds the token exactly where it belongs", () => {
  for (const { id } of made) if (id !== "webhook") expect(text(id), id).toContain("10005.secret");
  expect(text("sdk")).toContain("HUTONG_URL=https://hutong.example\n");
  expect(text("http")).toContain("wss://hutong.example/socket");
});

test("a token stands in no program, only in what configures it", () => {
  for (const { blocks } of made)
    for (const { title, code } of blocks) if (/\.(py|js)$/.test(title)) expect(code, title).not.toContain("secret");
});

test("addresses of sockets are those of sockets", () => {
  expect(text("nonebot")).toContain('["wss://hutong.example/bridges/onebot11/"]');
  expect(text("koishi")).toContain("endpoint: wss://hutong.example/bridges/onebot11/");
  expect(text("telegram")).toContain("BOT_API=https://hutong.example/bridges/telegram\n");
});

test("the check of a signature takes what was signed, and nothing else", async () => {
  const { code } = made.find(({ id }) => id === "webhook")!.blocks.find(({ title }) => title === "Node")!;
  const module = `data:text/javascript,${encodeURIComponent(code)}`;
  const { isOurs } = (await import(/* @vite-ignore */ module)) as {
    isOurs: (secret: string, headers: Record<string, string>, body: Uint8Array) => boolean;
  };
  const bytes = (text: string) => new TextEncoder().encode(text);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const body = bytes('{"event":1}');
  const how = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", bytes("our secret"), how, false, ["sign"]);
  const hash = await crypto.subtle.sign("HMAC", key, bytes(`${timestamp}.{"event":1}`));
  const signed = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const headers = { "hutong-timestamp": timestamp, "hutong-signature": `v1=${signed}` };
  expect(isOurs("our secret", headers, body)).toBe(true);
  expect(isOurs("another", headers, body)).toBe(false);
  expect(isOurs("our secret", headers, bytes('{"event":2}'))).toBe(false);
  expect(isOurs("our secret", { ...headers, "hutong-timestamp": "1" }, body)).toBe(false);
});

test("the JSON in it can be read", () => {
  const hello = made.find(({ id }) => id === "http")!.blocks.at(-1)!.code;
  expect(JSON.parse(hello)).toMatchObject({ do: "hello", token: "10005.secret" });
  const bots = /QQ_BOTS='(.*)'/.exec(text("qq"))![1]!;
  expect(JSON.parse(bots)).toMatchObject([{ id: "10005", secret: "10005.secret" }]);
});
