import type { CaseIdentity } from "../record/schema/result-lines.ts";
import { roundMedians } from "../stats/round-medians.ts";
import { cellsOfFile } from "./cells-of-file.ts";
import type { TimedCell } from "./compare-times.ts";
import type { OneSided } from "./comparison.ts";
import { sameInputFile } from "./input-differences.ts";
import { matchCells } from "./match-cells.ts";
import type { ComparedFile } from "./remarks.ts";
import { roundMeans } from "./round-means.ts";

/** The chosen cells that both files have times for, with those times, and those that only one has. */
export function timedCells(
  base: ComparedFile,
  head: ComparedFile,
  chosen: (cell: CaseIdentity) => boolean,
): { readonly timed: readonly TimedCell[]; readonly oneSided: readonly OneSided[] } {
  const sameInput = sameInputFile(base.run, head.run);
  const [before, after] = [cellsOfFile(base, sameInput), cellsOfFile(head, sameInput)];
  const { matched, oneSided } = matchCells(before.cells, after.cells, chosen);
  const [baseRounds, headRounds] = [roundMedians(base.rounds), roundMedians(head.rounds)];
  const [baseMeans, headMeans] = [roundMeans(base.rounds), roundMeans(head.rounds)];
  const timed = matched.map((cell) => ({
    ...cell,
    baseMeans: baseMeans.get(cell.base.case) ?? new Map(),
    headMeans: headMeans.get(cell.head.case) ?? new Map(),
    baseRounds: baseRounds.get(cell.base.case) ?? new Map(),
    headRounds: headRounds.get(cell.head.case) ?? new Map(),
  }));
  return { timed, oneSided };
}

/** The cells that either file plans. */
export function identitiesIn(base: ComparedFile, head: ComparedFile): readonly CaseIdentity[] {
  const sameInput = sameInputFile(base.run, head.run);
  return [base, head].flatMap((file) =>
    [...cellsOfFile(file, sameInput).cells.values()].map(({ identity }) => identity),
  );
}
