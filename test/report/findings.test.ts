import { describe, expect, test } from "vitest";
import type { CaseRow, Results } from "../../src/record/case-row.ts";
import { drawCharts } from "../../src/report/drawings.ts";
import { growthLines } from "../../src/report/growth.ts";
import { renderPage } from "../../src/report/page/page.ts";
import { summaryMarkdown } from "../../src/report/summary-markdown.ts";
import { warningsOf } from "../../src/report/warnings.ts";
import { said as findings } from "./said.ts";
import { sampleResults } from "./sample-results.ts";

const quiet = { noise: 0 };

/** The results with other rows, and without rounds, which would contradict them. */
function withRows(results: Results, rows: readonly CaseRow[]): Results {
  return { ...results, rows, rounds: [] };
}

test("the findings answer the reader's questions in their order, a sentence each", () => {
  expect(findings(sampleResults(quiet))).toMatchInlineSnapshot(`
    [
      "Fastest: stride at 256–1k, linear at 2k–4k (17.1 ms, 63× as fast as full).",
      "Faster than full: stride, global, linear at every length measured; local from about 257; longformer from about 290 (95 %: 289–290); bigbird from about 450 (95 %: 449–450).",
      "Cost at 4k: memory in addition to q, k, v and out is 64.0 KiB for each, 64.0 KiB for full; the relative error against full attention on this input is 40 % for each.",
      "Growth of time: full grows as N^2.00 ± 0.01, declared 2; local as N^1.00 ± 0.01, declared 1; stride as N^1.96 ± 0.05, declared 2; global as N^1.00 ± 0.01, declared 1; longformer as N^1.00 ± 0.01, declared 1; bigbird as N^1.00 ± 0.01, declared 1; linear as N^0.99 ± 0.01, declared 1; none is clearly steeper than declared over its upper half.",
      "35 of 35 cases measured; errors are at most 15 % of their budgets; 95 % intervals of time are typically ±0 %, at worst ±0 %; 1 warning.",
    ]
  `);
});

describe("what an error against full attention is worth", () => {
  const errors: Readonly<Record<string, number | null>> = {
    full: 2e-7,
    local: 1.4,
    stride: 0.5,
    linear: null,
  };
  const cost = (mean: number | null | undefined, of = errors): string => {
    const results = sampleResults(quiet);
    const rows = results.rows
      .filter(({ variant }) => Object.hasOwn(of, variant))
      .map((row) => ({ ...row, fidelity_error: of[row.variant], mean_fidelity_error: mean }));
    const said = findings(withRows(results, rows)).find((one) => one.startsWith("Cost"));
    return said?.replace(/.*on this input is /, "") ?? "";
  };

  test("the mean of v is told beside it, and what is worse than that by name", () => {
    expect(cost(0.8)).toBe(
      "50 % (stride) to 140 % (local); that of the mean of v, which looks at neither q nor k, is 80 %, and local is worse than that; linear has no such error.",
    );
    expect(cost(0.3)).toContain("is 30 %, and all are worse than that;");
    expect(cost(2)).toContain("is 200 %, and none is worse than that;");
  });

  test("nothing is said of it in files that do not have it", () => {
    expect(cost(undefined)).toBe("50 % (stride) to 140 % (local); linear has no such error.");
  });

  test("full attention is not called worse than the mean of v where both are exact", () => {
    expect(cost(0, { full: 2e-7, local: 3e-8 })).toContain("is under 0.1 %, and none is worse than that.");
  });
});

describe("an error against something else", () => {
  const unit = "full attention of unit q and k";
  const said = (of: Readonly<Record<string, string>>): string => {
    const results = sampleResults({ ...quiet, variants: 5 });
    const rows = results.rows.map((row): CaseRow => {
      const other = of[row.variant];
      return other === undefined
        ? { ...row, mean_fidelity_error: 0.8 }
        : { ...row, fidelity_error: 0.13, mean_fidelity_error: 0.12, fidelity_against: other };
    });
    const cost = findings(withRows(results, rows)).find((one) => one.startsWith("Cost"));
    return cost?.replace(/.*for full; /, "") ?? "";
  };

  test("is told apart from those against full attention, and never the least of them", () => {
    expect(said({ local: unit })).toBe(
      "the relative error against full attention on this input is 40 % for each; that of the mean of v, which looks at neither q nor k, is 80 %, and none is worse than that; local has an error of 13 % against full attention of unit q and k, worse than the 12 % of the mean of v.",
    );
  });

  test("is told where nothing is measured against full attention, and several are told together", () => {
    const all = { local: unit, stride: unit, global: unit, longformer: unit };
    expect(said(all)).toBe(
      "local, stride, global, longformer have errors of 13 % for each against full attention of unit q and k, worse than the 12 % of the mean of v.",
    );
  });

  test("of many is counted, and a stranger's words for it are short and printable", () => {
    const many = said({ local: "a", stride: "b\u202e", global: "c", longformer: "d" });
    expect(many).toContain("stride has an error of 13 % against b\\u{202e}, worse than");
    expect(many).toContain("; 2 more have errors against something else.");
    expect(said({ local: "x".repeat(20_000) }).length).toBeLessThan(500);
  });
});

