import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Comparison } from "../../../src/compare/comparison.ts";
import { drawRatios } from "../../../src/report/comparison/chart.ts";
import { comparisonPage } from "../../../src/report/comparison/page.ts";
import { hostileTraces, unprintables } from "../hostile-results.ts";
import { xmlFault } from "../xml-fault.ts";
import { attacks, hostileComparison } from "./hostile-comparison.ts";
import { calmComparison, manyCells, sampleComparison } from "./sample-comparison.ts";

async function page(comparison: Comparison): Promise<string> {
  return comparisonPage(comparison, await drawRatios(comparison));
}

/** The page without its style sheet and its script. */
function content(text: string): string {
  return text.replace(/<(style|script)>[\s\S]*?<\/\1>/g, "");
}

function rowsOf(text: string): readonly string[] {
  return text.match(/<tr>.*<\/tr>/g) ?? [];
}

test("a page says the outcome, the times, the work, what has one side, and what differs", async () => {
  const text = content(await page(sampleComparison()));
  expect(text.match(/<h[123]>[^<]*/g)).toEqual([
    "<h1>attnbench gate: regressed",
    "<h3>Before believing it",
    "<h3>Time",
    "<h3>Each cell",
    "<h3>Groups",
    "<h3>Changed work",
    "<h3>On one side only",
    "<h3>Differences of the environments",
  ]);
  expect(text).toContain('<div class="outcome regressed"><p>1 of 4 cells is slower</p>');
  expect(text).toContain("<dd>../main (0123456789ab)</dd>");
});

test("every verdict is a word, and what was not detected is sorted by no size", async () => {
  const rows = rowsOf(content(await page(sampleComparison())));
  const row = (variant: string) => rows.find((text) => text.includes(`name">${variant}<`)) ?? "";
  expect(row("stride")).toContain(
    '<td class="text slower" data-sort="0">REGRESSED</td><td data-sort="1.0523">+5.2 %</td>',
  );
  expect(row("bigbird")).toContain(
    '<td class="text unresolved" data-sort="2">UNRESOLVED</td><td data-sort="">~</td>',
  );
  expect(row("bigbird")).toContain('<td class="text long">too noisy to gate</td>');
});

test("three hundred cells are all in the table, the weightiest sixty in the chart", async () => {
  const comparison = sampleComparison({ cells: manyCells(300) });
  const ratios = await drawRatios(comparison);
  expect(ratios?.caption).toContain("The 60 cells that matter most; 240 more are in the table.");
  expect(ratios?.svg).not.toContain(">same<");
  expect(ratios?.svg.match(/>plugin-\d+ at \w+</g)).toHaveLength(60);
  const text = comparisonPage(comparison, ratios);
  expect(text.match(/>(REGRESSED|IMPROVED|UNRESOLVED|SAME)<\/td>/g)).toHaveLength(300);
});

test("without a cell there is no chart and no table", async () => {
  expect(await drawRatios(calmComparison())).toBeNull();
  const text = content(await page(calmComparison()));
  expect(text).not.toMatch(/<table|<figure|<h3/);
  expect(text).toContain("no cell was measured on both sides");
});

test("the chart has a point a cell with its verdict, and the band of the margin", async () => {
  const drawn = await drawRatios(sampleComparison());
  if (drawn === null) throw new Error("there is a chart to draw");
  expect(drawn.spec).toMatchObject({ title: "Head against base, in turn" });
  const { values } = drawn.spec.data as { values: readonly { series: string; verdict: string }[] };
  expect(values.map(({ series, verdict }) => `${series}: ${verdict}`)).toEqual([
    "local at 1k: same",
    "stride at 1k: slower",
    "linear at 1k: faster",
    "bigbird at 4k: unresolved",
  ]);
  expect(JSON.stringify(drawn.spec)).toMatch(/"datum":0\.97\b.*"datum":1\.03\b/);
});

test("the policy lets through the page's own script and style, and no request", async () => {
  const text = await page(sampleComparison());
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(text)?.[1] ?? "";
  expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[^ ;]*'; style-src 'sha256-[^ ;]*'; /);
  for (const [, tag, inner] of text.matchAll(/<(style|script)>([\s\S]*?)<\/\1>/g)) {
    const hash = createHash("sha256").update(inner).digest("base64");
    expect(policy, tag).toContain(`'sha256-${hash}'`);
  }
  expect(content(text)).not.toMatch(/ style=| on\w+=|src=|https?:(?!\/\/www\.w3\.org\/)/);
});

describe("of a hostile comparison", () => {
  test.each(attacks)("no string is markup: %j", async (attack) => {
    const comparison = hostileComparison(attack);
    const ratios = await drawRatios(comparison);
    const text = comparisonPage(comparison, ratios);
    const traces = ["<script", "onerror=alert(2)>"];
    expect(hostileTraces(content(text)).filter((trace) => !traces.includes(trace))).toEqual([]);
    expect(content(text)).not.toMatch(/<(script|img|testcase)/);
    expect(text.match(/<script>/g)).toHaveLength(1);
    expect(unprintables(text)).toEqual([]);
    expect(xmlFault(ratios?.svg ?? "")).toBeNull();
    const body = content(text)
      .replace(/^[\s\S]*<body>/, "<body>")
      .replace(/<\/html>\s*$/, "");
    expect(xmlFault(body.replaceAll("<br>", "").trim())).toBeNull();
  });
});
