import { expect, test } from "vitest";
import { told } from "../src/views/chat/told";
import type { Change } from "../src/wire/frames";

const ME = 10001;
const change = (fields: object) => ({ chat: 80001, rev: 1, at: "2026-11-23T06:00:00.000Z", ...fields }) as Change;

test("in Chinese names stand apart, and 你 does not", () => {
  const joined = { on: "joined", number: ME, name: "林见", invited_by: 10002, invited_by_name: "顾晓" };
  expect(told(change(joined), ME)).toBe("顾晓 邀请你加入了");
  expect(told(change(joined), 10003)).toBe("顾晓 邀请 林见 加入了");
  expect(told(change({ on: "pinned", seq: 1, pinned: true, by: ME, by_name: "林见" }), ME)).toBe("你置顶了一条消息");
});
