import type { CaseRow } from "../../record/case-row.ts";
import { median } from "../../stats/median.ts";
import { countText } from "../../text/count-text.ts";
import { formatPercent } from "../../text/format.ts";
import { halfWidth } from "../tables/cell.ts";

/**
 * Whether the numbers can be trusted: what was measured, how often, how precisely, and how many oddities
 * there are.
 */
export function trust(rows: readonly CaseRow[], warnings: number): string {
  if (rows.length === 0) return "The file holds no case.";
  const count = (outcome: CaseRow["outcome"]) => rows.filter((row) => row.outcome === outcome).length;
  const measured = count("measured");
  const rest = (["skipped", "unproven", "failed"] as const)
    .filter((outcome) => count(outcome) > 0)
    .map((outcome) => `${count(outcome)} ${outcome}`);
  if (measured === 0)
    return `Nothing was measured: of ${countText(rows.length, "case")} ${rest.join(" and ")}.`;
  const tail = rest.length === 0 ? "" : `, ${rest.join(", ")}: the table says why`;
  const parts = [
    `${measured} of ${countText(rows.length, "case")} measured${tail}`,
    gate(rows),
    spread(rows),
    odd(warnings),
  ];
  return `${parts.filter(Boolean).join("; ")}.`;
}

/** How near any case came to its error budget. */
function gate(rows: readonly CaseRow[]): string {
  const shares = rows.flatMap(({ outcome, gate_error: error, gate_budget: budget }) =>
    outcome === "measured" && error !== null && budget !== null && budget > 0 ? [error / budget] : [],
  );
  return shares.length === 0
    ? "no error budget was recorded"
    : `errors are at most ${formatPercent(largest(shares))} of their budgets`;
}

function spread(rows: readonly CaseRow[]): string {
  const widths = rows.map(halfWidth).filter((width) => width !== null);
  if (widths.length === 0) return "no time has an interval, which needs six rounds";
  return `95 % intervals of time are typically ±${formatPercent(median(widths), 1)}, at worst ±${formatPercent(largest(widths), 1)}`;
}

/** For any number of values: some files have a hundred thousand lines. */
function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

function odd(warnings: number): string {
  if (warnings === 0) return "nothing is odd about them";
  return countText(warnings, "warning");
}
