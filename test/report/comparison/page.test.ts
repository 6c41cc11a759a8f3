import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Comparison } from "../../../src/compare/comparison.ts";
import { drawRatios, pageDrawings } from "../../../src/report/comparison/chart.ts";
import { comparisonPage } from "../../../src/report/comparison/page.ts";
import { hostileTraces, unprintables } from "../hostile-results.ts";
import { xmlFault } from "../xml-fault.ts";
import { attacks, hostileComparison } from "./hostile-comparison.ts";
import { calmComparison, manyCells, sampleComparison, slowerInMean } from "./sample-comparison.ts";

async function page(comparison: Comparison): Promise<string> {
  return comparisonPage(comparison, await pageDrawings(comparison));
}

/** The page without its style sheet, its scripts and the data of its charts. */
function content(text: string): string {
  return text.replace(/<(style|script)(?: type="application\/json")?>[\s\S]*?<\/\1>/g, "");
}

function rowsOf(text: string): readonly string[] {
  return text.match(/<tr>.*<\/tr>/g) ?? [];
}

test("a page has the order of a report: the answer, the chart, what changed, topics with what is folded", async () => {
  const text = content(await page(sampleComparison()));
  expect(
    text.match(/<h[123][^>]*>[^<]*|<figure|<summary>[^<]*/g)?.map((one) => one.replace(/^<[^>]*>?/, "")),
  ).toEqual([
    "attnbench gate: regressed",
    "",
    "how to read it",
    "What changed",
    "Over all cells",
    "Groups: 2",
    "Changed work",
    "Not accepted: 1",
    "Accepted: 1",
    "Cells on one side only",
    "Cells that only one side has: 1",
    "Evidence: can I trust this?",
    "Before believing it: 1",
    "Differences of the environments: 1",
    "Where the numbers come from",
    "All cells",
    "Every cell, in the median and in the mean",
  ]);
  const [first] = text.split("<figure");
  for (const part of [
    "head . (fedcba987654, with changes) against base ../main (0123456789ab)",
    "Example CPU @ 3.00GHz",
    '<a class="trust fine" href="#evidence">✓ measured in turn, in 22 blocks; slow-downs from 3.1 % would show</a>',
    "1 of 4 cells slower, 1 faster, 1 unchanged, 1 unresolved; most: linear at 1k, 0.430× the time (0.420× … 0.440×).",
    "Also 1 broken, work changed in 1 cell.",
    "<li>stride at 1k takes 5.2 % longer</li>",
  ]) {
    expect(first).toContain(part);
  }
});

