import { expect, test } from "vitest";
import { type RandomStream, randomStream } from "../../src/core/random.ts";
import { proportionInterval } from "../../src/stats/proportion-interval.ts";
import { detectionPower } from "../../src/stats/two-stage-power.ts";
import { type Direction, decide, GATE_RULE, routes } from "../../src/stats/two-stage-rule.ts";
import { simulatedRuns } from "../examples.ts";

const CELLS = 100;

/** The noise of the log ratio of one block; `mean` draws that of the mean of several at once, where that is exact. */
interface Noise {
  block(random: RandomStream): number;
  mean(random: RandomStream, blocks: number): number;
}

function normal(sd: number): Noise {
  return {
    block: (random) => sd * random.gaussian(),
    mean: (random, blocks) => (sd / Math.sqrt(blocks)) * random.gaussian(),
  };
}

function fromBlocks(block: Noise["block"]): Noise {
  return {
    block,
    mean: (random, blocks) => {
      let sum = 0;
      for (let count = 0; count < blocks; count++) sum += block(random);
      return sum / blocks;
    },
  };
}

/** Student's t with three degrees of freedom, scaled to this standard deviation. */
function heavyTailed(sd: number): Noise {
  return fromBlocks((random) => {
    const squares = random.gaussian() ** 2 + random.gaussian() ** 2 + random.gaussian() ** 2;
    return (sd * random.gaussian()) / Math.sqrt(squares);
  });
}

/** One block in twenty is off by five times as much. */
function contaminated(sd: number): Noise {
  return fromBlocks((random) => sd * random.gaussian() * (random.uniform() < 0.05 ? 5 : 1));
}

/**
 * What the gate says of cells that changed by these log ratios. Their minima repeat their medians: that they might not
 * agree can only take verdicts away. As many cells as were routed one way share alpha, and only that way is a verdict.
 */
function gate(
  changes: readonly number[],
  noise: Noise,
  random: RandomStream,
  rule = GATE_RULE,
): (Direction | null)[] {
  const routed = changes.map((change) => routes([change + noise.mean(random, rule.stage1Blocks)], rule));
  return routed.map((route, cell) => {
    if (route === null) return null;
    const logRatios = Array.from({ length: rule.stage2Blocks }, () => changes[cell] + noise.block(random));
    const k = routed.filter((other) => other === route).length;
    const { direction } = decide({ logRatios, minima: logRatios }, k, rule);
    return direction === route ? direction : null;
  });
}

const unchanged = Array<number>(CELLS).fill(0);

function falseAlarms(noise: Noise, runs: number, random: RandomStream): number {
  let alarms = 0;
  for (let run = 0; run < runs; run++) {
    if (gate(unchanged, noise, random).some((verdict) => verdict !== null)) alarms++;
  }
  return alarms;
}

test("runs of 100 unchanged cells have no false alarm, 4500 of which prove under 0.07 % of runs at 95 %", () => {
  const random = randomStream(70);
  // Nearly all of what is to be expected stands in the noise of 4 %: one cell in 300 000 is mistaken for slower.
  const alarms = [0.02, 0.03, 0.04].map((sd) => falseAlarms(normal(sd), simulatedRuns(1500), random));
  expect(alarms).toEqual([0, 0, 0]);
  expect(proportionInterval(0, 4500, 0.9).high).toBeLessThan(0.0007);
});

test.each([
  { name: "heavy-tailed noise of 2 %", noise: heavyTailed(0.02) },
  { name: "heavy-tailed noise of 4 %", noise: heavyTailed(0.04) },
  { name: "noise of 2 % with outliers", noise: contaminated(0.02) },
  { name: "noise of 3 % with outliers", noise: contaminated(0.03) },
])("in $name no run of 100 unchanged cells has a false alarm either", ({ name, noise }) => {
  const alarms = falseAlarms(noise, simulatedRuns(400), randomStream(71, name.length));
  expect(alarms).toBe(0);
});

test("whatever the noise and however many cells are routed, fewer than alpha false alarms are to be expected", () => {
  // What stage 1 sends on is at most all cells; from there it is stage 2 alone that may be mistaken.
  const all = { ...GATE_RULE, routeAbove: -0.999 };
  for (const sd of [0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.1, 0.3]) {
    for (const k of [1, 5, 20, 100]) {
      expect(k * detectionPower(0, sd, k, all)).toBeLessThan(GATE_RULE.alpha);
    }
  }
});

test.each([
  { effect: 0.05, sd: 0.02, blocks: 16, from: 0.99, to: 1 },
  { effect: 0.05, sd: 0.03, blocks: 16, from: 0.91, to: 0.95 },
  { effect: 0.05, sd: 0.04, blocks: 16, from: 0.49, to: 0.57 },
  { effect: 0.05, sd: 0.04, blocks: 32, from: 0.91, to: 0.96 },
  { effect: 0.1, sd: 0.02, blocks: 16, from: 0.999, to: 1 },
  { effect: 0.1, sd: 0.04, blocks: 16, from: 0.999, to: 1 },
])(
  "a slow-down of $effect among 99 unchanged cells in noise of $sd, $blocks blocks, is caught in $from to $to of runs, as predicted",
  ({ effect, sd, blocks, from, to }) => {
    const random = randomStream(72, sd * 100, blocks);
    const rule = { ...GATE_RULE, stage2Blocks: blocks };
    const changes = unchanged.with(0, Math.log1p(effect));
    const runs = simulatedRuns(1000);
    let caught = 0;
    for (let run = 0; run < runs; run++)
      if (gate(changes, normal(sd), random, rule)[0] === "slower") caught++;
    const predicted = meanPower(effect, sd, rule);
    expect(Math.abs(caught / runs - predicted)).toBeLessThan(
      4 * Math.sqrt((predicted * (1 - predicted)) / runs) + 1 / runs,
    );
    expect(predicted).toBeGreaterThanOrEqual(from);
    expect(predicted).toBeLessThanOrEqual(to);
  },
);

/** `detectionPower` over how many of the other cells are routed as well. */
function meanPower(effect: number, sd: number, rule: typeof GATE_RULE): number {
  const noise = normal(sd);
  const random = randomStream(73);
  const draws = 400;
  const powers = new Map<number, number>();
  let sum = 0;
  for (let draw = 0; draw < draws; draw++) {
    let k = 1;
    for (let cell = 1; cell < CELLS; cell++) {
      if (routes([noise.mean(random, rule.stage1Blocks)], rule) === "slower") k++;
    }
    const power = powers.get(k) ?? detectionPower(effect, sd, k, rule);
    powers.set(k, power);
    sum += power;
  }
  return sum / draws;
}

test("a bias that slows every second arm shows in the twins of base, so that the run is inconclusive", () => {
  // A tenth of the cells run base against a second load of base, as one more run of the gate.
  const twins = CELLS / 10;
  const inconclusive = (bias: number, runs: number, random: RandomStream) => {
    let count = 0;
    for (let run = 0; run < runs; run++) {
      if (gate(Array(twins).fill(bias), normal(0.03), random).some((verdict) => verdict !== null)) count++;
    }
    return count;
  };
  const random = randomStream(74);
  const runs = simulatedRuns(500);
  expect(inconclusive(Math.log1p(0.05), runs, random)).toBe(runs);
  expect(inconclusive(-Math.log1p(0.05), runs, random)).toBe(runs);
  // Without a bias, no run in 5000 is called inconclusive: they cost nothing.
  expect(inconclusive(0, simulatedRuns(5000), random)).toBe(0);
});
