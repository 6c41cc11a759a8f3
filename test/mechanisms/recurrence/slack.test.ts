import { describe, expect, it } from "vitest";
import { shapeOf } from "../../../src/core/shape.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { float64 } from "../../../src/mechanisms/oracle.ts";
import { expectation } from "../../../src/verify/expectation.ts";
import { lightning } from "../../../variants/recurrence/lightning.ts";
import { retention } from "../../../variants/recurrence/retention.ts";
import { problemOf } from "../../kernels/arbitrary-problems.ts";

const LONG = 65_536;
const WIDTH = 4;
const rows = [0, 1000, LONG - 2, LONG - 1].map((row) => ({ batch: 0, head: 0, row }));

/** One head of decays `kept`, in float32 throughout, as the plainest kernel would do it. */
function inFloat32({ inputs }: ReturnType<typeof problemOf>, kept: number): Float32Array {
  const { fround } = Math;
  const { q, k, v } = inputs;
  const state = new Float32Array(WIDTH * WIDTH);
  const out = new Float32Array(v.length);
  const decay = fround(kept);
  for (let at = 0; at < v.length; at += WIDTH) {
    for (let c = 0; c < WIDTH; c++) {
      for (let j = 0; j < WIDTH; j++) {
        const written = fround(k[at + c] * v[at + j]);
        state[c * WIDTH + j] = fround(fround(decay * state[c * WIDTH + j]) + written);
        out[at + j] = fround(out[at + j] + fround(fround(q[at + c] / 2) * state[c * WIDTH + j]));
      }
    }
  }
  return out;
}

describe("slack of recurrences over 65 536 tokens", () => {
  // Of sixteen heads the last remembers 256 tokens by lightning attention, and a million by retention.
  const one = shapeOf({ batch: 1, heads: 1, length: LONG, headDim: WIDTH });

  it.each([
    [lightning, Math.exp(-(2 ** -8))],
    [retention, 31 / 32],
  ])(
    "lets a float32 decay pass that is off by a rounding for ever, and not one that is off by 30",
    (variant, kept) => {
      const problem = problemOf(parameterize(variant, {}).mechanism, one, true);
      const expected = expectation(problem, problem.kind.oracle(problem), rows, 0);
      expect(expected.unproven).toBeNull();
      expect(expected.compare(inFloat32(problem, kept)).failure).toBeNull();
      expect(expected.compare(inFloat32(problem, kept + 2 ** -24)).failure).toBeNull();
      expect(expected.compare(inFloat32(problem, kept + 30 * 2 ** -23)).failure).toMatch(/over budget/);
    },
  );

  it("is of decays by as many roundings as are remembered: a head that remembers longer has more", () => {
    const heads = shapeOf({ batch: 1, heads: 8, length: LONG, headDim: WIDTH });
    const problem = problemOf(parameterize(retention, {}).mechanism, heads, true);
    const shares = [0, 7].map((head) => {
      const places = Array.from({ length: 8 }, (_, at) => ({ batch: 0, head, row: LONG - 1 - 97 * at }));
      const found = problem.kind.oracle(problem).rows(places, float64);
      const size = Math.hypot(...found.flatMap(({ values }) => [...values]));
      return Math.hypot(...found.flatMap((row) => [...row.slack()])) / size;
    });
    // 32 and 4096 tokens.
    expect(shares[1] / shares[0]).toBeGreaterThan(8);
    expect(shares[1]).toBeLessThan(1e-3);
  });
});