test("no sentence of the first screen, and no answer of a topic, has more than 25 words", async () => {
  for (const comparison of [
    sampleComparison(),
    sampleComparison({ cells: [slowerInMean, ...manyCells(300)] }),
    calmComparison(),
  ]) {
    const text = content(await page(comparison));
    const told = [...text.matchAll(/<p(?: class="answer")?>([^<]*)<\/p>|<a class="trust[^>]*>([^<]*)</g)];
    const sentences = told.flatMap(([, answer = "", trust = ""]) => `${answer}${trust}`.split(/(?<=\.) /));
    expect(sentences.length).toBeGreaterThan(2);
    for (const sentence of sentences) {
      expect(sentence.match(/[\p{L}\p{N}][^\s]*/gu)?.length ?? 0, sentence).toBeLessThanOrEqual(25);
    }
  }
});

test("every verdict is a word, and what was not detected is sorted by no size", async () => {
  const rows = rowsOf(content(await page(sampleComparison())));
  const row = (variant: string) => rows.findLast((text) => text.includes(`name">${variant}<`)) ?? "";
  expect(row("stride")).toContain(
    '<td class="text slower" data-sort="0">REGRESSED</td><td data-sort="1.0523">+5.2 %</td>',
  );
  expect(row("bigbird")).toContain(
    '<td class="text unresolved" data-sort="2">UNRESOLVED</td><td data-sort="">~</td>',
  );
  expect(row("bigbird")).toContain('<td class="text long">too noisy to gate</td>');
});

test("what changed is one row a cell, in the measure that has changed", async () => {
  const text = content(await page(sampleComparison({ cells: [slowerInMean, ...sampleComparison().cells] })));
  const [, changed] = text.split('id="changes"');
  const rows = rowsOf(changed.split("</table>")[0]);
  expect(
    rows.map((row) =>
      row
        .replace(/<[^>]*>/g, " ")
        .replace(/\s+/g, " ")
        .trim(),
    ),
  ).toEqual([
    expect.stringMatching(/^variant length change interval verdict base head could see note$/),
    expect.stringMatching(
      /^longformer 1k \+8\.1 % mean \+6\.0 … \+10\.0 % REGRESSED 1\.10 ms 1\.19 ms ≥ 4\.2 % slower in/,
    ),
    expect.stringMatching(/^stride 1k \+5\.2 % \+3\.9 … \+6\.6 % REGRESSED 1\.00 ms 1\.05 ms ≥ 3\.1 %$/),
    expect.stringMatching(/^linear 1k 0\.430× 0\.420× … 0\.440× IMPROVED 1\.00 ms 430 µs ≥ 3\.1 %$/),
  ]);
});

test("three hundred cells are all in the table, the weightiest rows in the chart, and all rows in one that is folded", async () => {
  const comparison = sampleComparison({ cells: manyCells(300) });
  const drawings = await pageDrawings(comparison);
  expect(drawings.map(({ chart }) => chart.id)).toEqual(["ratios", "ratios-all"]);
  const [first, all] = drawings;
  expect(first.chart.caption).toContain("9 more rows are not in it.");
  expect(first.drawn.svg.match(/>plugin-\d+</g)).toHaveLength(16);
  expect(all.drawn.svg.match(/>plugin-\d+</g)).toHaveLength(25);
  const text = comparisonPage(comparison, drawings);
  const [, whole] = content(text).split('id="cells"');
  expect(whole.match(/>(REGRESSED|IMPROVED|UNRESOLVED|SAME)<\/td>/g)).toHaveLength(300);
});

test("without a cell there is no chart and no table", async () => {
  expect(await drawRatios(calmComparison())).toBeNull();
  const text = content(await page(calmComparison()));
  expect(text).not.toMatch(/<table|<figure/);
  expect(text).toContain("No cell was measured on both sides.");
});

test("the chart has a point a cell with its verdict, and the band of the margin", async () => {
  const ratios = await drawRatios(sampleComparison());
  if (ratios === null) throw new Error("there is a chart to draw");
  const { spec } = ratios.drawn;
  expect(spec).toMatchObject({
    title: "Change of time in %, by length, measured in turn: right of 0 is slower",
  });
  const { values } = spec.data as {
    values: readonly { series: string; panel: string; verdict: string }[];
  };
  expect(values.map(({ series, panel, verdict }) => `${series} at ${panel}: ${verdict}`)).toEqual([
    "stride at 1k: slower",
    "linear at 1k: faster",
    "bigbird at 4k: unresolved",
    "local at 1k: same",
  ]);
  expect(JSON.stringify(spec)).toMatch(/"datum":0\.97\b.*"datum":1\.03\b/);
});

test("the policy lets through the page's own script and style, and no request", async () => {
  const text = await page(sampleComparison());
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(text)?.[1] ?? "";
  expect(policy).toMatch(
    /^default-src 'none'; script-src 'sha256-[^ ;]*' 'sha256-[^ ;]*'; style-src 'sha256-[^ ;]*'; /,
  );
  for (const [, tag, inner] of text.matchAll(/<(style|script)>([\s\S]*?)<\/\1>/g)) {
    const hash = createHash("sha256").update(inner).digest("base64");
    expect(policy, tag).toContain(`'sha256-${hash}'`);
  }
  expect(content(text)).not.toMatch(/ style=| on\w+=|src=|https?:(?!\/\/www\.w3\.org\/)/);
});

describe("of a hostile comparison", () => {
  test.each(attacks)("no string is markup: %j", async (attack) => {
    const comparison = hostileComparison(attack);
    const drawings = await pageDrawings(comparison);
    const text = comparisonPage(comparison, drawings);
    const traces = ["<script", "onerror=alert(2)>"];
    expect(hostileTraces(content(text)).filter((trace) => !traces.includes(trace))).toEqual([]);
    expect(content(text)).not.toMatch(/<(script|img|testcase)/);
    expect(text.match(/<script>/g)).toHaveLength(2);
    const data = [...text.matchAll(/<script type="application\/json">([\s\S]*?)<\/script>/g)];
    expect(data).toHaveLength(drawings.length);
    for (const [, json] of data) {
      expect(json).not.toContain("<");
      expect(JSON.parse(json)).toMatchObject({ spec: expect.anything() });
    }
    expect(unprintables(content(text))).toEqual([]);
    expect(xmlFault(drawings[0].drawn.svg)).toBeNull();
    const body = content(text)
      .replace(/^[\s\S]*<body>/, "<body>")
      .replace(/<\/html>\s*$/, "");
    expect(xmlFault(body.replaceAll("<br>", "").trim())).toBeNull();
  });
});
