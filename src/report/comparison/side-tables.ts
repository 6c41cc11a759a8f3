import type { Comparison, OneSided, Side, WorkChange } from "../../compare/comparison.ts";
import { shortName } from "../../text/labels.ts";
import { caseNames } from "./cell-names.ts";
import { changeText, intervalText, meanChange, UNKNOWN } from "./change-text.ts";
import { isBroken } from "./verdicts.ts";

/** What a comparison says besides the times of its cells, as a table. Its texts may hold anything. */
export interface SideTable {
  readonly title: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** How many columns are numbers: the last ones, before the `words` at the end. */
  readonly numbers: number;
  readonly words: number;
}

/** Ratios of groups of cells. */
export function groupTable({ groups, margin }: Comparison): SideTable {
  return {
    title: "Groups",
    heads: ["group", "cells", "geometric mean", "interval"],
    rows: groups.map(({ name, cells, time }) => [
      shortName(name, 80),
      `${cells}`,
      meanChange(time, margin),
      intervalText(time),
    ]),
    numbers: 3,
    words: 0,
  };
}

/** Work that differs, to the last digit; unaccepted changes first. */
export function workTable(comparison: Comparison, changes = comparison.work): SideTable {
  const nameOf = caseNames(comparison);
  return {
    title: "Changed work",
    heads: ["case", "quantity", "base", "head", "change", "accepted"],
    rows: changes
      .toSorted((a, b) => Number(a.accepted) - Number(b.accepted))
      .map((change) => [
        nameOf(change.case),
        shortName(change.quantity.replaceAll("_", " "), 40),
        exact(change.base),
        exact(change.head),
        workChange(change),
        change.accepted ? "yes" : "no",
      ]),
    numbers: 3,
    words: 1,
  };
}

/** Cells that only one side has; those broken in head first. */
export function oneSidedTable(comparison: Comparison, cells = comparison.oneSided): SideTable {
  const nameOf = caseNames(comparison);
  return {
    title: "On one side only",
    heads: ["case", "measured in", "why not in the other"],
    rows: cells
      .toSorted((a, b) => Number(isBroken(b)) - Number(isBroken(a)))
      .map((one) => [nameOf(one.case), one.side, reasonText(one)]),
    numbers: 0,
    words: 2,
  };
}

/** What the environments do not share. */
export function differenceTable({ differences }: Comparison): SideTable {
  return {
    title: "Differences of the environments",
    heads: ["what", "base", "head"],
    rows: differences.map(({ field, base, head }) => [shortName(field, 40), base, head]),
    numbers: 0,
    words: 2,
  };
}

/** `work.jsonl (0123456789ab, with changes)`. */
export function sideText({ name, commit, dirty }: Side): string {
  const version = [
    ...(commit === null ? [] : [shortName(commit, 12).replace(/…$/, "")]),
    ...(dirty === true ? ["with changes"] : []),
  ];
  return `${shortName(name, 200)}${version.length === 0 ? "" : ` (${version.join(", ")})`}`;
}

/** Why a cell has only one side. */
function reasonText(one: OneSided): string {
  return isBroken(one) ? `BROKEN: ${one.reason}` : one.reason;
}

/** How much a quantity has changed. */
export function workChange({ base, head }: WorkChange): string {
  return base !== null && head !== null && base > 0 ? changeText(head / base) : UNKNOWN;
}

/** All digits: there is no noise in them. */
export function exact(value: number | null): string {
  return value === null ? UNKNOWN : `${value}`;
}
