import type { Comparison } from "../../compare/comparison.ts";
import { labeller, shortName } from "../../text/labels.ts";

/** Some services refuse longer ones. */
const LONGEST = 1000;

/**
 * A case's name for a service that keeps a history: its name in the results file, which depends on no other
 * case, so it is the same from run to run.
 */
export function historyNames({ cells, work }: Comparison): (id: string) => string {
  const label = labeller();
  const ids = new Set([...cells, ...work].map((one) => one.case));
  const names = new Map([...ids].map((id) => [id, label([shortName(id, LONGEST) || "unnamed"])]));
  return (id) => names.get(id) ?? shortName(id, LONGEST);
}
