import { remembered } from "../../core/remembered.ts";
import type { InputSource } from "../../core/tensors.ts";
import { identityKey } from "../../record/schema/identity.ts";
import type { Plan } from "../../record/schema/result-lines.ts";
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

/** What is known of where a plan was made. */
interface Made {
  readonly catalogue: LoadedCatalogue;
  readonly source: InputSource;
  /** Whether kernels were left to `auto`. */
  readonly auto: boolean;
}

/** Sums up what the cases of a plan take. */
export function unitsOf(plan: Plan, baseline: string, { catalogue, source, auto }: Made): PlannedUnits {
  const { kinds, variants, kernels } = catalogue;
  const problems = new MeasuredProblems(plan, { kinds, variants, kernels, source, now: () => 0 });
  const identities = new Map<string, string[]>();
  const units = new Map<string, Map<number, Summed>>();
  const own = new Map<number, SummedBaseline>();
  for (const one of plan.cases) {
    // Which kernel `auto` takes is a matter of the machine.
    const identity = identityKey(one, ["kernel"]);
    const known = remembered(identities, placeOf(one.variant, one.length), () => []);
    const cost = {
      cases: 1,
      unsupported: one.unsupported === null ? 0 : 1,
      seconds: expectedSeconds(one, plan, problems),
    };
    if (one.variant !== baseline) {
      const at = remembered(units, one.variant, () => new Map<number, Summed>());
      const sum = remembered(at, one.length, () => ({ ...NOTHING, kernels: [] }));
      add(sum, cost);
      if (one.unsupported === null) sum.kernels.push(one.kernel);
    } else {
      const sum = remembered(own, one.length, () => ({ ...NOTHING, beside: new Map() }));
      // Under `auto` a case that comes a second time is there by another kernel, beside which others are seen.
      if (!auto || !known.includes(identity)) add(sum, cost);
      else
        add(
          remembered(sum.beside, one.kernel, () => ({ ...NOTHING })),
          cost,
        );
    }
    known.push(identity);
  }
  return { units: [...units].map(([variant, at]) => ({ variant, at })), baseline: own, identities };
}

type Changing<T> = { -readonly [Name in keyof T]: T[Name] };
type Summed = Changing<Cost> & { readonly kernels: string[] };
type SummedBaseline = Changing<Cost> & { readonly beside: Map<string, Changing<Cost>> };

const NOTHING: Cost = { cases: 0, unsupported: 0, seconds: 0 };

function add(sum: Changing<Cost>, { cases, unsupported, seconds }: Cost): void {
  sum.cases += cases;
  sum.unsupported += unsupported;
  sum.seconds += seconds;
}
