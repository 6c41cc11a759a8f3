import { FailureError, messageOf, UsageError } from "../../core/errors.ts";
import { remembered } from "../../core/remembered.ts";
import type { InputSource } from "../../core/tensors.ts";
import { findVariant } from "../../core/variant.ts";
import { openInput } from "../../input/open-input.ts";
import type { Plan } from "../../record/schema/result-lines.ts";
import { type Cut, cutShards } from "../../sweep/cut-shards.ts";
import { countSettings, type GridSetting, gridSettings } from "../../sweep/plan/grid-settings.ts";
import type { RunOptions, SweepPlan } from "../../sweep/plan/plan.ts";
import type { ReadPlan } from "../../sweep/plan/read-plan.ts";
import type { Shard } from "../../sweep/shard.ts";
import { nameOfContent } from "../../sweep/shard-name.ts";
import { parseLengths } from "../../text/units.ts";
import { type LoadedCatalogue, loadCatalogue } from "../catalogue.ts";
import { curveWords, parseCurves } from "../curves.ts";
import { readingOf } from "../file-reading.ts";
import { givenInputs } from "../given-inputs.ts";
import type { Host } from "../host.ts";
import { inputHash } from "../input-hash.ts";
import { kernelEntries, pluginsWith } from "../kernel-choice.ts";
import { planOf } from "../plan-of.ts";
import { chosenOf, inputOf, plannedLengths, type TypedChoices } from "../plan-options.ts";
import type { ChosenVariant } from "../settings.ts";
import { simdOf } from "../simd-option.ts";
import { choicesOf } from "./option-forms.ts";
import { type PlannedUnits, placeOf, unitsOf } from "./units.ts";

/** The most cases and shards of a sweep: more would be measured for years. */
export const MOST_CASES = 10_000_000;
const MOST_SHARDS = 200_000;

/** Seconds of planning about which nothing need be said. */
const QUIET_S = 2;

/** Options by which code and inputs are loaded: the grid goes through the others first. */
const LOADING = ["plugin", "python", "simd", "kernel", "input", "tensors", "seed", "layer"] as const;
/** Options that say how variants are, and not in which setting. */
const OF_VARIANTS = ["set", "curve"] as const;

/**
 * Makes the shards of a plan: validates every setting of its grid as `run` validates its options, predicts what its cases
 * take, and cuts it. Each setting is planned once, for all classes of machines and all repeats, and a variant that is the
 * same in several settings is in one of them.
 */
export async function planSweep(
  { plan, at }: ReadPlan,
  { observe, now }: Pick<Host, "observe" | "now">,
): Promise<readonly Shard[]> {
  refuseMany(plan, at);
  const copies = plan.machines.length * plan.repeats;
  const total = countSettings(plan);
  const loaded = new Loaded();
  const planned = new Set<string>();
  const cuts: { readonly cut: Cut; readonly options: Shard["options"]; readonly content: string }[] = [];
  let cases = 0;
  let done = 0;
  const began = now();
  try {
    for (const setting of gridSettings(plan, LOADING)) {
      if (now() - began > QUIET_S)
        observe({
          phase: "plan",
          case: setting.chosen
            .map(({ option }) => `${option}=${setting.options[option] ?? "usual"}`)
            .join(" "),
          done,
          total,
          secondsLeft: done === 0 ? null : ((now() - began) / done) * (total - done),
        });
      done++;
      for (const one of await placed(setting, plan, at, () =>
        cutSetting(setting.options, plan, loaded, planned),
      )) {
        cuts.push(one);
        cases += one.cut.cases * copies;
      }
      if (cases > MOST_CASES || cuts.length * copies > MOST_SHARDS) {
        throw tooMany(
          at,
          `${cases} cases in ${cuts.length * copies} shards after ${done} of ${total} settings`,
        );
      }
    }
  } finally {
    await loaded.close();
  }
  if (cuts.length === 0)
    throw new UsageError(`${at(["exclude"])}: must leave something of the grid, got nothing`);
  return plan.machines.flatMap(({ name: machine }) =>
    Array.from({ length: plan.repeats }, (_, repeat) =>
      cuts.map(({ cut, options, content }) => ({
        name: nameOfContent([machine, repeat, content]),
        machine,
        repeat,
        options,
        cases: cut.cases,
        predicted_s: Number(cut.seconds.toPrecision(4)),
      })),
    ).flat(),
  );
}

