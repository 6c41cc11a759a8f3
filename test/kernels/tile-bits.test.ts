import fc from "fast-check";
import { expect, it } from "vitest";
import { countBits, emptyBits, setRanges } from "../../src/kernels/tile-bits.ts";
import { scan } from "../pattern/brute-force.ts";

it("setRanges sets the bits of a row's keys that lie in the tile, and countBits counts them", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uniqueArray(fc.nat(150)), { minLength: 1, maxLength: 5 }),
      fc.nat(80),
      fc.integer({ min: 1, max: 100 }),
      (keysOfRows, keyStart, keyCount) => {
        const bits = emptyBits(keysOfRows.length, keyCount);
        let expected = 0;
        for (const [row, keys] of keysOfRows.entries()) {
          const ranges = scan(151, (key) => keys.includes(key));
          setRanges(bits, row, ranges, keyStart, keyStart + keyCount);
        }
        for (const [row, keys] of keysOfRows.entries()) {
          for (let key = 0; key < bits.wordsPerRow * 32; key++) {
            const word = bits.words[row * bits.wordsPerRow + (key >>> 5)];
            const attended = key < keyCount && keys.includes(keyStart + key);
            expect((word >>> (key & 31)) & 1).toBe(Number(attended));
            if (attended) expected++;
          }
        }
        expect(countBits(bits)).toBe(expected);
      },
    ),
  );
});
