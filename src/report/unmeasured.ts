import { printable } from "../core/errors.ts";
import type { CaseRow } from "../record/case-row.ts";
import { countText } from "../text/count-text.ts";
import { placedRemarks } from "./places.ts";

/** What failed or was skipped and why: each reason once, with how many cases it is that of, and which. */
export function unmeasuredLines(rows: readonly CaseRow[]): readonly string[] {
  return (["failed", "unproven", "skipped"] as const).flatMap((outcome) => {
    const without = rows.filter((row) => row.outcome === outcome);
    const reasons = new Map(without.map((row) => [row, row.reason ?? "no reason given"]));
    // What is wrong in failed cases is told to the last digit.
    const told = outcome === "skipped" ? joined([...new Set(reasons.values())]) : new Map<string, string>();
    return placedRemarks(rows, (row) => {
      const reason = reasons.get(row);
      return reason === undefined ? [] : [told.get(reason) ?? reason];
    }).map(({ text, places, cases }) => {
      const count = cases > 1 ? `${countText(cases, "case")}, ` : "";
      return `${outcome}: ${count}${places}: ${printable(text, 500)}`;
    });
  });
}

/** A reason as `rule, got value; what to do`. */
const RULE = /^(?<rule>.*?, got )(?<got>.*?)(?<advice>; [^;]*)?$/s;

/** What is said in the place of each reason: those that differ only in what was got are one. */
function joined(reasons: readonly string[]): ReadonlyMap<string, string> {
  const byRule = Map.groupBy(reasons, (reason) => {
    const { rule, advice = "" } = RULE.exec(reason)?.groups ?? {};
    return rule === undefined ? reason : rule + advice;
  });
  return new Map(
    [...byRule.values()].flatMap((alike) =>
      alike.map((reason) => [reason, alike.length === 1 ? reason : withOthers(alike[0])] as const),
    ),
  );
}

function withOthers(reason: string): string {
  return reason.replace(
    RULE,
    (_, rule: string, got: string, advice = "") => `${rule}${got} and others${advice}`,
  );
}
