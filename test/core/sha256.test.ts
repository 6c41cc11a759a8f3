import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "../../src/core/sha256.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test("is what Node computes, of any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(hex(sha256(bytes))).toBe(createHash("sha256").update(bytes).digest("hex"));
    }),
  );
});

test("is right at every length around the end of a block, and of a megabyte", () => {
  for (const length of [0, 55, 56, 63, 64, 65, 119, 120, 128, 2 ** 20]) {
    const bytes = new Uint8Array(length).fill(0x61);
    expect(hex(sha256(bytes)), `${length}`).toBe(createHash("sha256").update(bytes).digest("hex"));
  }
});
