import fc from "fast-check";
import { expect, it } from "vitest";
import { shortSegments } from "../../../../src/kernels/native/features/segments.ts";

const lengths = fc.integer({ min: 1, max: 2 ** 21 });
const features = fc.integer({ min: 1, max: 40_000 });

it("segments of a backward pass are whole chunks, and all tokens are in them", () => {
  fc.assert(
    fc.property(lengths, features, (length, count) => {
      const segments = shortSegments(length, count);
      expect(segments.tokens % 64).toBe(0);
      expect(segments.count * segments.tokens).toBeGreaterThanOrEqual(length);
      expect((segments.count - 1) * segments.tokens).toBeLessThan(length);
    }),
  );
});

it("chunks whose states are kept at once grow no faster than the root of the length, however many features there are", () => {
  fc.assert(
    fc.property(lengths, features, (length, count) => {
      const chunks = shortSegments(length, count).tokens / 64;
      expect(chunks).toBeLessThanOrEqual(Math.max(10, Math.sqrt(length / 64) + 1));
    }),
  );
});

it("states of segments take no more than a few numbers for each number of the tokens, where features are few", () => {
  fc.assert(
    fc.property(fc.integer({ min: 640, max: 2 ** 21 }), fc.integer({ min: 1, max: 640 }), (length, count) => {
      expect(shortSegments(length, count).count * count).toBeLessThanOrEqual(2 * length);
    }),
  );
});
