import { describe, expect, test } from "vitest";
import type { Results } from "../../../src/record/case-row.ts";
import type { StudiedCell, TrainedLine } from "../../../src/record/schema/learning-lines.ts";
import { drawCharts } from "../../../src/report/drawings.ts";
import { renderPage } from "../../../src/report/page/page.ts";
import { reportFiles } from "../../../src/report/report-files.ts";
import { summaryMarkdown } from "../../../src/report/summary-markdown.ts";
import { trustSign } from "../../../src/report/trust-sign.ts";
import { hostile, hostileTraces, unprintables } from "../hostile-results.ts";
import { partsOf } from "../page-parts.ts";
import { learnedAndTimed, learnedOnly, poisonedLearned, sampleLearned, TESTS } from "../sample-learned.ts";

const pageOf = async (results: Results) => renderPage([await drawCharts(results)]);
const summaryOf = (results: Results) => summaryMarkdown([{ results, charts: [] }], "title", null);
const alone = learnedOnly();
const MEASURED = "Recall at 64 tokens after 800 steps";
const files: Readonly<Record<string, Results>> = {
  "learning alone": alone,
  "a quick study": learnedOnly({ quick: true }),
  "three tasks": learnedOnly({ tasks: 3 }),
  "nothing tested yet": learnedOnly({ alter: () => null }),
  "times as well": learnedAndTimed(),
};

