import { expect, test } from "vitest";
import { thenUndo } from "../../src/verify/then-undo.ts";

test("what was changed is taken back when the call is over, whether it returns, throws or is waited for", async () => {
  let isChanged = true;
  const undo = () => {
    isChanged = false;
  };
  expect(thenUndo(() => isChanged, undo)).toBe(true);
  expect(isChanged).toBe(false);

  isChanged = true;
  const throwing = () => {
    throw new Error("no");
  };
  expect(() => thenUndo(throwing, undo)).toThrow("no");
  expect(isChanged).toBe(false);

  isChanged = true;
  const waited = thenUndo(async () => {
    await null;
    return isChanged;
  }, undo);
  expect(isChanged).toBe(true);
  expect(await waited).toBe(true);
  expect(isChanged).toBe(false);

  isChanged = true;
  await expect(thenUndo(() => Promise.reject(new Error("gone")), undo)).rejects.toThrow("gone");
  expect(isChanged).toBe(false);
});
