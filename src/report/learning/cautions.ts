import type { Results } from "../../record/case-row.ts";
import type { Learned } from "../../record/learned.ts";
import type { StudiedTask, StudyLine } from "../../record/schema/learning-lines.ts";
import { countText } from "../../text/count-text.ts";
import { named } from "../../text/cut-text.ts";
import { formatCount, formatLength, formatPercent } from "../../text/format.ts";
import { shortName } from "../../text/labels.ts";
import { shareText } from "../../text/share-text.ts";
import { sharedSetting } from "../series.ts";
import { isTimed } from "../speed-up.ts";
import { byTask, ceilingOf, type LearnedRow, learnedRows } from "./learned-rows.ts";

/** What would mislead a reader of a study who does not know it: stands beside every accuracy. */
export function cautions(results: Results & { readonly learned: Learned }): readonly string[] {
  const { study } = results.learned;
  const rows = learnedRows(results.learned);
  return [
    ...(study.protocol === "quick" ? [quick(study)] : []),
    `The models are tiny (${models(study.tasks)}): this ranks variants on ${study.tasks.length === 1 ? "this task" : "these tasks"} at this size, not in a language model.`,
    ...study.tasks.map(
      ({ title, limits }) =>
        `What “${shortName(title, 60)}” does not show: ${sentence(shortName(limits, 400))}`,
    ),
    ...larger(rows),
    ...seedsText(study),
    ...ratesText(study),
    ...unreached(rows),
    ...unconverged(rows),
    ...unlearned(results.learned.study, rows),
    ...states(rows),
    ...speeds(results),
  ];
}

function quick({ test_seeds: seeds }: StudyLine): string {
  const count = new Set(seeds).size;
  return `This is a quick study: ${count === 1 ? "one seed" : countText(count, "seed")} each, by learning rates that come with the package, none of them chosen here: an earlier study's where it had the variant on this very task, otherwise one for all, which suits some and not others. It tells what to expect, not which of two variants is better.`;
}

function models(tasks: readonly StudiedTask[]): string {
  const texts = tasks.map(({ model, batch, steps }) =>
    [
      countText(model.layers, "layer"),
      `${model.width} channels`,
      countText(model.heads, "head"),
      model.convolution === 0
        ? "no convolution before attention"
        : `a convolution of ${model.convolution} tokens before attention`,
      ...(model.feed_forward ? ["a feed-forward part"] : ["no feed-forward part"]),
      `${countText(steps, "step")} of ${countText(batch, "example")}`,
    ].join(", "),
  );
  return named([...new Set(texts)], 2);
}

/** Those whose attention learns numbers of its own, which no other model has. */
function larger(rows: readonly LearnedRow[]): readonly string[] {
  const told = byTask(rows).flatMap((own) => {
    const least = own.reduce((few, { cell }) => Math.min(few, cell.parameters ?? few), Number.MAX_VALUE);
    return own.flatMap((row) => {
      const { parameters } = row.cell;
      if (parameters === null || parameters === least) return [];
      const more = parameters - least;
      return [`${placeOf(row, rows)} ${formatCount(more)} (${formatPercent(more / least)})`];
    });
  });
  if (told.length === 0) return [];
  return [
    `Some learn more numbers than the others, because their attention has weights of its own: ${named(told, MOST)}. Part of what they are better or worse at may be that.`,
  ];
}

function seedsText({ test_seeds: seeds, protocol }: StudyLine): readonly string[] {
  const count = new Set(seeds).size;
  if (protocol === "quick" && count === 1) return [];
  return [
    `${countText(count, "test seed")} of each variant: so few show whether seeds differ, and give no interval. Two variants whose dots overlap are not told apart.`,
  ];
}

function ratesText({ protocol, rates, choosing_seeds: seeds, validation_examples: examples }: StudyLine) {
  if (protocol === "quick") return [];
  return [
    `Learning rates are the best of a small grid (${rates.join(", ")}, and beyond where an end was best), chosen by ${countText(new Set(seeds).size, "seed")} on ${countText(examples, "validation example")}, apart from what is tested: with a finer grid, or a schedule of its own, a variant may do better.`,
  ];
}

