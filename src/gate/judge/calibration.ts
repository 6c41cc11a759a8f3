import type { ReadBlocks } from "../../record/read-blocks.ts";
import type { Interval } from "../../stats/median-interval.ts";
import { proportionInterval } from "../../stats/proportion-interval.ts";
import { blocksFor, detectableEffect } from "../../stats/two-stage-power.ts";
import { blockNoise, meanNoise } from "./block-noise.ts";
import { type JudgedRun, judgeRun, mostUnresolved } from "./judge-run.ts";

/** A count out of a total, with the exact 95 % interval of the underlying rate. */
export interface Rate {
  readonly count: number;
  readonly of: number;
  readonly interval: Interval | null;
}

/** What a gate can see of one cell on this machine. */
export interface CalibratedCell {
  readonly case: string;
  /** Standard deviation of its blocks' log ratios. */
  readonly deviation: number;
  /** The smallest slow-down that a gate sees 9 times in 10, as a share. */
  readonly detectable: number;
  /** Blocks of stage 2 that see the aim; null if 256 do not. */
  readonly blocks: number | null;
  /** The same for its means; null if the file holds none. */
  readonly mean: { readonly deviation: number; readonly detectable: number } | null;
}

/** What a calibration found: the method at work on code that is known to have changed or not. */
export interface Calibration {
  readonly inject: number;
  /** The slow-down that `blocks` refer to. */
  readonly aim: number;
  readonly cells: readonly CalibratedCell[];
  /** Runs in which an unchanged cell came out slower, or faster. */
  readonly falseAlarms: Rate;
  /** The same for single cells that were not changed. */
  readonly falseCells: Rate;
  /** Of the cells that were slowed down, those that came out slower; null if none was. */
  readonly detected: Rate | null;
  /** Inconclusive runs. */
  readonly inconclusive: Rate;
}

/** The slow-down for which the table gives the blocks. */
const AIM = 0.05;

/** Sums up the finished runs of a file of blocks. */
export function calibrationOf(blocks: ReadBlocks): Calibration {
  const { plan } = blocks.gate;
  const stages = blocks.lines.filter((line) => line.type === "stage");
  const runs = [...new Set(stages.filter(({ stage }) => stage === 2).map(({ run }) => run))].map((run) =>
    judgeRun(blocks, run, new Set()),
  );
  const said = runs.filter(({ spoiled }) => spoiled.length === 0);
  const changed = (one: JudgedRun) =>
    one.cells.filter(({ case: name, verdict }) => name !== one.injected && isChange(verdict)).length;
  const unchanged = (one: JudgedRun) => one.cells.filter(({ case: name }) => name !== one.injected).length;
  const injected = said.filter((one) => one.injected !== null);
  const hits = injected.filter((one) => {
    return one.cells.some(({ case: name, verdict }) => name === one.injected && verdict === "slower");
  });
  const ofMeans = meanNoise(blocks);
  // A cell that is slower is sent on by its median and, if there are any, by its means.
  const k = ofMeans.size > 0 ? 2 : 1;
  const seen = (deviation: number) => ({ deviation, detectable: detectableEffect(deviation, k, plan.rule) });
  return {
    inject: plan.inject,
    aim: AIM,
    cells: [...blockNoise(blocks)].map(([name, deviation]) => {
      const ofMean = ofMeans.get(name);
      const mean = ofMean === undefined ? null : seen(ofMean);
      return { case: name, ...seen(deviation), blocks: blocksFor(AIM, deviation, k, plan.rule), mean };
    }),
    falseAlarms: rate(said.filter((one) => changed(one) > 0).length, said.length),
    falseCells: rate(total(said.map(changed)), total(said.map(unchanged))),
    detected: plan.inject === 0 ? null : rate(hits.length, injected.length),
    inconclusive: rate(runs.filter(isInconclusive).length, runs.length),
  };
}

function isChange(verdict: string): boolean {
  return verdict === "slower" || verdict === "faster";
}

/** Without the cell that was slowed down. */
function isInconclusive(judged: JudgedRun): boolean {
  const { spoiled, doubts, cells, injected } = judged;
  if (spoiled.length > 0) return true;
  if (cells.some(({ case: name, verdict }) => name === injected && verdict === "slower")) return false;
  return doubts.length > 0 || mostUnresolved(judged) !== null;
}

function rate(count: number, of: number): Rate {
  return { count, of, interval: of === 0 ? null : proportionInterval(count, of) };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0);
}
