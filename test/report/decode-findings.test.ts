import { expect, test } from "vitest";
import { type Results, summarize } from "../../src/record/case-row.ts";
import type { CaseLine } from "../../src/record/schema/result-lines.ts";
import { lint } from "../../src/report/lint.ts";
import { seriesOf } from "../../src/report/series.ts";
import { summaryMarkdown } from "../../src/report/summary-markdown.ts";
import { fairTable } from "../../src/report/tables/fair-table.ts";
import { summaryTable } from "../../src/report/tables/summary-table.ts";
import { warningsOf } from "../../src/report/warnings.ts";
import { hostileDecode, hostileTraces, unprintables } from "./hostile-results.ts";
import { said as findings } from "./said.ts";
import { type DecodeOptions, sampleDecode } from "./sample-decode.ts";
import { sampleResults } from "./sample-results.ts";

const quiet = { noise: 1e-4 };

/** Words that are true of forward passes alone. */
const forwardWords = /one call|sequence|longest length|every length|ideal|prepare|N\^|ceiling/;

function withoutVariant(results: Results, variant: string): Results {
  return { ...results, rows: results.rows.filter((row) => row.variant !== variant) };
}

test("series of steps are named by what keeps the past, and apart from those of forward passes", () => {
  const steps = sampleDecode({ variants: 2 }).rows;
  expect(seriesOf(steps).map(({ label }) => label)).toEqual(["full, cached", "full, recomputed", "local"]);
  const both = seriesOf([...sampleResults({ variants: 2 }).rows, ...steps]);
  expect(both.map(({ label }) => label)).toEqual([
    "full · not causal",
    "local · not causal",
    "full, cached · causal",
    "full, recomputed · causal",
    "local · causal",
  ]);
});

test("the fair baseline is the cache: recomputing is no one's", () => {
  const [cached, recomputed, local] = seriesOf(sampleDecode({ variants: 2 }).rows);
  expect(local.baseline?.label).toBe(cached.label);
  expect(recomputed.baseline?.label).not.toBe(cached.label);
  expect([cached.exponent, recomputed.exponent, local.exponent]).toEqual([1, 2, 0]);
});

test("each question of decoding is answered in one sentence with its numbers", () => {
  expect(findings(sampleDecode(quiet))).toMatchInlineSnapshot(`
    [
      "Fastest per token, by position: full, cached at 64; linear at 256–64k (4.66 µs, 360× as fast as full, cached).",
      "Faster per token than full, cached (softmax with a key-value cache): linear from position 158 (95 %: 158–159); stride from position 163 (95 %: 163–164); local from position 215 (95 %: 214–215).",
      "Time of a token over position P grows: full, cached as P^0.97 ± 0.04, declared 1; full, recomputed as P^1.93 ± 0.16, declared 2; local as P^0.00 ± 0.01 from 256 on, where its keys stop growing, declared 0; stride as P^0.35 ± 0.23, declared 1; linear as P^0.00 ± 0.01, declared 0.",
      "State at position 64k: linear 16.3 KiB, 0.05 % of the cache; local 64.5 KiB, 0.2 % of the cache; stride 1.03 MiB, 3.2 % of the cache; full, cached 32.0 MiB.",
      "Tokens per second from nothing, over the first 64k: linear 214k (214k–214k); local 159k (159k–159k); stride 31.8k (31.8k–31.8k); full, cached 1.19k (1.19k–1.19k); over the first 4k: full, recomputed 14.3 (14.3–14.3).",
      "28 of 28 cases measured; errors are at most 15 % of their budgets; 95 % intervals of time are typically ±0.01 %, at worst ±0.03 %; 1 warning.",
    ]
  `);
});

test("where two are alike below, it is told from where on at the latest one is faster, and no position of chance", () => {
  const { run, rows, rounds } = sampleDecode({ noise: 1e-2, variants: 2, positions: [16, 64, 256, 1024] });
  const alike = rounds.map((round) => {
    const [variant, kernel, position] = round.case.split("/");
    if (variant !== "local" || Number(position) > 64) return round;
    const name = `full/${kernel}/${position}/decode`;
    const cached = rounds.find((one) => one.case === name && one.round === round.round) ?? round;
    const by = 1.005 + (round.round % 2 === 0 ? 0.02 : -0.02);
    return { ...round, samples: cached.samples.map((seconds) => seconds * by) };
  });
  const lines = rows.map((row): CaseLine => ({ ...row, type: "case" }));
  const told = findings(summarize("alike", run, [...lines, ...alike])).join();
  expect(told).toMatch(/local from position \d+ at the latest \(95 %\)\./);
  const latest = Number(/local from position (\d+)/.exec(told)?.[1]);
  expect(latest).toBeGreaterThan(64);
  expect(latest).toBeLessThan(256);
});

