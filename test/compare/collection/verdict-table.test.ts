import { expect, test } from "vitest";
import { verdictTable } from "../../../src/compare/collection/verdict-table.ts";
import {
  cellEvidence,
  comparedCell,
  compareTimes,
  type TimedCell,
} from "../../../src/compare/compare-times.ts";
import type { Verdict } from "../../../src/compare/comparison.ts";
import { timedCells } from "../../../src/compare/timed-cells.ts";
import { randomStream } from "../../../src/core/random.ts";
import { type FileOptions, fileResults } from "../two-files.ts";

/** Cells of many kinds: slowed, sped up, noisy, of few rounds, with costs on few calls. */
function cells(seed: number): readonly TimedCell[] {
  const random = randomStream(seed);
  return [4, 6, 7, 15].flatMap((rounds) => {
    const slow = new Map<string, number>();
    const common: FileOptions = { rounds, noise: 0.01, lengths: [16, 32, 64, 128, 256] };
    const change = ({ case: name }: { readonly case: string }) => {
      const factor = slow.get(name) ?? [1, 1, 1.02, 1.1, 1.5, 0.8][random.below(6)];
      slow.set(name, factor);
      return factor;
    };
    const [base, head] = [
      fileResults({ ...common, seed: random.uint32() }),
      fileResults({ ...common, seed: random.uint32(), slow: change }),
    ];
    return timedCells(base, head, () => true).timed;
  });
}

test("verdicts from the numbers that are kept are those of all cells at once", () => {
  const seen = new Set<Verdict>();
  for (let seed = 0; seed < 20; seed++) {
    const all = cells(seed);
    const expected = compareTimes(all, 0.03);
    const evidenceOf = cellEvidence();
    const table = verdictTable();
    for (const cell of all) table.add(evidenceOf(cell));
    const judged = table.judge(0.03);
    expect(all.map((cell, at) => comparedCell(cell, evidenceOf(cell), judged.inView(at), 0.03))).toEqual(
      expected,
    );
    for (const verdict of Object.keys(judged.counts) as Verdict[]) {
      expect(judged.counts[verdict]).toBe(expected.filter((cell) => cell.verdict === verdict).length);
    }
    const changed = expected.flatMap(({ verdict }, cell) =>
      verdict === "slower" || verdict === "faster" ? [{ cell, verdict }] : [],
    );
    expect(judged.changed.map(({ cell, verdict }) => ({ cell, verdict }))).toEqual(changed);
    for (const { verdict, log } of judged.changed) expect(log > 0).toBe(verdict === "slower");
    for (const { verdict } of expected) seen.add(verdict);
  }
  expect([...seen].sort()).toEqual(
    ["faster", "same", "same-median", "slower", "unresolved"].filter((one) => seen.has(one as Verdict)),
  );
  for (const verdict of ["slower", "faster", "unresolved", "same"] as const) expect(seen).toContain(verdict);
});
