import { roundMedians } from "../stats/round-medians.ts";
import { cellsOfFile } from "./cells-of-file.ts";
import type { Comparison } from "./comparison.ts";
import { sameInputFile } from "./input-differences.ts";
import type { ComparedFile } from "./remarks.ts";

/** The times of a compared cell, one number per round, in the order of the rounds. */
export interface RoundSamples {
  readonly case: string;
  readonly base: readonly number[];
  readonly head: readonly number[];
}

/** What the ratios of a comparison of these two files are based on, for tools with their own statistics. */
export function roundSamples(base: ComparedFile, head: ComparedFile, { cells }: Comparison): RoundSamples[] {
  const sameInput = sameInputFile(base.run, head.run);
  const after = cellsOfFile(head, sameInput).cells;
  const headNames = new Map<string, string>();
  for (const [key, { identity }] of cellsOfFile(base, sameInput).cells) {
    headNames.set(identity.case, after.get(key)?.identity.case ?? "");
  }
  const [baseRounds, headRounds] = [roundMedians(base.rounds), roundMedians(head.rounds)];
  return cells.map(({ case: name }) => ({
    case: name,
    base: [...(baseRounds.get(name)?.values() ?? [])],
    head: [...(headRounds.get(headNames.get(name) ?? "")?.values() ?? [])],
  }));
}
