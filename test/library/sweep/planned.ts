import { RUN_OPTION_FORMS } from "../../../src/library/sweep/option-forms.ts";
import { planSweep } from "../../../src/library/sweep/plan-sweep.ts";
import { ENGINE_SETTINGS } from "../../../src/sweep/engines/engines.ts";
import { type ReadPlan, readPlan } from "../../../src/sweep/plan/read-plan.ts";
import type { Shard } from "../../../src/sweep/shard.ts";

/** A plan as data, or as text. */
export function readPlanned(plan: object | string): ReadPlan {
  const text = typeof plan === "string" ? plan : JSON.stringify(plan);
  return readPlan("p.yaml", text, { options: RUN_OPTION_FORMS, engines: ENGINE_SETTINGS });
}

/** What is made of a plan. */
export function planned(plan: object | string): ReturnType<typeof planSweep> {
  return planSweep(readPlanned(plan), { observe: () => {}, now: () => 0, warn: () => {} });
}

/** Its shards. */
export async function shardsOf(plan: object | string): Promise<readonly Shard[]> {
  return (await planned(plan)).shards;
}
