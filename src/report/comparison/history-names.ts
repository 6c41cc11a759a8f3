import type { Comparison } from "../../compare/comparison.ts";
import { labeller, shortName } from "../../text/labels.ts";

/** Longer ones are refused by some services. */
const LONGEST = 1000;

/**
 * What a service that keeps a history calls a case: its name in the results file, which depends on no other
 * case, so that it is the same from run to run.
 */
export function historyNames({ cells, work }: Comparison): (id: string) => string {
  const label = labeller();
  const ids = new Set([...cells, ...work].map((one) => one.case));
  const names = new Map([...ids].map((id) => [id, label([shortName(id, LONGEST) || "unnamed"])]));
  return (id) => names.get(id) ?? shortName(id, LONGEST);
}
