import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { randomStream } from "../../../src/core/random.ts";
import { BestIndices } from "../../../src/kernels/js/best-indices.ts";
import { Workspace } from "../../../src/kernels/workspace.ts";

const script = fileURLToPath(new URL("./allocating-calls.ts", import.meta.url));

/** One byte for each row of the call: two readings of the clock, and no number of any row. */
const LESS_THAN_ROWS = 800;

it("a call that chooses allocates nothing on the JavaScript heap for its rows", () => {
  const output = execFileSync(process.execPath, ["--expose-gc", script], { encoding: "utf8" });
  const counted = output
    .trim()
    .split("\n")
    .map((line): { name: string; bytesACall: number } => JSON.parse(line));
  expect(counted.length).toBeGreaterThanOrEqual(5);
  expect(counted.filter(({ bytesACall }) => !(bytesACall < LESS_THAN_ROWS))).toEqual([]);
});

it("the best indices are those of sorting, the first of equal scores, in rising order, and NaN last", () => {
  const random = randomStream(1);
  for (let time = 0; time < 500; time++) {
    const count = 1 + random.below(40);
    const taken = random.below(count + 1);
    const drawn = [Number.NaN, Number.NEGATIVE_INFINITY, -1, 0, 0.5, 2, Number.POSITIVE_INFINITY];
    const scores = Float64Array.from({ length: count }, () => drawn[random.below(drawn.length)]);
    const known = [...scores].map((score) => (Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score));
    const to = new Int32Array(count + 2).fill(-1);
    new BestIndices(taken, new Workspace()).write(scores, count, taken, to, 1);
    const expected = known
      .map((score, at) => ({ score, at }))
      .sort((a, b) => (a.score === b.score ? a.at - b.at : b.score - a.score))
      .slice(0, taken)
      .map(({ at }) => at)
      .sort((a, b) => a - b);
    expect([...to]).toEqual([-1, ...expected, ...Array(count + 1 - taken).fill(-1)]);
  }
});
