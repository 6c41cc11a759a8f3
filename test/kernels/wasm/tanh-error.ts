import { FLOAT32_LEAST } from "../../../src/core/error-budget.ts";
import { Arena } from "../../../src/kernels/wasm/arena.ts";
import { BUILD_NAMES, openBuild } from "../../../src/kernels/wasm/build.ts";
import { TANH_WORDS } from "../../../src/kernels/wasm/layout.ts";

/** Bits of the least float32 number from which on tanh is 1 to float32's last place, and of infinity. */
export const SATURATED_BITS = 0x41102cb4;
export const INFINITY_BITS = 0x7f800000;

/** Numbers whose tanh is taken at once. */
export const CHUNK = 2 ** 16;

/** The tanh of each build, of up to `CHUNK` numbers at once. */
export const tanhOfBuilds = BUILD_NAMES.map((name) => {
  const build = openBuild(name);
  if (typeof build === "string") throw new Error(build);
  const arena = new Arena();
  const { start } = arena.reserve((2 * CHUNK + TANH_WORDS) * 4);
  const from = arena.floats(start, CHUNK);
  const to = arena.floats(start + CHUNK * 4, CHUNK);
  const { tanhFloats } = arena.instance(build);
  return {
    name,
    /** A view that the next call overwrites. */
    tanh(numbers: Float32Array): Float32Array {
      from.fill(0).set(numbers);
      tanhFloats(start, CHUNK, start + CHUNK * 4, start + 2 * CHUNK * 4);
      return to.subarray(0, numbers.length);
    },
  };
});

/** Errors of float32 numbers against float64, in units of the last place of the true number. */
export function mostUlps(exact: Float64Array, got: Float32Array): number {
  let most = 0;
  for (let at = 0; at < exact.length; at++) {
    const error = Math.abs(got[at] - exact[at]) / lastPlace(exact[at]);
    if (!(error <= most)) most = error;
  }
  return most;
}

const TOP = new Float32Array(1);
const TOP_BITS = new Uint32Array(TOP.buffer);

/** The distance of float32 numbers near `x`. */
function lastPlace(x: number): number {
  TOP[0] = Math.max(Math.abs(x), FLOAT32_LEAST);
  // Rounding may have raised the power of 2.
  if (TOP[0] > Math.abs(x) && Math.abs(x) > FLOAT32_LEAST) TOP_BITS[0]--;
  return 2 ** ((TOP_BITS[0] >>> 23) - 127 - 23);
}
