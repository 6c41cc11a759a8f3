import { availableParallelism } from "node:os";
import { STUDY_DEFAULTS } from "../../core/defaults.ts";
import { printable, UsageError } from "../../core/errors.ts";
import type { Variant } from "../../core/variant.ts";
import type { PluginExports } from "../../plugins/plugin-exports.ts";
import { findTask } from "../../tasks/index.ts";
import { bindTask, readTask, taskName } from "../../tasks/named-task.ts";
import type { BoundTask, LearningTask, ModelSizes, NamedTask } from "../../tasks/task.ts";
import { parseInteger, type Typed } from "../../text/units.ts";
import { USUAL_SETTINGS, USUAL_VARIANTS } from "../../training/study/usual-cells.ts";
import { type ChosenVariant, chooseVariants, type Settings, settingsOf } from "../settings.ts";

/** What is trained: the options of `attnbench train`, as values or as typed. */
export interface StudyChoices {
  /** Ids, aliases or @tags; ten of them if omitted. */
  readonly variants?: string | readonly string[] | undefined;
  /** Parameters, as for `run`. */
  readonly set?: Settings | undefined;
  /** Such as `mqar` or `mqar:pairs=8,selective-copy`; `mqar` if omitted. */
  readonly tasks?: string | readonly string[] | undefined;
  /** Widths of a head, each of which makes every task once; each task's own if omitted. */
  readonly headDims?: string | readonly number[] | undefined;
  /** The grid of rates, the same for every variant. */
  readonly rates?: string | readonly number[] | undefined;
  /** How many seeds are reported. */
  readonly seeds?: Typed | undefined;
  /** Steps of a run; each task's own if omitted. */
  readonly steps?: Typed | undefined;
  /** One seed each, by the rates that come with the package. */
  readonly quick?: boolean | undefined;
  /** Processes that train at once; one a core if omitted. */
  readonly workers?: Typed | undefined;
  readonly plugins?: readonly (string | PluginExports)[] | undefined;
}

/** The choices, read. */
export interface StudySpec {
  readonly variants: readonly ChosenVariant[];
  readonly tasks: readonly StudyTask[];
  readonly rates: readonly number[];
  readonly seeds: number;
  readonly quick: boolean;
}

/** A task with the model that learns it. */
export interface StudyTask {
  /** Names it in the file. */
  readonly name: string;
  readonly task: LearningTask;
  readonly values: NamedTask["values"];
  readonly bound: BoundTask;
  readonly model: ModelSizes;
  readonly batch: number;
  readonly steps: number;
}

const LIMITS = { seeds: 100, steps: 1_000_000, workers: 256, rates: 20, most: 10_000 } as const;

/** Reads what was chosen. */
export function studySpec(known: readonly Variant[], choices: StudyChoices): StudySpec {
  const { quick = false } = choices;
  if (quick && choices.rates !== undefined) {
    throw new UsageError(
      "--rates: --quick has one rate for each variant, from its table; omit one of the two",
    );
  }
  const steps = choices.steps === undefined ? null : parseInteger("--steps", choices.steps, 10, LIMITS.steps);
  return {
    variants: variantsOf(known, choices),
    tasks: tasksOf(choices, steps),
    rates: quick ? STUDY_DEFAULTS.rates : ratesOf(choices.rates),
    seeds:
      choices.seeds === undefined
        ? quick
          ? 1
          : STUDY_DEFAULTS.seeds
        : parseInteger("--seeds", choices.seeds, 1, LIMITS.seeds),
    quick,
  };
}

/** How many processes train at once. */
export function workersOf(typed: Typed | undefined): number {
  return typed === undefined
    ? Math.min(availableParallelism(), LIMITS.workers)
    : parseInteger("--workers", typed, 1, LIMITS.workers);
}

function variantsOf(known: readonly Variant[], { variants, set }: StudyChoices): readonly ChosenVariant[] {
  const named = typeof variants === "object" ? variants.join(",") : variants;
  const chosen = chooseVariants(known, named ?? USUAL_VARIANTS.join(","), settingsOf(set));
  return chosen.map(({ variant, overrides }) => {
    const usual = chooseVariants(known, variant.id, USUAL_SETTINGS[variant.id] ?? [])[0];
    return { variant, overrides: { ...usual.overrides, ...overrides } };
  });
}

function tasksOf(
  { tasks = STUDY_DEFAULTS.tasks, headDims }: StudyChoices,
  steps: number | null,
): readonly StudyTask[] {
  const named = typeof tasks === "string" ? tasks.split(",") : tasks;
  const widths = headDims === undefined ? [null] : widthsOf(headDims);
  const all = named.map(readTask).flatMap((one) => {
    const bound = bindTask(one);
    return widths.map((width): StudyTask => {
      const { batch, steps: usualSteps, ...model } = bound.usual;
      const isUsual = width === null || width === model.width / model.heads;
      return {
        name: isUsual ? taskName(one) : `${taskName(one)} head-dim=${width}`,
        task: findTask(one.task),
        values: one.values,
        bound,
        model: width === null ? model : { ...model, heads: headsOf(model.width, width) },
        batch,
        steps: steps ?? usualSteps,
      };
    });
  });
  const twice = all.find(({ name }, index) => all.findIndex((one) => one.name === name) < index);
  if (twice !== undefined)
    throw new UsageError(`--tasks: ${printable(twice.name)} is named twice; name it once`);
  return all;
}

function widthsOf(typed: string | readonly number[]): readonly number[] {
  const items = typeof typed === "string" ? typed.split(",") : typed;
  return [...new Set(items.map((one) => parseInteger("--head-dims", one, 1, 256)))];
}

function headsOf(width: number, headDim: number): number {
  if (width % headDim === 0) return width / headDim;
  throw new UsageError(
    `--head-dims: must divide the ${width} channels of a token, got ${headDim}; name one such as 8, 16 or 32`,
  );
}

function ratesOf(typed: StudyChoices["rates"]): readonly number[] {
  if (typed === undefined) return STUDY_DEFAULTS.rates;
  const items = typeof typed === "string" ? typed.split(",") : typed.map(String);
  const rates = items.map((item) => {
    const rate = /^\d*\.?\d+(e-?\d+)?$/i.test(item.trim()) ? Number(item) : Number.NaN;
    if (rate >= 1e-6 && rate <= 10) return rate;
    throw new UsageError(
      `--rates: must be rates from 1e-6 to 10 between commas, such as .003,.01,.03, got '${printable(item, 40)}'`,
    );
  });
  const distinct = [...new Set(rates)].sort((a, b) => a - b);
  if (distinct.length > LIMITS.rates) {
    throw new UsageError(`--rates: must be at most ${LIMITS.rates} rates, got ${distinct.length}; omit some`);
  }
  return distinct;
}
