import { expect, test } from "vitest";
import { comparisonOf } from "../../../src/compare/compare-results.ts";
import type { Results } from "../../../src/record/case-row.ts";
import { drawCharts } from "../../../src/report/drawings.ts";
import type { LiveChart } from "../../../src/report/live-chart.ts";
import { renderPage } from "../../../src/report/page/page.ts";
import type { PackedEntry } from "../../../src/report/ranking/packed-entries.ts";
import { unitCharts } from "../../../src/report/topics/index.ts";
import { html } from "../../../src/text/html.ts";
import { hostile, hostileResults, hostileTraces, unprintables } from "../hostile-results.ts";
import { partsOf } from "../page-parts.ts";
import { sampleResults } from "../sample-results.ts";

const charts = unitCharts("pass");

async function pageOf(...results: readonly Results[]): Promise<string> {
  return renderPage(
    await Promise.all(
      results.map((one, index) =>
        drawCharts(index === 0 ? one : { ...one, comparison: comparisonOf(results[0], one) }),
      ),
    ),
  );
}

/** Pages that several tests look at. */
const sample = pageOf(sampleResults());
const evil = pageOf(hostileResults());
/** Results of which several files make a page soon. */
const few = (name: string) => sampleResults({ name, variants: 3, lengths: [256, 1024] });

/** What the ranking, the conditions and the first chart answer from. */
function isAnswer(one: unknown): one is { readonly entries: readonly PackedEntry[] } {
  return typeof one === "object" && one !== null && "baseline" in one;
}

function isChart(one: unknown): one is LiveChart {
  return typeof one === "object" && one !== null && "spec" in one;
}

/** What the page holds of its live charts. */
function chartsIn(page: string): readonly LiveChart[] {
  return partsOf(page).data.filter(isChart);
}

