import { withSketches } from "../../src/library/sketches.ts";
import { type Results, summarize } from "../../src/record/case-row.ts";
import type { CaseLine } from "../../src/record/schema/result-lines.ts";
import { type SampleOptions, sampleResults } from "./sample-results.ts";

export interface LayerOptions extends SampleOptions {
  /** Seconds of the projections of one call; at 4 GFLOP/s, as the heads, if omitted. */
  readonly projected?: (variant: string, length: number) => number;
  /** Whether a kernel says what its projections took. */
  readonly says?: boolean;
}

/** Width of a token, and of eight heads together. */
const WIDTH = 512;
const HEADS = 8;

/** Results of layers that never were: eight heads of the sample's laws, and four projections of every token. */
export function sampleLayers(options: LayerOptions = {}): Results {
  const flops = (length: number) => 8 * length * WIDTH ** 2;
  const { projected = (_, length) => flops(length) / 4e9, says = true, ...others } = options;
  const { name, run, rows, rounds } = sampleResults(others);
  const byCase = new Map(rows.map((row) => [row.case, row]));
  const cases = rows.map((row): CaseLine => {
    const { useful_flops, executed_flops, length } = row;
    const work = (heads: number | null) => (heads === null ? null : HEADS * heads + flops(length));
    return {
      ...row,
      type: "case",
      heads: HEADS,
      head_dim: WIDTH / HEADS,
      model_dim: WIDTH,
      positions: "sinusoidal",
      project_flops: flops(length),
      useful_flops: work(useful_flops),
      executed_flops: work(executed_flops),
      fidelity_error: null,
    };
  });
  const lines = rounds.map((round, at) => {
    const row = byCase.get(round.case);
    // A clock of its own in every round, a thousandth off to either side.
    const seconds = row === undefined ? 0 : projected(row.variant, row.length);
    const samples = round.samples.map((sample) => HEADS * sample + seconds);
    return { ...round, samples, ...(says && { project_s: seconds * (at % 2 === 0 ? 1.001 : 0.999) }) };
  });
  return withSketches(summarize(name, run, [...cases, ...lines]));
}