test("a sentence of many clauses with long names is cut in no document", async () => {
  const results = sampleResults({
    ...quiet,
    variants: 20,
    lengths: [256, 1024],
    alter: (line) => ({
      ...line,
      variant: line.variant === "full" ? "full" : `${line.variant} with a longer name`,
      ...(line.variant !== "full" && { fidelity_error: null }),
      ...(line.variant === "local" && {
        fidelity_error: 0.13,
        mean_fidelity_error: 0.12,
        fidelity_against: `attention of ${"unit ".repeat(13)}q`,
      }),
      ...(/^plugin-[1-9]$/.test(line.variant) && { fidelity_error: 2, mean_fidelity_error: 0.8 }),
    }),
  });
  const cost = findings(results).find((one) => one.startsWith("Cost")) ?? "";
  expect(cost.length).toBeGreaterThan(500);
  const summary = summaryMarkdown([{ results, charts: [] }], "Many", null);
  expect(summary).toContain(`- ${cost}\n`);
  expect(renderPage([await drawCharts(results)])).toContain(`<li>${cost}</li>`);
});

test("of many variants that pay off, those of the last lengths are counted and no word is cut", () => {
  const results = sampleResults({
    ...quiet,
    variants: 40,
    lengths: [256, 1024, 4096, 16_384],
    alter: (line) =>
      line.variant === "full" ? line : { ...line, variant: `${line.variant} with a longer name` },
  });
  const sentence = findings(results).find((one) => one.startsWith("Faster than full")) ?? "";
  expect(sentence.length).toBeLessThan(500);
  expect(sentence).toMatch(/; and \d+ more(; \d+ more not at the longest length measured)?\.$/);
  expect(sentence.split("(").length).toBe(sentence.split(")").length);
  const counted = [...sentence.matchAll(/(\d+) more/g)].reduce((sum, [, count]) => sum + Number(count), 0);
  expect(counted + (sentence.match(/with a longer name/g) ?? []).length).toBe(39);
});

test("variants whose intervals meet are both named as the fastest, the lower median first", () => {
  const results = sampleResults({ ...quiet, variants: 3, lengths: [1024, 2048, 4096] });
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
  const timed = results.rows.map((row) => {
    const [median_s, low_s, high_s] = times[row.variant][Math.log2(row.length / 1024)];
    return { ...row, median_s, low_s, high_s };
  });
  const [sentence] = findings(withRows(results, timed));
  expect(sentence).toBe(
    "Fastest: stride at 1k, stride or local at 2k, local, stride or full at 4k (local: 4.90 s, 1.1× as fast as full).",
  );
  const bare = timed.map((row) => ({ ...row, low_s: null, high_s: null }));
  expect(findings(withRows(results, bare))[0]).toBe(
    "Fastest: stride at 1k–2k, local at 4k (4.90 s, 1.1× as fast as full).",
  );
});

test("of many that cannot be told apart the rest is counted", () => {
  const results = sampleResults({ ...quiet, variants: 7, lengths: [256] });
  const alike = results.rows.map((row) => ({ ...row, median_s: 2, low_s: 1, high_s: 3 }));
  expect(findings(withRows(results, alike))[0]).toBe(
    "Fastest: full, local, stride or 4 more at 256 (full: 2.00 s).",
  );
});

test("a variant that never pays off is named too", () => {
  const lengths = [128, 256];
  expect(findings(sampleResults({ ...quiet, variants: 2, lengths }))[1]).toBe(
    "Faster than full: local not at the longest length measured.",
  );
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
  expect(findings(alter).at(-1)).toMatch(
    /^8 of 15 cases measured, 2 skipped, 5 failed: the table says why; errors are at most 15 % of /,
  );
});

test("when nothing was measured the findings say so and nothing else", () => {
  const failed = sampleResults({ alter: (line) => ({ ...line, outcome: "failed", reason: "red" }) });
  expect(findings(failed)).toEqual(["Nothing was measured: of 35 cases 35 failed."]);
  expect(findings(withRows(failed, []))).toEqual(["The file holds no case."]);
});

test("growth is a line a variant, from four lengths on", () => {
  expect(growthLines(sampleResults({ variants: 2 }))).toMatchInlineSnapshot(`
    [
      "full grows as N^2.00 ± 0.02, declared 2 (N^2.01 ± 0.03 over the upper half, N^2.00 in exact work)",
      "local grows as N^1.00 ± 0.01, declared 1 (N^1.00 ± 0.02 over the upper half, N^1.00 in exact work)",
    ]
  `);
  expect(growthLines(sampleResults({ variants: 2, lengths: [256, 512, 1024] }))).toEqual([]);
});

test("warnings say what is missing and which cases a round complained about", () => {
  const results = sampleResults({ variants: 2, rounds: 3, warnings: ["machine busy"] });
  const cut = { ...results, rows: results.rows.slice(0, 9) };
  const planned = { ...cut, run: { ...cut.run, plan: { ...cut.run.plan, rounds: 8 } } };
  expect(warningsOf(planned)).toEqual([
    expect.stringMatching(
      /^1 of the 10 planned cases is not in the file \(.+ by .+ at .+\): the run ended early; run it again with --resume$/,
    ),
    "all 9 measured cases have no interval, which needs six rounds; raise --rounds or --budget",
    "all 9 measured cases have fewer rounds than the 8 planned",
    "the code had changes that its commit does not hold: no one else can run the same code",
    "machine busy (every case)",
  ]);
  const some = { ...cut, rows: cut.rows.map((row) => (row.length > 512 ? { ...row, warnings: [] } : row)) };
  expect(warningsOf(some).at(-1)).toBe("machine busy (full at 256, 512; local at 256, 512)");
});