test("what a file does not hold is not spoken of", () => {
  const alone = findings(withoutVariant(sampleDecode(quiet), "full"));
  expect(alone.join()).not.toContain("full");
  expect(alone.join()).toContain("Tokens per second");
  const bare = findings(sampleDecode({ ...quiet, recomputed: 0 }));
  expect(bare.join()).not.toContain("recomputed");
  const one = findings(sampleDecode({ positions: [1000], rounds: 3 }));
  expect(one.join()).not.toMatch(/grows|NaN|undefined/);
  expect(one.join()).toContain("at every position measured");
  const alter = (line: CaseLine): CaseLine => ({ ...line, outcome: "failed", reason: "red" });
  expect(findings(sampleDecode({ alter }))).toEqual(["Nothing was measured: of 28 cases 28 failed."]);
});

test.each([
  ["all variants", { variants: 7 }],
  ["one position", { positions: [512] }],
  ["two rounds", { rounds: 2 }],
  ["no recomputing", { recomputed: 0 }],
] as readonly [string, DecodeOptions][])("nothing of forward passes is said of steps: %s", (_, options) => {
  const results = sampleDecode(options);
  const text = [
    ...findings(results),
    ...lint(results).map((one) => one.text),
    summaryTable(results.rows),
  ].join("\n");
  expect(text.replace(/full, recomputed/g, "")).not.toMatch(forwardWords);
  expect(text).not.toMatch(/NaN|undefined|null|Infinity/);
});

test("steps that run as they should are not odd, and those that do not are told in their own words", () => {
  expect(lint(sampleDecode())).toEqual([]);
  const results = sampleDecode(quiet);
  const slow = results.rows.map((row) =>
    row.variant === "linear" && row.median_s !== null
      ? { ...row, median_s: row.length * 1e-7, low_s: null, high_s: null }
      : row,
  );
  const texts = warningsOf({ ...results, rows: slow, rounds: [] }).join("\n");
  expect(texts).toContain("the time of a token grows as P^1.00 over positions 4k to 64k, declared 0");
  const missing = results.rows.filter((row) => row.variant !== "local" || row.length !== 1024);
  const run = { ...results.run, plan: { ...results.run.plan, cases: [] } };
  expect(lint({ ...results, run, rows: missing }).map(({ places, text }) => `${places}: ${text}`)).toEqual([
    "local at 1k: has no case where others have one: exclude that position from comparisons, or step all variants at the same positions",
  ]);
});

test("steps that are too short for the clock are told what to do about it", () => {
  const results = sampleDecode();
  const rounds = results.rounds.map((round) => ({ ...round, calls: 1, samples: [1e-7] }));
  const texts = lint({ ...results, rounds }).map(({ text }) => text);
  expect(texts).toContain("the clock is too coarse for such short steps: measure more heads");
  expect(texts.join()).not.toMatch(forwardWords);
});

test("the fair and the unfair ratio stand side by side, with the paper's beside them", () => {
  const table = fairTable(seriesOf(sampleDecode(quiet).rows));
  expect(table?.tokens).toEqual([64, 256, 784, 1024, 3072, 4096, 16_384, 65_536]);
  const text = table?.rows.map(
    ({ name, over, cells }) => `${name} over ${over}: ${cells.map(({ ratio }) => ratio).join(" ")}`,
  );
  expect(text).toMatchInlineSnapshot(`
    [
      "full, cached over recomputed: 22× 80× 245× 322× 986× 1319× – –",
      "local over recomputed: 6.7× 58× 438× 732× 6341× 11224× – –",
      "local over cached: 0.30× 0.73× 1.8× 2.3× 6.4× 8.5× 33× 133×",
      "stride over recomputed: 5.6× 64× 519× 865× 6515× 10862× – –",
      "stride over cached: 0.25× 0.80× 2.1× 2.7× 6.6× 8.2× 18× 27×",
      "linear over recomputed: 5.5× 65× 557× 944× 8439× 14995× – –",
      "linear over cached: 0.25× 0.81× 2.3× 2.9× 8.6× 11× 45× 180×",
      "linear, in the paper over recomputed: – – 317× – 4462× – – –",
      "linear, in the paper over cached: – – ≈19× – ≈56× – – –",
    ]
  `);
  expect(table?.rows[1].cells[0].interval).toMatch(/^[\d.]+–[\d.]+×$/);
});

test("the table has what is known: no baseline none at all, no recomputing the fair ratios", () => {
  expect(fairTable(seriesOf(withoutVariant(sampleDecode(), "full").rows))).toBeNull();
  const fair = fairTable(seriesOf(sampleDecode({ recomputed: 0 }).rows));
  expect(fair?.rows.map(({ name, over }) => `${name} ${over}`)).toEqual([
    "local cached",
    "stride cached",
    "linear cached",
    "linear, in the paper recomputed",
    "linear, in the paper cached",
  ]);
  expect(fairTable(seriesOf(sampleResults().rows))).toBeNull();
});

