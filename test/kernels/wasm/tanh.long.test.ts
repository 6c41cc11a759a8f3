import { expect, it } from "vitest";
import { CHUNK, mostUlps, SATURATED_BITS, tanhOfBuilds } from "./tanh-error.ts";

const MOST_ULPS = 6.2;
/**
 * Bits of 2^-13. Of less, `1 + c x²` is 1 in float32 and tanh comes out as the number itself; what is more than
 * `SATURATED_BITS` is cut off to one number. The short test looks at both.
 */
const FIRST_BITS = 0x39000000;

it(`tanh of every float32 number is at most ${MOST_ULPS} units in the last place off in every build`, () => {
  const most = tanhOfBuilds.map(() => 0);
  const bits = new Uint32Array(CHUNK);
  const numbers = new Float32Array(bits.buffer);
  const exact = new Float64Array(CHUNK);
  // It is odd to the bit, as the short test shows, too.
  for (let from = FIRST_BITS; from <= SATURATED_BITS; from += CHUNK) {
    for (let at = 0; at < CHUNK; at++) bits[at] = from + at;
    for (let at = 0; at < CHUNK; at++) exact[at] = Math.tanh(numbers[at]);
    for (const [build, { tanh }] of tanhOfBuilds.entries()) {
      most[build] = Math.max(most[build], mostUlps(exact, tanh(numbers)));
    }
  }
  for (const error of most) expect(error).toBeLessThanOrEqual(MOST_ULPS);
}, 600_000);
