import type { RandomStream } from "../../src/core/random.ts";
import { type Direction, decide, GATE_RULE, routes, routesMean } from "../../src/stats/two-stage-rule.ts";

/** The log ratio of one block's means, of code that did not change or did. */
export type BlockMean = (random: RandomStream) => number;

/** What a pause of the machine, or a cost of the code, comes to: a share of a block's usual time in either side. */
function ratioOf(head: number, base: number): number {
  return Math.log((1 + head) / (1 + base));
}

/** A count with this mean, drawn as the gaps between events are. */
function poisson(mean: number, random: RandomStream): number {
  let count = 0;
  for (let left = mean + Math.log(1 - random.uniform()); left > 0; count++)
    left += Math.log(1 - random.uniform());
  return count;
}

/** Block means of unchanged code on machines, and of code, that make them scatter each in its own way. */
export const unchangedMeans = {
  "noise of 2 %": (random) => 0.02 * random.gaussian(),
  "noise of 5 %": (random) => 0.05 * random.gaussian(),
  "a pause of up to half a block's time, in one block of ten": (random) => {
    const pause = random.uniform() < 0.1 ? random.uniform() / 2 : 0;
    const own = 0.02 * random.gaussian();
    return own + (random.uniform() < 0.5 ? ratioOf(pause, 0) : ratioOf(0, pause));
  },
  "costs of its own on few calls, on both sides": (random) => {
    return 0.01 * random.gaussian() + ratioOf(0.08 * poisson(1, random), 0.08 * poisson(1, random));
  },
  "rare and large costs of its own": (random) => {
    return 0.01 * random.gaussian() + ratioOf(0.5 * poisson(0.2, random), 0.5 * poisson(0.2, random));
  },
  "heavy tails": (random) => {
    const squares = random.gaussian() ** 2 + random.gaussian() ** 2 + random.gaussian() ** 2;
    return (0.03 * random.gaussian()) / Math.sqrt(squares);
  },
} as const satisfies Record<string, BlockMean>;

/** A cost of head that falls `events` times in a block as a rule, and comes to this share of the time in the long run. */
export function costlyMeans(share: number, events: number, noise: number): BlockMean {
  return (random) => noise * random.gaussian() + ratioOf((share / events) * poisson(events, random), 0);
}

/** What a gate says of the medians and means of so many cells; `changed` is the mean of the first. */
export function gateOfBoth(
  cells: number,
  ofMean: BlockMean,
  random: RandomStream,
  changed: BlockMean = ofMean,
): readonly { readonly median: Direction | null; readonly mean: Direction | null }[] {
  const { stage1Blocks, stage2Blocks } = GATE_RULE;
  const draw = (of: BlockMean, blocks: number) => Array.from({ length: blocks }, () => of(random));
  const median: BlockMean = (stream) => 0.02 * stream.gaussian();
  const measures = Array.from({ length: cells }, (_, at) => [median, at === 0 ? changed : ofMean]);
  const routed = measures.map(([medians, means]) => [
    routes(draw(medians, stage1Blocks)),
    routesMean(draw(means, stage1Blocks)),
  ]);
  const verdict = (route: Direction | null, of: BlockMean, guarded: boolean): Direction | null => {
    if (route === null) return null;
    const k = Math.max(2, routed.flat().filter((other) => other === route).length);
    const logRatios = draw(of, stage2Blocks);
    const { direction } = decide({ logRatios, minima: guarded ? logRatios : null }, k);
    return direction === route ? direction : null;
  };
  return measures.map(([medians, means], at) => ({
    median: verdict(routed[at][0], medians, true),
    mean: verdict(routed[at][1], means, false),
  }));
}

/** Of so many runs over unchanged code, those in which anything came out slower. */
export function redRuns(runs: number, cells: number, ofMean: BlockMean, random: RandomStream): number {
  let red = 0;
  for (let run = 0; run < runs; run++) {
    const found = gateOfBoth(cells, ofMean, random);
    if (found.some(({ median, mean }) => median === "slower" || mean === "slower")) red++;
  }
  return red;
}
