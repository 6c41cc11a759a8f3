import { expect, test } from "vitest";
import { crossover, findings } from "../../src/report/findings.ts";
import { growthLines } from "../../src/report/growth.ts";
import { seriesOf } from "../../src/report/series.ts";
import { warningsOf } from "../../src/report/warnings.ts";
import { sampleResults } from "./sample-results.ts";

const quiet = { noise: 0 };

test("the findings name the fastest at each stretch of lengths, and from where each variant pays off", () => {
  expect(findings(sampleResults(quiet).rows)).toEqual([
    "Fastest: stride at 256–1k, linear at 2k–4k (17.1 ms, 63× as fast as full).",
    "Faster than full: stride, global, linear at every length measured; local, longformer, bigbird from 512.",
    "35 of 35 cases measured.",
  ]);
});

test("variants whose intervals meet are both named as the fastest, the lower median first", () => {
  const { rows } = sampleResults({ ...quiet, variants: 3, lengths: [1024, 2048, 4096] });
  const times: Readonly<Record<string, readonly (readonly [number, number, number])[]>> = {
    full: [
      [9, 8, 10],
      [9, 8, 10],
      [5.5, 5.2, 6],
    ],
    local: [
      [4, 3.9, 4.1],
      [2.1, 1.9, 2.2],
      [4.9, 4.5, 5.3],
    ],
    stride: [
      [2, 1.9, 2.1],
      [2, 1.9, 2.1],
      [5, 4, 5.1],
    ],
  };
  const timed = rows.map((row) => {
    const [median_s, low_s, high_s] = times[row.variant][Math.log2(row.length / 1024)];
    return { ...row, median_s, low_s, high_s };
  });
  const [sentence] = findings(timed);
  expect(sentence).toBe(
    "Fastest: stride at 1k, stride or local at 2k, local, stride or full at 4k (local: 4.90 s, 1.1× as fast as full).",
  );
  const bare = timed.map((row) => ({ ...row, low_s: null, high_s: null }));
  expect(findings(bare)[0]).toBe("Fastest: stride at 1k–2k, local at 4k (4.90 s, 1.1× as fast as full).");
});

test("of many that cannot be told apart the rest is counted", () => {
  const { rows } = sampleResults({ ...quiet, variants: 7, lengths: [256] });
  const alike = rows.map((row) => ({ ...row, median_s: 2, low_s: 1, high_s: 3 }));
  expect(findings(alike)[0]).toBe("Fastest: full, local, stride or 4 more at 256 (full: 2.00 s).");
});

test("a variant that never pays off is named too", () => {
  const lengths = [128, 256];
  expect(findings(sampleResults({ ...quiet, variants: 2, lengths }).rows)[1]).toBe(
    "Faster than full: local not at the longest length measured.",
  );
});

test("a lead that is lost again is no crossover, nor is one within the noise", () => {
  const { rows } = sampleResults({ ...quiet, variants: 2 });
  const slowAt = (length: number) =>
    rows.map((row) =>
      row.variant === "local" && row.length === length ? { ...row, high_s: 10, median_s: 9 } : row,
    );
  expect(crossover(seriesOf(rows)[1])).toBe(512);
  expect(crossover(seriesOf(slowAt(1024))[1])).toBe(2048);
  expect(crossover(seriesOf(slowAt(4096))[1])).toBeNull();
  const wide = rows.map((row) => (row.length === 512 ? { ...row, low_s: 1e-6, high_s: 10 } : row));
  expect(crossover(seriesOf(wide)[1])).toBe(1024);
});

test("FlashAttention's published times cross where its tables say", () => {
  const published: Readonly<Record<string, readonly number[]>> = {
    full: [0.43, 1.27, 4.32, 16.47, 67.77],
    local: [0.8, 1.9, 5.76, 11.56, 23.13],
    longformer: [0.99, 1.56, 4.79, 11.07, 32.98],
    bigbird: [1.02, 1.48, 5.05, 11.59, 34.16],
    linear: [0.45, 0.5, 1.09, 2.09, 4.01],
  };
  const lengths = [512, 1024, 2048, 4096, 8192];
  const rows = sampleResults({ lengths, rounds: 1 }).rows.flatMap((row) => {
    const times = published[row.variant];
    return times === undefined ? [] : [{ ...row, median_s: times[lengths.indexOf(row.length)] / 1000 }];
  });
  expect(findings(rows)).toEqual([
    "Fastest: full at 512, linear at 1k–8k (4.01 ms, 17× as fast as full).",
    "Faster than full: linear from 1k; local, longformer, bigbird from 4k.",
    "25 of 25 cases measured.",
  ]);
});

test("outcomes other than measured are counted", () => {
  const alter = sampleResults({
    ...quiet,
    variants: 3,
    alter: (line) =>
      line.variant === "stride"
        ? { ...line, outcome: "failed", reason: "red" }
        : line.length === 4096
          ? { ...line, outcome: "skipped", reason: "slow" }
          : line,
  });
  expect(findings(alter.rows).at(-1)).toBe(
    "8 of 15 cases measured, 2 skipped, 5 failed: the table says why.",
  );
});

test("when nothing was measured the findings say so and nothing else", () => {
  const failed = sampleResults({ alter: (line) => ({ ...line, outcome: "failed", reason: "red" }) });
  expect(findings(failed.rows)).toEqual(["Nothing was measured: of 35 cases 35 failed."]);
  expect(findings([])).toEqual(["The file holds no case."]);
});

test("growth is a line a variant, from four lengths on", () => {
  expect(growthLines(sampleResults({ ...quiet, variants: 2 }).rows)).toEqual([
    "full grows as N^2.00 ± 0.00 in time, N^2.00 in work; declared N^2",
    "local grows as N^1.00 ± 0.00 in time, N^1.00 in work; declared N^1",
  ]);
  expect(growthLines(sampleResults({ variants: 2, lengths: [256, 512, 1024] }).rows)).toEqual([]);
});

test("warnings say what is missing and which cases a round complained about", () => {
  const results = sampleResults({ variants: 2, rounds: 3, warnings: ["machine busy"] });
  const cut = { ...results, rows: results.rows.slice(0, 9) };
  const planned = { ...cut, run: { ...cut.run, plan: { ...cut.run.plan, rounds: 8 } } };
  expect(warningsOf(planned)).toEqual([
    "1 of the 10 planned cases is not in the file: the run ended early; run it again with --resume",
    "all 9 measured cases have no interval, which needs six rounds; raise --rounds or --budget",
    "all 9 measured cases have fewer rounds than the 8 planned",
    "the code had changes that its commit does not hold: nobody else can run the same",
    "machine busy (every case)",
  ]);
  const some = { ...cut, rows: cut.rows.map((row) => (row.length > 512 ? { ...row, warnings: [] } : row)) };
  expect(warningsOf(some).at(-1)).toBe("machine busy (full at 256, 512; local at 256, 512)");
});
