import { expect, test } from "vitest";
import type { Results } from "../../src/record/case-row.ts";
import { drawCharts } from "../../src/report/drawings.ts";
import { html } from "../../src/report/html.ts";
import { renderPage } from "../../src/report/page.ts";
import { hostile, hostileResults, hostileTraces, unprintables } from "./hostile-results.ts";
import { sampleResults } from "./sample-results.ts";

async function pageOf(...results: readonly Results[]): Promise<string> {
  return renderPage(await Promise.all(results.map(drawCharts)));
}

test("a page holds the three charts, the tables, the findings and where the numbers come from", async () => {
  const page = await pageOf(sampleResults());
  expect(page.match(/<svg role="img" aria-label="/g)).toHaveLength(3);
  expect(page.match(/<table>/g)).toHaveLength(3);
  for (const text of [
    "Fastest: stride at 256–1k",
    "linear — N^0.99, declared 1",
    "Example CPU @ 3.00GHz",
    "0123456789abcdef0123456789abcdef01234567, with changes",
    "--expose-gc",
    "avx2, fma, no avx512f",
    "wide 10.0 GFLOP/s on 1 thread, relaxed 6.00 GFLOP/s on 1 thread",
    "18.6 GiB/s",
    "of ceiling",
    "window=128",
    "N^2.00",
  ]) {
    expect(page).toContain(text);
  }
});

test("a page needs nothing else and runs nothing", async () => {
  const page = await pageOf(sampleResults());
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:;`);
  expect(page).not.toMatch(/<script|<link|<img|<iframe|<object|javascript:| on[a-z]+=|url\(|@import/i);
  // Names of the SVG vocabulary are the only addresses.
  expect(new Set(page.match(/https?:[^"' )]+/g))).toEqual(
    new Set(["http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"]),
  );
});

test("every string of a results file is data", async () => {
  const page = await pageOf(hostileResults());
  expect(hostileTraces(page)).toEqual([]);
  expect(unprintables(page.replaceAll("\ufffe", ""))).toEqual([]);
  expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  expect(page).toContain("\\u{202e}");
  expect(page.length).toBeLessThan(400_000);
});

test("long names make a chart wider and leave its lines readable: it scrolls rather than shrink", async () => {
  const page = await pageOf(sampleResults({ kernels: ["a".repeat(99), "b".repeat(99)] }));
  const widths = [...page.matchAll(/--least: (\d+)px" [^>]*width="(\d+)"/g)];
  expect(widths).toHaveLength(3);
  for (const [, least, width] of widths) expect(Number(least) / Number(width)).toBeCloseTo(0.85, 2);
});

test("tags are balanced and ids are unique, with one file and with three", async () => {
  for (const page of [
    await pageOf(hostileResults()),
    await pageOf(sampleResults(), sampleResults(), sampleResults()),
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
  const page = await pageOf(sampleResults({ name: "first.jsonl" }), sampleResults({ name: "second.jsonl" }));
  expect(page).toContain('<a href="#file-2">second.jsonl</a>');
  expect(page).toContain('<section id="file-2"');
  expect(page.match(/<svg /g)).toHaveLength(6);
});

test("skipped and failed cases stand in the tables with their reason", async () => {
  const results = sampleResults({
    alter: (line) =>
      line.variant === "local"
        ? { ...line, outcome: "failed", reason: "gate: row 7 must be 0.25, got 0.5" }
        : line.length === 4096
          ? { ...line, outcome: "skipped", reason: "over the deadline" }
          : line,
  });
  const page = await pageOf(results);
  expect(page.match(/gate: row 7 must be 0\.25, got 0\.5/g)).toHaveLength(5);
  expect(page.match(/over the deadline/g)).toHaveLength(6);
  expect(page).toContain("24 of 35 cases measured, 6 skipped, 5 failed: the table says why");
});

test("when nothing was measured the page says so in place of charts", async () => {
  const page = await pageOf(
    sampleResults({ alter: (line) => ({ ...line, outcome: "failed", reason: "red" }) }),
  );
  expect(page).not.toContain("<svg ");
  expect(page).toContain("Nothing was measured: of 35 cases 35 failed.");
  expect(page.match(/to draw\./g)).toEqual(["to draw."]);
  expect(page).toContain("No case has a time, so there is no chart to draw.");
});

test("a file without a case still makes a page", async () => {
  const page = await pageOf({ ...sampleResults(), rows: [], rounds: [] });
  expect(page).toContain("The file holds no case.");
  expect(page).not.toContain("<table>");
});

test("a title may be given, and is data too", async () => {
  const page = renderPage([await drawCharts(sampleResults({ variants: 1 }))], hostile);
  expect(hostileTraces(page)).toEqual([]);
  expect(page).toContain("<h1>&lt;/title&gt;");
});

test("templates escape strings, keep markup, and join lists", () => {
  const item = html`<b title="${`"'`}">${"a<b&c"}</b>`;
  expect(html`<p>${[item, item]} ${3}</p>`.text).toBe(
    '<p><b title="&quot;&#39;">a&lt;b&amp;c</b><b title="&quot;&#39;">a&lt;b&amp;c</b> 3</p>',
  );
});