/** Those whose masks hold answers back. */
function unreached(rows: readonly LearnedRow[]): readonly string[] {
  const short = rows.filter(({ cell }) => cell.reach !== null && cell.reach < ALL);
  if (short.length === 0) return [];
  const told = short.map((row) => {
    const { cell, task } = row;
    const direct = ceilingOf({ reach: cell.direct_reach }, task);
    const once = direct === null ? "" : ` (${shareText(direct)})`;
    return `${placeOf(row, rows)} ${shareText(row.ceiling ?? 0)}${once}`;
  });
  return [
    `Some masks do not let all answers be known, with all layers together: reachable are ${named(told, MOST)}, in brackets what a single layer reaches. To use what only two layers reach, the first must carry on what the second alone can tell to be wanted. What is near its reach did not fail to learn.`,
  ];
}

function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** A mask that reaches more than this is not the limit. */
const ALL = 0.995;
const MOST = 8;

function unconverged(rows: readonly LearnedRow[]): readonly string[] {
  const names = new Set(rows.filter(({ stillGaining }) => stillGaining > 0).map(({ label }) => label));
  if (names.size === 0) return [];
  return [
    `Not converged: ${named([...names], MOST)}. Accuracy still rose at the end, so that it tells how fast they learn, not what they can learn.`,
  ];
}

/**
 * Those that guess although their mask would let them know: a flat curve at chance is no sign that training is over. Answers of one
 * example are not independent, so that each example counts as one draw.
 */
function unlearned({ test_examples: examples }: StudyLine, rows: readonly LearnedRow[]): readonly string[] {
  const isWithin = (guess: number, { accuracy, ceiling }: LearnedRow): boolean => {
    if (accuracy === null || ceiling === null || examples === 0) return false;
    const most = guess + DEVIATIONS * Math.sqrt((guess * (1 - guess)) / examples);
    return accuracy.mean <= most && ceiling > most;
  };
  const guessing = rows.filter((row) => isWithin(row.task.chance, row));
  const cutting = rows.filter((row) => {
    const best = row.task.shortcuts?.at(-1);
    return best !== undefined && !guessing.includes(row) && isWithin(best.accuracy, row);
  });
  const places = (some: readonly LearnedRow[]): string =>
    named(
      some.map((row) => placeOf(row, rows)),
      MOST,
    );
  return [
    ...(guessing.length === 0
      ? []
      : [
          `No better than chance: ${places(guessing)}. Accuracy often stays there for long and then rises within few steps, so that this says what was not learned by then, not what cannot be.`,
        ]),
    ...(cutting.length === 0
      ? []
      : [
          `No better than a shortcut: ${places(cutting)}. A part of an example gives as much away, so that nothing of the rest need have been learned.`,
        ]),
  ];
}

/** Standard deviations that no draw of test examples exceeds: one in 30 000. */
const DEVIATIONS = 4;

/** A variant, and where there are several tasks its task. */
function placeOf({ label, taskLabel }: LearnedRow, rows: readonly LearnedRow[]): string {
  return rows.some((one) => one.taskLabel !== taskLabel) ? `${label} on ${taskLabel}` : label;
}

function states(rows: readonly LearnedRow[]): readonly string[] {
  const known = rows
    .flatMap(({ label, cell }) => (cell.state_numbers === null ? [] : [{ label, state: cell.state_numbers }]))
    .sort((a, b) => a.state - b.state);
  const [least] = known;
  const most = known.find(({ state }) => state === known.at(-1)?.state);
  if (least === undefined || most === undefined || least.state === most.state) return [];
  return [
    `Variants keep between ${formatCount(least.state)} (${least.label}) and ${formatCount(most.state)} (${most.label}) numbers a layer: of two that answer alike the one that keeps less does more with it, and with more to keep, or longer examples, a state that does not grow is full first.`,
  ];
}

/** Speeds in the same file are of other sizes. */
function speeds({ rows, learned }: Results): readonly string[] {
  const timed = rows.filter(isTimed);
  const [task] = learned?.study.tasks ?? [];
  if (timed.length === 0 || task === undefined) return [];
  const lengths = timed.map(({ length }) => length);
  const range = [Math.min, Math.max].map((end) => formatLength(lengths.reduce((a, b) => end(a, b))));
  const { width, heads } = task.model;
  return [
    `Times in this file are of calls that were not trained: ${[...new Set(range)].join(" to ")} tokens (${sharedSetting(rows)}), where what was trained has ${formatLength(task.length)} tokens and ${countText(heads, "head")} of ${Math.round(width / heads)} channels. A variant's parameters, such as a window, may differ as well: each chart says with which it was trained and timed.`,
  ];
}
