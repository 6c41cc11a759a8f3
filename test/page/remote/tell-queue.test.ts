import { expect, test } from "vitest";
import { tellQueue } from "../../../src/page/remote/tell-queue.ts";

test("what is told is heard in order, before and after somebody waits", async () => {
  const queue = tellQueue<number>();
  queue.tell(1);
  queue.tell(2);
  expect(await queue.next()).toBe(1);
  expect(await queue.next()).toBe(2);
  const third = queue.next();
  queue.tell(3);
  queue.tell(4);
  expect(await third).toBe(3);
  expect(await queue.next()).toBe(4);
});

test("an end is heard after what was told before it, and by all who wait later; the first one counts", async () => {
  const queue = tellQueue<number>();
  queue.tell(1);
  queue.fail(new Error("crashed"));
  queue.fail(new Error("disconnected"));
  expect(await queue.next()).toBe(1);
  await expect(queue.next()).rejects.toThrow("crashed");
  await expect(queue.next()).rejects.toThrow("crashed");
});

test("who waits when the end comes hears of it", async () => {
  const queue = tellQueue<number>();
  const next = queue.next();
  queue.fail(new Error("crashed"));
  await expect(next).rejects.toThrow("crashed");
});
