import { expect, it } from "vitest";
import { CHUNK, INFINITY_BITS, mostUlps, SATURATED_BITS, tanhOfBuilds } from "./tanh-error.ts";

const MOST_ULPS = 6.2;

it(`tanh of every float32 number is at most ${MOST_ULPS} units in the last place off in every build`, () => {
  const most = tanhOfBuilds.map(() => 0);
  const bits = new Uint32Array(CHUNK);
  const numbers = new Float32Array(bits.buffer);
  const exact = new Float64Array(CHUNK);
  // It is odd to the bit, which the short test shows.
  for (let from = 0; from < INFINITY_BITS; from += CHUNK) {
    for (let at = 0; at < CHUNK; at++) bits[at] = from + at;
    for (let at = 0; at < CHUNK; at++) exact[at] = from > SATURATED_BITS ? 1 : Math.tanh(numbers[at]);
    for (const [build, { tanh }] of tanhOfBuilds.entries()) {
      most[build] = Math.max(most[build], mostUlps(exact, tanh(numbers)));
    }
  }
  for (const error of most) expect(error).toBeLessThanOrEqual(MOST_ULPS);
}, 600_000);