describe.each(Object.entries(files))("a report of %s", (_, results) => {
  test("has no number that could not be worked out, and balanced tags", async () => {
    const { markup } = partsOf(await pageOf(results));
    expect(markup + summaryOf(results)).not.toMatch(/NaN|undefined|Infinity|\[object/);
    for (const tag of ["section", "details", "figure", "table", "div"]) {
      const count = (text: string) => markup.split(text).length;
      expect(count(`</${tag}>`), tag).toBe(count(`<${tag} `) + count(`<${tag}>`) - 1);
    }
    const ids = [...markup.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("never speaks of quality, and says what would mislead beside what was learned", async () => {
    const page = partsOf(await pageOf(results)).markup;
    for (const text of [page, summaryOf(results)]) {
      expect(text).not.toMatch(/quality/i);
      expect(text).toContain("<summary>What would mislead</summary>");
    }
  });

  test("says which variants learn more numbers than the others, and how many", () => {
    const more = "Some learn more numbers than the others";
    expect(summaryOf(results)).not.toContain(more);
    const { learned } = results;
    const cells = learned?.study.cells.map((cell) =>
      cell.variant === "linear" && cell.parameters !== null
        ? { ...cell, parameters: cell.parameters + 1024 }
        : cell,
    );
    if (learned === undefined || cells === undefined) throw new TypeError("the sample has a study");
    const larger = { ...results, learned: { ...learned, study: { ...learned.study, cells } } };
    expect(summaryOf(larger)).toMatch(/Some learn more numbers .*: linear.* 1\.02k \(\d+(\.\d+)? %\)/);
  });

  test("lists what cannot be trained, and why", async () => {
    expect(await pageOf(results)).toContain("cannot be trained: has no dense twin");
    expect(summaryOf(results)).toContain("cannot be trained: has no dense twin");
  });
});

describe("a report of what was learned alone", () => {
  test("says what it is on its first screen, and has nothing about times", async () => {
    const page = await pageOf(alone);
    const { markup } = partsOf(page);
    expect(markup).toContain("<h1>What attention variants learn</h1>");
    expect(markup).toContain(`<p class="answer">${MEASURED}, 3 seeds: full 99.8–100 %`);
    expect(markup.indexOf("What would mislead")).toBeLessThan(markup.indexOf("<table"));
    expect(markup.match(/<h3 [^>]*>([^<]*)/g)?.map((one) => one.replace(/<[^>]*>/, ""))).toEqual([
      `${MEASURED}, mqar; by chance 0.8 %`,
      "How they were trained",
      "Evidence: can I trust this?",
    ]);
    expect(markup).not.toMatch(/holds no case|No case has|has a time|--replay|rounds|seq(uence)? length/);
    expect(summaryOf(alone)).not.toMatch(/holds no case|--replay|Ranking/);
  });

  test("is titled as it is told, and by what all of its files are about", async () => {
    const drawn = await drawCharts(alone);
    expect(renderPage([drawn], "Mine")).toContain("<h1>Mine</h1>");
    const timed = await drawCharts(learnedAndTimed({}, { variants: 3, lengths: [256, 512] }));
    expect(renderPage([drawn, timed])).toContain("<h1>Attention benchmark</h1>");
  });

  test("is trusted by how its runs ended", () => {
    expect(trustSign(alone)).toEqual({ sign: "⚠", text: "53 of 54 runs trained, 1 diverged, 5 warnings" });
    const broken = learnedOnly({
      alter: (line) => (line.seed === 2 ? { ...line, outcome: "failed", accuracy: null } : line),
    });
    expect(trustSign(broken).sign).toBe("✗");
    expect(trustSign(learnedOnly({ alter: () => null })).sign).toBe("✗");
  });

  test("has one table of runs as CSV and none of cases; a file with times has both", async () => {
    const tables = { cases: () => "cases", learned: () => "learned" };
    const names = async (results: Results) => [
      ...(await reportFiles([results], { formats: new Set(["csv"]), tables })).keys(),
    ];
    expect(await names(alone)).toEqual(["learned.csv"]);
    expect(await names(learnedAndTimed())).toEqual(["cases.csv", "learned.csv"]);
  });
});

test("a quick study says what it is, before any number", async () => {
  const page = partsOf(await pageOf(files["a quick study"])).markup;
  expect(page).toContain("Quick study, 1 seed: recall at 64 tokens after 800 steps: full 100 %");
  expect(page).toContain("This is a quick study: one seed each");
  expect(page).toContain("9 variants trained on mqar, a quick study");
  expect(page).not.toContain("best of a small grid");
  expect(page).toContain("a look at this size, which ranks nothing");
  expect(summaryOf(files["a quick study"])).toContain("- learning rates: none tried");
});

test("a quick study of several seeds is not told as one of one seed", () => {
  const { study, runs } = sampleLearned({ quick: true });
  const several = summaryOf({ ...alone, learned: { study: { ...study, test_seeds: TESTS }, runs } });
  expect(several).toContain("This is a quick study: 3 seeds each");
  expect(several).not.toContain("one seed");
});

test("what is at chance though its mask would let it know is named, and what the mask bounds is not", () => {
  const guessing = "No better than chance: ";
  expect(summaryOf(alone)).toContain(`${guessing}local, bigbird.`);
  const alterCell = (cell: StudiedCell) => ({
    ...cell,
    reach: cell.reach === null ? null : cell.reach < 0.5 ? 0 : 1,
  });
  expect(summaryOf(learnedOnly({ alterCell }))).not.toContain(guessing);
  const alter = (line: TrainedLine) => ({ ...line, ...(line.cell === "linear mqar" && { accuracy: 0.01 }) });
  expect(summaryOf(learnedOnly({ alter }))).toContain(`${guessing}linear, local, bigbird.`);
});

test("what does no better than a part of an example gives away is named, and that is beside chance", () => {
  const { study, runs } = sampleLearned();
  const shortcuts = [
    { by: "the first token", accuracy: 0.2 },
    { by: "the first two", accuracy: 0.61 },
  ];
  const tasks = study.tasks.map((task) => ({ ...task, shortcuts }));
  const summary = summaryOf({ ...alone, learned: { study: { ...study, tasks }, runs } });
  expect(summary).toContain("by chance 0.8 %, by the first token 20 %, by the first two 61 %");
  expect(summary).toContain("chance 0.8 %; the first two alone 61 %.");
  expect(summary).toContain("No better than a shortcut: retention, performer.");
  expect(summaryOf(alone)).not.toContain("shortcut");
});

test("beside what a mask lets be known through all layers is what it does through one", () => {
  // Reach .1 and .05, and of the rest one in 128 by guessing.
  expect(summaryOf(alone)).toContain("reachable are local 11 % (5.7 %), bigbird 13 % (6.7 %), in brackets");
});

test("with times it is a topic of its own, and says that those are of other sizes", async () => {
  const page = partsOf(await pageOf(files["times as well"])).markup;
  expect(page).toContain('<h3 id="file-1-learned-title">What they learn</h3>');
  expect(page).toContain("Times in this file are of calls that were not trained: 256 to 2k tokens");
  expect(page).toContain("9 variants trained on mqar");
});

test.each([
  ["alone", alone],
  ["with times", learnedAndTimed({}, { variants: 5 })],
])("hostile names, titles and reasons of a study are data: %s", async (_, results) => {
  const evil = { ...poisonedLearned(results), name: hostile };
  const { markup, styles } = partsOf(await pageOf(evil));
  expect(hostileTraces(markup)).toEqual([]);
  expect(unprintables(markup.replaceAll("\ufffe", ""))).toEqual([]);
  expect(hostileTraces(styles.join())).toEqual([]);
  const summary = summaryOf(evil);
  expect(hostileTraces(summary)).toEqual([]);
  expect(unprintables(summary)).toEqual([]);
  // Nothing begins a heading, a list or a table of its own.
  for (const line of summary.split("\n")) {
    if (/^#+ /.test(line)) expect(line).toMatch(/^(# title|## |### )/);
  }
});
