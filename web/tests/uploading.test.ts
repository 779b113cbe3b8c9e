import { expect, test, vi } from "vitest";
import type { Attachment } from "../src/state/attachments";
import { Unreachable } from "../src/wire/http";
import type { Progress } from "../src/wire/media";

const wire = vi.hoisted(() => ({ upload: vi.fn(), giveUp: vi.fn(async () => undefined) }));
vi.mock("../src/wire/media", () => wire);

const { partSent, stopTaking, takeUp, wholeSent } = await import("../src/state/uploading.svelte");

type Told = { progress: (now: Progress) => void };
const file = (id: string, bytes: number): Attachment => ({
  id,
  name: id,
  type: "",
  as: "file",
  file: new Blob(["x".repeat(bytes)]),
});
const cutAt = (sent_bytes: number) =>
  wire.upload.mockImplementationOnce(async (_file: Blob, _name: string, _purpose: string, { progress }: Told) => {
    progress({ upload: "u1", sent_bytes });
    throw new Unreachable("cut");
  });

test("what was cut stays shown as far as it came, until it is given up", async () => {
  cutAt(30);
  const began = vi.fn();
  const one = file("one", 100);
  await expect(takeUp(one, began)).rejects.toThrow(Unreachable);
  expect(began).toHaveBeenCalledExactlyOnceWith("u1");
  expect(partSent(one)).toBe(0.3);
  stopTaking([{ ...one, upload: "u1" }]);
  expect([partSent(one), wire.giveUp.mock.calls]).toEqual([null, [["u1"]]]);
});

test("several files are as far as their bytes are", async () => {
  cutAt(30);
  const [large, small] = [file("large", 90), file("small", 10)];
  expect(wholeSent([large, small])).toBeNull();
  await expect(takeUp(large, () => undefined)).rejects.toThrow();
  expect(wholeSent([large, small])).toBeCloseTo(0.3);
});