/** Refuses a grid whose size is beyond all reason before anything is made of it. */
function refuseMany(plan: SweepPlan, at: ReadPlan["at"]): void {
  const variants = plan.variants?.split(",").length ?? 1;
  const lengths = plan.lengths === undefined ? 1 : lengthsIn(plan.lengths, at).length;
  const least = countSettings(plan) * plan.machines.length * plan.repeats * variants * lengths;
  if (plan.exclude.length === 0 ? least > MOST_CASES : countSettings(plan) > MOST_CASES) {
    throw tooMany(at, `${least} or more`);
  }
}

function tooMany(at: ReadPlan["at"], got: string): UsageError {
  return new UsageError(
    `${at(["grid"])}: grid: must have at most ${MOST_CASES} cases in ${MOST_SHARDS} shards, all repeats on all machines counted, got ${got}; leave out values, or make several sweeps of it`,
  );
}

function lengthsIn(text: string, at: ReadPlan["at"]): readonly number[] {
  try {
    return parseLengths("lengths", text);
  } catch (thrown) {
    throw thrown instanceof UsageError
      ? new UsageError(`${at(["grid", "lengths"])}: ${thrown.message}`)
      : thrown;
  }
}

/** Has an error say which setting it is about, and where that stands in the plan. */
async function placed<T>(
  { chosen, options }: GridSetting,
  plan: SweepPlan,
  at: ReadPlan["at"],
  make: () => Promise<T>,
): Promise<T> {
  try {
    return await make();
  } catch (thrown) {
    if (!(thrown instanceof UsageError || thrown instanceof FailureError)) throw thrown;
    const message = messageOf(thrown);
    const option = /^--([a-z][a-z-]*)/.exec(message)?.[1] ?? "";
    const axis = chosen.find((one) => one.option === option);
    const several = plan.axes.filter(({ values }) => values.length > 1);
    const inWords = several.map((one) => `${one.option}=${options[one.option] ?? "usual"}`).join(" ");
    const where =
      axis !== undefined
        ? at(["grid", option, axis.index])
        : at(options[option] === undefined ? ["grid", option] : ["settings", option]);
    const Kind = thrown instanceof UsageError ? UsageError : FailureError;
    throw new Kind(`${where}${inWords === "" ? "" : `, with ${inWords}`}: ${message}`, { cause: thrown });
  }
}

/** Cuts what one setting measures that no earlier one does. `planned` remembers what those did. */
async function cutSetting(
  given: RunOptions,
  plan: SweepPlan,
  loaded: Loaded,
  planned: Set<string>,
): Promise<readonly { readonly cut: Cut; readonly options: Shard["options"]; readonly content: string }[]> {
  const asked = { ...choicesOf(given), variants: plan.variants, lengths: plan.lengths };
  const catalogue = await loaded.catalogue(asked);
  const baseline = findVariant(catalogue.variants, plan.baseline).id;
  const budget = asked.budget ?? `${plan.shard.seconds}s`;
  const all = { ...asked, budget };
  const chosen = withBaseline(chosenOf(all, catalogue), baseline, all, catalogue);
  const base = JSON.stringify(
    Object.entries(given).filter(([name]) => !OF_VARIANTS.some((one) => one === name)),
  );
  // A variant whose parameters are those of an earlier setting is not even planned again.
  const fresh = chosen.filter((one) => !planned.has(keyOf(base, one)));
  for (const one of fresh) planned.add(keyOf(base, one));
  if (fresh.length === 0) return [];
  const kept = chosen.filter(({ id }) => id === baseline || fresh.some((one) => one.id === id));
  const source = await loaded.source(all, catalogue);
  const lengths = plannedLengths(all, source);
  const words = { ...all, ...wordsOf(kept, all, catalogue), lengths: lengths.map(String) };
  const made = planOf(words, catalogue, source);
  const auto = (all.kernel ?? "auto") === "auto";
  const units = unitsOf(made, baseline, { catalogue, source, auto });
  const how = howMeasured(made, given, catalogue, source);
  const news = units.units.filter(({ variant }) => isNew(planned, how, units, variant, lengths));
  const isNewBaseline = isNew(planned, how, units, baseline, lengths);
  if (news.length === 0 && !isNewBaseline) return [];
  return cutShards(news, units.baseline, plan.shard).map((cut) => {
    const ids = new Set([baseline, ...cut.variants]);
    const own = kept.filter(({ id }) => ids.has(id));
    const identities = [...ids].flatMap((variant) =>
      cut.lengths.flatMap((length) => units.identities.get(placeOf(variant, length)) ?? []),
    );
    return {
      cut,
      options: { ...given, budget, ...wordsOf(own, all, catalogue), lengths: cut.lengths.map(String) },
      content: nameOfContent([how, [...new Set(identities)].sort()]),
    };
  });
}

