import { printable, UsageError } from "../../core/errors.ts";
import { blockMeans } from "../../gate/judge/block-means.ts";
import { blockNumbers } from "../../gate/judge/block-numbers.ts";
import { blockDeviation, isEnough } from "../../gate/judge/judge-cell.ts";
import { directionsOf } from "../../gate/judge/routing.ts";
import type { BlockLine, BlocksPlan } from "../../record/schema/block-lines.ts";
import { median } from "../../stats/median.ts";
import { blocksFor, detectableEffect } from "../../stats/two-stage-power.ts";
import { countText } from "../../text/count-text.ts";
import { formatPercent, formatSeconds } from "../../text/format.ts";
import type { PairedDecisions } from "./session.ts";

/** The slow-down for which a gate with time to spare adds blocks. */
const AIM = 0.05;
/** The most blocks it then uses. */
const MOST_BLOCKS = 64;
/** Blocks of stage 2 below which a verdict is not worth the time. */
const LEAST_BLOCKS = 6;

/** A cell that is slower is sent on by its median and by its mean. */
const HYPOTHESES = 2;

/** Seconds that starting a block takes, and opening and warming a cell on both sides. */
const START_S = 0.8;
const OPEN_S = 0.5;

/**
 * How a gate plans its blocks. `noise` is each cell's block deviation as a calibration found it; `say` is
 * told what is decided and what can be detected with it.
 */
export function decisionsFor(
  noise: ReadonlyMap<string, number>,
  say: (text: string) => void,
): PairedDecisions {
  return (plan) => ({
    checked(log, cells) {
      if (cells.length === 0) return;
      const checked = log.checked();
      const calls = cells.map(({ case: name }) => checked.get(name)?.base.call_s ?? 0);
      const seconds = START_S + calls.reduce((sum, call) => sum + entrySeconds(plan, call), 0) * 1.1;
      refuseBudget(plan, seconds, cells.length);
      const known = cells.flatMap(({ case: name }) => noise.get(name) ?? []);
      say(
        `stage 1: ${plan.rule.stage1Blocks} blocks of ${countText(cells.length, "cell")}, about ${formatSeconds(seconds, 2)} each` +
          (known.length === 0 ? "" : `${sightText(known, plan, HYPOTHESES)}, judging by the calibration`),
      );
    },
    chooseStage2(blocks, cells, secondsLeft) {
      const { rule } = plan;
      const found = cells.map((name) => ({
        name,
        numbers: blockNumbers(blocks, name, "head"),
        means: blockMeans(blocks, name, "head"),
        sends: directionsOf(blocks, name, rule),
      }));
      const routed = found.filter(({ sends }) => sends.median !== null || sends.mean !== null);
      const unknown = found.filter(
        ({ numbers: { logRatios } }) => !isEnough(logRatios.length, rule.stage1Blocks),
      );
      const deviations = found.flatMap(
        ({ name, numbers }) => noise.get(name) ?? blockDeviation([numbers]) ?? [],
      );
      if (routed.length === 0) {
        say(
          `no stage 2: ${unknown.length > 0 ? `${countText(unknown.length, "cell")} disturbed too often to tell, and none of the others looks changed` : "no cell looks changed"}${sightText(deviations, plan, HYPOTHESES)}`,
        );
        return { cells: [], blocks: rule.stage2Blocks };
      }
      const sent = routed.flatMap(({ numbers, means, sends }) => [
        ...(sends.median === null ? [] : [numbers]),
        ...(sends.mean === null ? [] : [means]),
      ]);
      const noisiest = Math.max(...sent.map((numbers) => blockDeviation([numbers]) ?? 0));
      const each = blockSeconds(blocks, cells.length, routed.length);
      const count = blocksWithin(plan, noisiest, sent.length, each, secondsLeft);
      say(
        `stage 2: ${count} blocks of ${countText(routed.length, "cell")} that may have changed (${namesText(routed.map(({ name }) => name))}), about ${formatSeconds(each, 2)} each` +
          sightText(deviations, { ...plan, rule: { ...rule, stage2Blocks: count } }, sent.length),
      );
      return { cells: routed.map(({ name }) => name), blocks: count };
    },
  });
}

/**
 * Turns of a cell, with opening it: the first call of each slot, and what lies between slots, cost about as
 * much again.
 */
function entrySeconds({ entry_s }: BlocksPlan, callSeconds: number): number {
  return OPEN_S + 2 * Math.max(entry_s, 12 * callSeconds);
}

function refuseBudget({ budget_s, rule }: BlocksPlan, each: number, cells: number): void {
  const needed =
    rule.stage1Blocks * each + LEAST_BLOCKS * (START_S + (each - START_S) * Math.min(1, 3 / (cells + 1)));
  if (budget_s === null || needed <= budget_s) return;
  throw new UsageError(
    `--budget: must be enough for ${rule.stage1Blocks} blocks of ${countText(cells, "cell")} and ${LEAST_BLOCKS} of one that changed, about ${formatSeconds(needed, 2)}, got ${formatSeconds(budget_s)}; allow more, or choose fewer with --cells`,
  );
}

/** Stage 2 holds fewer cells, and the null arm and the fixed kernel again. */
function blockSeconds(first: readonly BlockLine[], cells: number, routed: number): number {
  const usual = median(first.map(({ seconds }) => seconds));
  const entries = (count: number) => count + Math.ceil(count / 10) + 1;
  return START_S + (Math.max(0, usual - START_S) * entries(routed)) / entries(cells);
}

/** As many blocks as the rule has; with a budget, as many as see the aim, as far as it allows. */
function blocksWithin(
  { rule, budget_s }: BlocksPlan,
  deviation: number,
  k: number,
  each: number,
  secondsLeft: number | null,
): number {
  if (budget_s === null || secondsLeft === null) return rule.stage2Blocks;
  const wanted = Math.max(
    rule.stage2Blocks,
    Math.min(MOST_BLOCKS, blocksFor(AIM, deviation, k, rule) ?? MOST_BLOCKS),
  );
  return Math.max(LEAST_BLOCKS, Math.min(wanted, Math.floor(secondsLeft / each)));
}

/**
 * The slow-downs detectable under such noise; nothing if no cell has two blocks, since the noise is then
 * unknown.
 */
function sightText(deviations: readonly number[], { rule }: BlocksPlan, k: number): string {
  if (deviations.length === 0) return "";
  const effects = deviations.map((one) => detectableEffect(one, k, rule));
  const [usual, worst] = [median(effects), Math.max(...effects)].map((one) => formatPercent(one));
  return `; a slow-down of ${usual} would be seen 9 times in 10${usual === worst ? "" : `, of ${worst} in the noisiest cell`}`;
}

const MOST_NAMED = 4;

function namesText(names: readonly string[]): string {
  const more = names.length > MOST_NAMED ? `, ${names.length - MOST_NAMED} more` : "";
  return `${names
    .slice(0, MOST_NAMED)
    .map((one) => printable(one, 80))
    .join(", ")}${more}`;
}
