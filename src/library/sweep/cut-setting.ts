import type { InputSource } from "../../core/tensors.ts";
import type { Plan } from "../../record/schema/result-lines.ts";
import { type Cut, cutShards } from "../../sweep/cut-shards.ts";
import type { RunOptions, SweepPlan } from "../../sweep/plan/plan.ts";
import type { Shard } from "../../sweep/shard.ts";
import { nameOfContent } from "../../sweep/shard-name.ts";
import type { LoadedCatalogue } from "../catalogue.ts";
import { givenInputs } from "../given-inputs.ts";
import { inputHash } from "../input-hash.ts";
import { planOf } from "../plan-of.ts";
import { plannedLengths } from "../plan-options.ts";
import { unitKey, unitsWithBaseline, wordsOf } from "./chosen-units.ts";
import type { LoadedCode } from "./loaded-code.ts";
import type { OneBaseline } from "./one-baseline.ts";
import { choicesOf } from "./option-forms.ts";
import { uncomparedIn } from "./uncompared.ts";
import { type PlannedUnits, placeOf, unitsOf } from "./units.ts";

/** Options that say how variants are, and not in which setting. */
const OF_VARIANTS = ["set", "curve"] as const;

/** A shard of whatever class of machines and repeat. */
export interface CutShard {
  readonly cut: Cut;
  readonly options: Shard["options"];
  /** What is measured, and how: equal texts are the same. */
  readonly content: string;
  /** What it compares with nothing on this machine, in lines. */
  readonly uncompared: readonly string[];
}

/** Cuts what one setting measures that no earlier one does. `planned` remembers what those did, `one` their baseline. */
export async function cutSetting(
  given: RunOptions,
  plan: SweepPlan,
  loaded: LoadedCode,
  planned: Set<string>,
  one: OneBaseline,
): Promise<readonly CutShard[]> {
  const asked = { ...choicesOf(given), variants: plan.variants, lengths: plan.lengths };
  const catalogue = await loaded.catalogue(asked);
  const baseline = one.idIn(catalogue.variants);
  const budget = asked.budget ?? `${plan.shard.seconds}s`;
  const all = { ...asked, budget };
  const chosen = unitsWithBaseline(baseline, all, catalogue);
  for (const unit of chosen.filter(({ id }) => id === baseline)) one.take(unit);
  const base = JSON.stringify(
    Object.entries(given).filter(([name]) => !OF_VARIANTS.some((one) => one === name)),
  );
  // A variant whose parameters are those of an earlier setting is not even planned again.
  const fresh = chosen.filter((unit) => !planned.has(unitKey(base, unit)));
  for (const unit of fresh) planned.add(unitKey(base, unit));
  if (fresh.length === 0) return [];
  const kept = chosen.filter(({ id }) => id === baseline || fresh.some((unit) => unit.id === id));
  // The baseline may have been set without being among those asked for.
  const source = await loaded.source({ ...all, variants: chosen.map(({ id }) => id) }, catalogue);
  const lengths = plannedLengths(all, source);
  const words = { ...all, ...wordsOf(kept, all, catalogue), lengths: lengths.map(String) };
  const made = planOf(words, catalogue, source, baseline);
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
      uncompared: uncomparedIn(casesOf(made, ids, cut.lengths), baseline),
      options: optionsOf(given, wordsOf(own, all, catalogue), {
        lengths: cut.lengths.map(String),
        budget: String(budget),
      }),
      content: nameOfContent([
        how,
        [...new Set(identities)].sort(),
        ...(one.told === undefined ? [] : [one.told]),
      ]),
    };
  });
}

function casesOf({ cases }: Plan, variants: ReadonlySet<string>, lengths: readonly number[]) {
  return { cases: cases.filter((one) => variants.has(one.variant) && lengths.includes(one.length)) };
}

/** What is measured, in front of how. */
function optionsOf(
  { set: _, curve: __, ...given }: RunOptions,
  { variants, set, curve }: ReturnType<typeof wordsOf>,
  rest: Shard["options"],
): Shard["options"] {
  return {
    variants,
    ...(set.length > 0 && { set }),
    ...(curve.length > 0 && { curve }),
    ...given,
    ...rest,
  };
}

/** All that the numbers of a case depend on besides what it is, as far as it is the same on every machine. */
function howMeasured(plan: Plan, given: RunOptions, catalogue: LoadedCatalogue, source: InputSource): string {
  const { seed, rounds, budget_s, deadline_s, input, tensors, simd } = plan;
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