/** A variant with all that was set for it, once for each value of its curve. */
interface ChosenUnit {
  readonly id: string;
  readonly entries: readonly ChosenVariant[];
}

/** The chosen variants, the baseline first, whether it was chosen or not. */
function withBaseline(
  chosen: readonly ChosenVariant[],
  baseline: string,
  asked: TypedChoices,
  catalogue: LoadedCatalogue,
): readonly ChosenUnit[] {
  const has = chosen.some(({ variant }) => variant.id === baseline);
  const all = has
    ? chosen
    : chosenOf(
        { ...asked, variants: [baseline, ...new Set(chosen.map(({ variant }) => variant.id))] },
        catalogue,
      );
  const units = [...Map.groupBy(all, ({ variant }) => variant.id)].map(([id, entries]) => ({ id, entries }));
  return [...units.filter(({ id }) => id === baseline), ...units.filter(({ id }) => id !== baseline)];
}

function keyOf(base: string, { id, entries }: ChosenUnit): string {
  return nameOfContent([base, id, entries.map(({ overrides }) => Object.entries(overrides).sort())]);
}

/** The options that choose these variants with their parameters, and nothing else. */
function wordsOf(
  units: readonly ChosenUnit[],
  { curve }: Pick<TypedChoices, "curve">,
  { variants }: LoadedCatalogue,
): {
  readonly variants: readonly string[];
  readonly set?: readonly string[];
  readonly curve?: readonly string[];
} {
  const curves = parseCurves(variants, curveWords(curve));
  const own = curves.filter(({ variant }) => units.some(({ id }) => id === variant.id));
  const set = units.flatMap(({ id, entries }) => {
    const along = own.find(({ variant }) => variant.id === id)?.parameter;
    const [first] = entries;
    return Object.entries(first.overrides)
      .filter(([name]) => name !== along)
      .map(([name, value]) => `${id}.${name}=${value ?? "none"}`);
  });
  return {
    variants: units.map(({ id }) => id),
    ...(set.length > 0 && { set: set.sort() }),
    ...(own.length > 0 && { curve: own.map(({ text }) => text) }),
  };
}

/** All that the numbers of a case depend on besides what it is, as far as it is the same on every machine. */
function howMeasured(plan: Plan, given: RunOptions, catalogue: LoadedCatalogue, source: InputSource): string {
  const { seed, rounds, budget_s, deadline_s, input, tensors, simd, plugins } = plan;
  const { kernel = "auto", python, workloads } = given;
  const content = inputHash(source, plan, source.stored ? givenInputs(plan, source, catalogue) : []);
  const code = catalogue.plugins;
  return JSON.stringify({
    seed,
    rounds,
    budget_s,
    deadline_s,
    input: content ?? input,
    tensors,
    simd,
    plugins,
    kernel,
    python,
    workloads,
    code,
  });
}

/** Whether no earlier setting has the same cases of a variant, which from then on count as planned. */
function isNew(
  planned: Set<string>,
  how: string,
  { identities }: PlannedUnits,
  variant: string,
  lengths: readonly number[],
): boolean {
  const key = nameOfContent([
    how,
    lengths.flatMap((length) => identities.get(placeOf(variant, length)) ?? []),
  ]);
  const before = planned.size;
  planned.add(key);
  return planned.size > before;
}

/** Code and inputs, each loaded once: of inputs, which may be large, the last is kept. */
class Loaded {
  readonly #catalogues = new Map<string, Promise<LoadedCatalogue>>();
  #last: { readonly key: string; readonly source: Promise<InputSource> } | null = null;

  catalogue(choices: TypedChoices): Promise<LoadedCatalogue> {
    const plugins = pluginsWith(choices);
    const named = kernelEntries(choices.kernel) ?? [];
    const key = JSON.stringify([plugins, choices.simd ?? null, named]);
    return remembered(this.#catalogues, key, () => loadCatalogue(plugins, simdOf(choices.simd), named));
  }

  source(choices: TypedChoices, catalogue: LoadedCatalogue): Promise<InputSource> {
    const { spec, seed, tensors } = inputOf(choices);
    const reading = readingOf(choices, catalogue);
    const key = JSON.stringify([spec, seed, tensors ?? null, reading]);
    if (this.#last?.key !== key) this.#last = { key, source: openInput(spec, seed, tensors, reading) };
    return this.#last.source;
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#catalogues.values());
    for (const one of opened) if (one.status === "fulfilled") await one.value.close();
  }
}