test("the terminal's table is one of positions, with state, bandwidth and both ratios", () => {
  expect(summaryTable(sampleDecode().rows, 110)).toMatchInlineSnapshot(`
    "Time per token, by position
    variant                    64          256           1k           4k
    full, cached      2.12 µs ±3%  7.08 µs ±4%  26.8 µs ±3%   106 µs ±3%
    full, recomputed  70.3 µs ±2%   846 µs ±3%  13.1 ms ±2%   206 ms ±4%
    local             4.68 µs ±3%  6.31 µs ±4%  6.30 µs ±3%  6.25 µs ±3%
    stride            4.64 µs ±3%  4.85 µs ±4%  5.48 µs ±2%  7.75 µs ±3%
    linear            4.73 µs ±4%  4.66 µs ±2%  4.65 µs ±3%  4.66 µs ±5%

    variant                   16k          64k       slope  declared
    full, cached       419 µs ±2%  1.67 ms ±2%  0.97 ±0.04         1
    full, recomputed            –            –  1.93 ±0.15         2
    local             6.25 µs ±2%  6.35 µs ±5%  0.00 ±0.01         0
    stride            17.7 µs ±3%  57.7 µs ±3%  0.35 ±0.23         1
    linear            4.71 µs ±4%  4.66 µs ±2%  0.00 ±0.01         0

    speed-up over full, cached
    variant     64   256    1k   4k  16k   64k
    local    0.45×  1.1×  4.3×  17×  67×  263×
    stride   0.46×  1.5×  4.9×  14×  24×   29×
    linear   0.45×  1.5×  5.8×  23×  89×  358×

    at position 64k: what is kept, and what a token reads
    variant              state  bytes per token  of bandwidth
    full, cached      32.0 MiB         32.0 MiB           84%
    full, recomputed         –                –             –
    local             64.5 KiB         64.5 KiB           21%
    stride            1.03 MiB         1.03 MiB           63%
    linear            16.3 KiB         32.5 KiB            8%

    times faster than softmax, by tokens generated: recomputed is unfair
    tokens                                   64    256   784    1k     3k      4k  16k   64k
    full, cached over recomputed            22×    80×  245×  322×   973×   1295×    –     –
    local over recomputed                  6.5×    58×  439×  733×  6303×  11131×    –     –
    local over cached                     0.29×  0.73×  1.8×  2.3×   6.5×    8.6×  34×  133×
    stride over recomputed                 5.6×    64×  522×  866×  6492×  10825×    –     –
    stride over cached                    0.25×  0.81×  2.1×  2.7×   6.7×    8.4×  18×   26×
    linear over recomputed                 5.3×    64×  558×  947×  8374×  14829×    –     –
    linear over cached                    0.24×  0.81×  2.3×  2.9×   8.6×     11×  45×  179×
    linear, in the paper over recomputed      –      –  317×     –  4462×       –    –     –
    linear, in the paper over cached          –      –  ≈19×     –   ≈56×       –    –     –

    the paper: arXiv 2006.16236, whole models on their hardware at their batch; ≈ is implied by its supplement"
  `);
});

test("no line of it is longer than the width, but for notes", () => {
  for (const width of [70, 80, 100, 140]) {
    const lines = summaryTable(sampleDecode({ variants: 7, kernels: ["js", "wasm"] }).rows, width).split(
      "\n",
    );
    const long = lines.filter((line) => [...line].length > width);
    expect(long.filter((line) => !line.startsWith("the paper: "))).toEqual([]);
  }
});

test("a file of both has a table of each", () => {
  const [forwards, steps] = [sampleResults({ variants: 2 }), sampleDecode({ variants: 2 })];
  const text = summaryTable([...steps.rows, ...forwards.rows]);
  expect(text).toBe(`${summaryTable(forwards.rows)}\n\n${summaryTable(steps.rows)}`);
  const both = { ...steps, rows: [...forwards.rows, ...steps.rows] };
  expect(findings(both).filter((sentence) => /^Fastest/.test(sentence))).toHaveLength(2);
});

test("the summary in Markdown has a table of times per token and one of both ratios", () => {
  const text = summaryMarkdown([{ results: sampleDecode(quiet), charts: [] }], "Decoding", null);
  expect(text).toContain("<summary>Time per token, by position</summary>");
  expect(text).toContain("| linear, in the paper | recomputed | – | – | 317× | – | 4462× | – | – | – |");
  expect(text).toContain("| linear, in the paper | cached | – | – | ≈19× | – | ≈56× | – | – | – |");
  expect(text).toContain("arXiv 2006.16236");
  expect(text).not.toContain("Time of one call");
});

test("hostile strings stay data in all of it", () => {
  const results = hostileDecode();
  const markdown = summaryMarkdown([{ results, charts: [] }], "t", null);
  expect(hostileTraces(markdown).filter((trace) => trace !== "onerror=alert(2)>")).toEqual([]);
  for (const text of [markdown, summaryTable(results.rows), ...findings(results)]) {
    expect(unprintables(text.replaceAll("\ufffe", ""))).toEqual([]);
  }
});
