import type { InputSource } from "../../core/tensors.ts";
import { identityKey } from "../../record/schema/identity.ts";
import type { Plan, PlannedCase } from "../../record/schema/result-lines.ts";
import { MeasuredProblems } from "../../run/measured-problems.ts";
import type { BaselineCost, Cost, Unit } from "../../sweep/cut-shards.ts";
import type { LoadedCatalogue } from "../catalogue.ts";
import { expectedSeconds } from "./expected-seconds.ts";

/** What a plan measures, variant by variant. */
export interface PlannedUnits {
  /** All but the baseline, in order. */
  readonly units: readonly Unit[];
  readonly baseline: ReadonlyMap<number, BaselineCost>;
  /** What each variant's cases at each length are, by `variant length`: equal texts are the same cases, on any machine. */
  readonly identities: ReadonlyMap<string, readonly string[]>;
}

/** Where the cases of a variant at a length are found. */
export function placeOf(variant: string, length: number): string {
  return `${variant} ${length}`;
}

/** Sums up what the cases of a plan take, which `auto` chose the kernels of or not. */
export function unitsOf(
  plan: Plan,
  baseline: string,
  {
    catalogue,
    source,
    auto,
  }: { readonly catalogue: LoadedCatalogue; readonly source: InputSource; readonly auto: boolean },
): PlannedUnits {
  const { kinds, variants, kernels } = catalogue;
  const problems = new MeasuredProblems(plan, { kinds, variants, kernels, source, now: () => 0 });
  const identities = new Map<string, string[]>();
  const costs = new Map<string, Map<number, { cases: number; seconds: number; kernels: string[] }>>();
  const own = new Map<
    number,
    { cases: number; seconds: number; beside: Map<string, Cost>; modes: Set<string> }
  >();
  for (const one of plan.cases) {
    const seconds = expectedSeconds(one, plan, problems);
    const place = placeOf(one.variant, one.length);
    const known = identities.get(place) ?? [];
    // Which kernel `auto` takes is a matter of the machine.
    known.push(identityKey(one, ["kernel"]));
    identities.set(place, known);
    if (one.variant === baseline) {
      const here = own.get(one.length) ?? { cases: 0, seconds: 0, beside: new Map(), modes: new Set() };
      own.set(one.length, here);
      const what = besideKey(one);
      if (auto && here.modes.has(what))
        here.beside.set(one.kernel, plus(here.beside.get(one.kernel), seconds));
      else {
        here.modes.add(what);
        here.cases++;
        here.seconds += seconds;
      }
      continue;
    }
    const at =
      costs.get(one.variant) ?? new Map<number, { cases: number; seconds: number; kernels: string[] }>();
    costs.set(one.variant, at);
    const cost = at.get(one.length) ?? { cases: 0, seconds: 0, kernels: [] };
    at.set(one.length, cost);
    cost.cases++;
    cost.seconds += seconds;
    if (one.unsupported === null) cost.kernels.push(one.kernel);
  }
  return {
    units: [...costs].map(([variant, at]) => ({ variant, at })),
    baseline: own,
    identities,
  };
}

/** Under `auto` a case that comes a second time is there by another kernel, beside which others are seen. */
function besideKey(one: PlannedCase): string {
  return identityKey(one, ["kernel"]);
}

function plus(cost: Cost | undefined, seconds: number): Cost {
  return { cases: (cost?.cases ?? 0) + 1, seconds: (cost?.seconds ?? 0) + seconds };
}