test("a page holds the charts, the tables, the findings and where the numbers come from", async () => {
  const page = await sample;
  expect(page.match(/<svg role="img" aria-label="/g)).toHaveLength(charts.length);
  expect(partsOf(page).markup.match(/<table[ >]/g)).toHaveLength(7);
  for (const text of [
    "Fastest: stride at 256–1k",
    "Example CPU @ 3.00GHz",
    "0123456789abcdef0123456789abcdef01234567, with changes",
    "--expose-gc",
    "avx2, fma, no avx512f",
    "wide 10.0 GFLOP/s on 1 thread, relaxed 6.00 GFLOP/s on 1 thread",
    "18.6 GiB/s",
    "of ceiling",
    "window=128",
    "N^2.00",
    "attnbench run --replay sample.jsonl",
    "memory in addition to q, k, v and out",
  ]) {
    expect(page).toContain(text);
  }
});

test("a page needs nothing else, and runs nothing but its own scripts", async () => {
  const { markup, styles } = partsOf(await sample);
  expect(markup).not.toMatch(/<script|<link|<img|<iframe|<object|javascript:| on[a-z]+=|url\((?!#)|@import/i);
  expect(styles.join()).not.toMatch(/url\(|@import/);
  // Names of the SVG vocabulary are the only addresses.
  expect(new Set(markup.match(/https?:[^"' )]+/g))).toEqual(
    new Set(["http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"]),
  );
});

test("the page's scripts and styles hold no string of a results file", async () => {
  const [mild, bad] = [partsOf(await sample), partsOf(await evil)];
  expect(bad.scripts).toEqual(mild.scripts);
  // Only widths differ.
  const shape = (styles: readonly string[]) =>
    styles
      .join()
      .replace(/--least: \d+px/g, "--least: 1px")
      .replace(/#file-1-(?:exponents|side-by-side) .*\n/g, "");
  expect(shape(bad.styles)).toBe(shape(mild.styles));
});

test("the same results give the same page", async () => {
  expect(await pageOf(hostileResults())).toBe(await evil);
});

test("a page opens at once: charts that have no room in it stay pictures, the first ones live longest", async () => {
  const lengths = [3, 64, 65, 128, 256, 512, 1000, 1024, 2048, 4096, 8192, 1048576];
  const large = await drawCharts(sampleResults({ variants: 20, lengths }));
  const page = renderPage([large]);
  expect(Buffer.byteLength(page)).toBeLessThan(2_500_000);
  expect(chartsIn(page)).toHaveLength(charts.length);
  const alike = () => ({ ...large, drawings: large.drawings.map((drawing) => ({ ...drawing })) });
  const pages = renderPage([large, alike(), alike()]);
  expect(Buffer.byteLength(pages)).toBeLessThan(2_500_000);
  const live = chartsIn(pages).length;
  expect(live).toBeGreaterThan(0);
  const figures = pages.match(/<figure /g)?.length ?? 0;
  expect(live).toBeLessThan(figures);
  expect(pages.match(/This one is only a picture/g)?.length ?? 0).toBe(figures - live);
  // What is known of cases comes with the first live chart of a file, and not without one.
  const answering = pages.split(/(?=<section id="file-\d" )/).filter((one) => chartsIn(one).length > 0);
  const known = partsOf(pages).data.filter((one) => !isChart(one) && !isAnswer(one));
  expect(known).toHaveLength(answering.length);
});

test("the page knows all names that its charts have for series and variants", async () => {
  const page = await sample;
  const [entries] = partsOf(page).data.flatMap((one) => (isAnswer(one) ? [one.entries] : []));
  expect(entries.map(({ place }) => place)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  const known = new Set(entries.flatMap(({ names, variantLabel }) => [...names, variantLabel]));
  const legends = chartsIn(page).flatMap((chart) => chart.entries);
  expect(legends.length).toBeGreaterThan(entries.length);
  for (const name of legends.flatMap(([, names]) => names)) expect(known).toContain(name);
});

test("what a script alone can use is hidden until one runs", async () => {
  const { markup } = partsOf(await pageOf(few("first"), few("second")));
  const controls = markup.match(/<(?:fieldset|label class="choice)[^>]*>/g) ?? [];
  expect(controls.length).toBeGreaterThan(4);
  for (const control of controls) expect(control).toContain(" hidden");
  for (const control of markup
    .replace(/<fieldset[\s\S]*?<\/fieldset>|<label class="choice[\s\S]*?<\/label>/g, "")
    .match(/<(?:input|select|button)/g) ?? []) {
    expect(control).toBe("");
  }
});

test("every string of a results file is data", async () => {
  const page = await evil;
  const { markup } = partsOf(page);
  expect(hostileTraces(markup)).toEqual([]);
  expect(unprintables(markup.replaceAll("\ufffe", ""))).toEqual([]);
  expect(markup).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  expect(markup).toContain("\\u{202e}");
  // An exponent takes four lengths that were measured; several kernels stand side by side.
  expect(chartsIn(page)).toHaveLength(charts.length - 1 + 1);
  expect(page.length).toBeLessThan(1_300_000);
});

test("long names make a chart wider and leave its lines readable: it scrolls rather than shrink", async () => {
  const page = await pageOf(sampleResults({ kernels: ["a".repeat(99), "b".repeat(99)] }));
  const { markup, styles } = partsOf(page);
  const widths = [...markup.matchAll(/<figure id="([^"]+)">[\s\S]*?<svg [^>]*width="(\d+)"/g)];
  // That of the two kernels side by side is one more.
  expect(widths).toHaveLength(charts.length + 1);
  for (const [, id, width] of widths) {
    const least = new RegExp(`#${id} { --least: (\\d+)px; }`).exec(styles[0])?.[1];
    expect(Number(least) / Number(width)).toBeCloseTo(0.85, 2);
  }
});

test("tags are balanced and ids are unique, with one file and with three", async () => {
  for (const page of [
    partsOf(await evil).markup,
    partsOf(await pageOf(few("a"), few("b"), few("c"))).markup,
  ]) {
    for (const tag of [
      "section",
      "table",
      "tbody",
      "tr",
      "td",
      "th",
      "div",
      "figure",
      "svg",
      "g",
      "p",
      "ul",
      "dl",
      "fieldset",
      "label",
      "select",
      "span",
    ]) {
      const opened = page.match(new RegExp(`<${tag}[ >]`, "g"))?.length ?? 0;
      const closed = page.match(new RegExp(`</${tag}>`, "g"))?.length ?? 0;
      expect([tag, opened]).toEqual([tag, closed]);
    }
    const ids = page.match(/ id="[^"]*"/g) ?? [];
    expect(new Set(ids).size).toBe(ids.length);
  }
});

test("several files have a section each and a list that leads to them", async () => {
  const page = await pageOf(few("first.jsonl"), few("second.jsonl"));
  expect(page).toContain('<a href="#file-2">second.jsonl</a>');
  expect(page).toContain('<section id="file-2"');
  // The second is held against the first.
  // An exponent takes four lengths.
  expect(page.match(/<svg role="img"/g)).toHaveLength(2 * (charts.length - 1) + 1);
  expect(page.match(/Against the first file/g)?.length).toBeGreaterThan(0);
  expect(page).toContain('<option value="file-2">second.jsonl</option>');
});

test("skipped and failed cases stand in the tables with their reason", async () => {
  const results = sampleResults({
    alter: (line) =>
      line.variant === "local"
        ? { ...line, outcome: "failed", reason: "verification: row 7 must be 0.25, got 0.5" }
        : line.length === 4096
          ? { ...line, outcome: "skipped", reason: "over the deadline" }
          : line,
  });
  const page = await pageOf(results);
  expect(page.match(/verification: row 7 must be 0\.25, got 0\.5/g)).toHaveLength(6);
  expect(page.match(/over the deadline/g)).toHaveLength(7);
  expect(page).toContain("<summary>Not measured</summary>");
  expect(page).toContain("failed: 5 cases, local at 256, 512, 1k, 2k, 4k: verification: row 7");
  expect(page).toContain("24 of 35 cases measured, 6 skipped, 5 failed: the table says why");
});

test("when nothing was measured the page says so in place of charts", async () => {
  const page = await pageOf(
    sampleResults({ alter: (line) => ({ ...line, outcome: "failed", reason: "red" }) }),
  );
  expect(partsOf(page).markup).not.toContain("<svg ");
  expect(partsOf(page).scripts).toHaveLength(1);
  expect(page).toContain("Nothing was measured: of 35 cases 35 failed.");
  expect(partsOf(page).markup.match(/to draw\./g)).toEqual(["to draw."]);
  expect(page).toContain("No case has a time, so there is no chart to draw.");
});

test("a file without a case still makes a page", async () => {
  const page = await pageOf({ ...sampleResults(), rows: [], rounds: [] });
  expect(page).toContain("The file holds no case.");
  expect(partsOf(page).markup).not.toContain("<table");
});

test("a title may be given, and is data too", async () => {
  const page = renderPage([await drawCharts(sampleResults({ variants: 1 }))], hostile);
  expect(hostileTraces(partsOf(page).markup)).toEqual([]);
  expect(page).toContain("<h1>&lt;/title&gt;");
});

test("templates escape strings, keep markup, and join lists", () => {
  const item = html`<b title="${`"'`}">${"a<b&c"}</b>`;
  expect(html`<p>${[item, item]} ${3}</p>`.text).toBe(
    '<p><b title="&quot;&#39;">a&lt;b&amp;c</b><b title="&quot;&#39;">a&lt;b&amp;c</b> 3</p>',
  );
});
