import { variants } from "../../variants/index.ts";
import type { CaseRow, Results } from "../record/case-row.ts";
import { identityKey } from "../record/schema/identity.ts";

/**
 * Adds which cases compute the same function as another of the results, in another way: those of built-in variants, since
 * the file does not hold what a plug-in declared.
 */
export function withTwins<R extends Results>(results: R): R {
  const byIdentity = new Map(results.rows.map((row) => [identityKey(row, ["input"]), row.case]));
  const twins = new Map<string, string>();
  for (const row of results.rows) {
    const twin = twinOf(row);
    const found = twin === null ? undefined : byIdentity.get(identityKey(twin, ["input"]));
    if (found !== undefined) twins.set(row.case, found);
  }
  return { ...results, twins };
}

/** What a case that computes the same would be; null if no variant does. */
function twinOf(row: CaseRow): CaseRow | null {
  const variant = variants.find(({ id }) => id === row.variant);
  const twin = variant?.twin?.(row.params) ?? null;
  return twin === null ? null : { ...row, ...twin };
}
