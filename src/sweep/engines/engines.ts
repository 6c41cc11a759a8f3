import type * as z from "zod";
import type { Engine } from "./engine.ts";
import { kubernetesEngine } from "./kubernetes/kubernetes.ts";
import { localSettings } from "./local/settings.ts";
import { slurmEngine } from "./slurm/slurm.ts";

/** What measures here, in the foreground. */
export const LOCAL = "local";

/** What shards can be handed over to, by their names in a plan. */
const engines: readonly Engine[] = [slurmEngine(), kubernetesEngine];

/** What a plan may say of a class of machines, by the names of engines. */
export const ENGINE_SETTINGS: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  [LOCAL, localSettings],
  ...engines.map(({ id, settings }) => [id, settings] as const),
]);

/** The engine of a name; null for what measures here. */
export function engineOf(name: string): Engine | null {
  return engines.find(({ id }) => id === name) ?? null;
}
