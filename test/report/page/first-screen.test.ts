import { beforeAll, describe, expect, it } from "vitest";
import { firstScreen } from "../../../src/report/page/first-screen.ts";
import { entriesOf } from "../../../src/report/ranking/entries.ts";
import { type PackedEntry, unpackedEntries } from "../../../src/report/ranking/packed-entries.ts";
import { hostileResults, hostileTraces, unprintables } from "../hostile-results.ts";
import { sampleDecode } from "../sample-decode.ts";
import { sampleResults } from "../sample-results.ts";

const screenOf = (results: Parameters<typeof entriesOf>[0]) =>
  firstScreen({ results, drawings: [] }, "file-1", new Set()).text;

/** What a reader without a script sees of markup: what is hidden is not. */
function seen(markup: string): string {
  return markup
    .replace(/<script[\s\S]*?<\/script>|<fieldset[\s\S]*?<\/fieldset>/g, "")
    .replace(/<[^>]+>/g, "\n")
    .replace(/&lt;/g, "<");
}

describe("the first screen", () => {
  const results = sampleResults();
  let screen = "";
  beforeAll(() => {
    screen = screenOf(results);
  });

  it("says in one line what ran, what was measured and whether it can be trusted", () => {
    const [about] = screen.match(/<p class="about">.*<\/p>/) ?? [];
    expect(about).toContain("<span>Example CPU @ 3.00GHz</span> <span>7 variants at 256 to 4k tokens</span>");
    expect(about).toMatch(
      /href="#file-1-evidence">⚠ 35 of 35 cases verified and measured, ±[\d.]+ %, 1 warning</,
    );
  });

  it("ranks all that was measured at the longest length, each row by the place of its series", () => {
    const rows = [...screen.matchAll(/<tr data-series="(\d+)">.*<span class="name">([^<]*)<\/span><\/th>/g)];
    const entries = entriesOf(results);
    expect(rows.map(([, place, name]) => [Number(place), name])).toEqual(
      ["linear", "global", "stride", "local", "longformer", "bigbird", "full"].map((name) => [
        entries.findIndex(({ label }) => label === name),
        name,
      ]),
    );
    expect(screen).toContain('<h3 id="file-1-ranking">Ranking at <output>4k</output></h3>');
  });

  it("offers the conditions that tell variants apart, with how many meet each, and lengths with the measured ones marked", () => {
    const boxes = [
      ...screen.matchAll(/name="(\w+)" value="([\w-]+)"[^>]*> [^<]*<span class="count">(\d+)</g),
    ];
    expect(boxes.map(([, name, value, count]) => `${name}=${value} ${count}`)).toEqual([
      "state=constant 3",
      "nearness=exact 1",
      "state=grows 4",
      "nearness=approximate 6",
      "family=dense 1",
      "family=sparse 5",
      "family=feature-map 1",
    ]);
    expect(screen).toMatch(/name="n" min="256" max="4096" step="1" value="4096"/);
    const ticks = [...screen.matchAll(/<option value="(\d+)" label="(\w+)">/g)].map(([, at, text]) => [
      at,
      text,
    ]);
    expect(ticks).toEqual([
      ["0", "256"],
      ["250", "512"],
      ["500", "1k"],
      ["750", "2k"],
      ["1000", "4k"],
    ]);
  });

  it("hides what a script alone can use", () => {
    for (const [field] of screen.matchAll(/<fieldset[^>]*>/g)) expect(field).toContain(" hidden");
    expect(screen.replace(/<fieldset[\s\S]*?<\/fieldset>/g, "")).not.toMatch(/<(input|select|button)/);
  });

  it("has no sentence of more than 25 words", () => {
    for (const text of [screen, screenOf(sampleDecode({ variants: 7 }))]) {
      const sentences = [
        ...seen(text).split(/\n|(?<=[.!?]) /),
        ...[...text.matchAll(/title="([^"]*)"/g)].map(([, t]) => t),
      ];
      expect(sentences.length).toBeGreaterThan(40);
      expect(sentences.filter((one) => one.trim().split(/\s+/).length > 25)).toEqual([]);
    }
  });

  it("gives the page's script all entries, to six digits, and lengths exactly", () => {
    const long = sampleResults({ variants: 2, lengths: [256, 1_048_577] });
    const [, json = ""] = /<script type="application\/json">(.*?)<\/script>/.exec(screenOf(long)) ?? [];
    const data: { readonly baseline: string; readonly entries: readonly PackedEntry[] } = JSON.parse(json);
    expect(data.baseline).toBe("full");
    const entries = unpackedEntries(data.entries);
    const exact = entriesOf(long);
    expect(entries.map(({ place, label }) => [place, label])).toEqual(
      exact.map(({ place, label }) => [place, label]),
    );
    expect(entries[1].points.map(({ length }) => length)).toEqual([256, 1_048_577]);
    for (const [at, { time }] of entries[1].points.entries()) {
      expect(time.value / exact[1].points[at].time.value).toBeCloseTo(1, 5);
    }
  });

  it("shows strings of a results file as data", () => {
    const markup = screenOf(hostileResults()).replace(/<script[\s\S]*?<\/script>/g, "");
    expect(hostileTraces(markup)).toEqual([]);
    expect(unprintables(markup.replaceAll("\ufffe", ""))).toEqual([]);
    expect(markup).toContain("&lt;script&gt;");
  });

  it("of a file without a time has no ranking, and of a file without cases only says what it is", () => {
    const none = { ...results, rows: results.rows.map((row) => ({ ...row, outcome: "skipped" as const })) };
    expect(screenOf(none)).not.toContain("<table");
    expect(screenOf(none)).toContain("✗ 0 of 35 cases");
    expect(screenOf({ ...results, rows: [] })).toContain("✗ 0 of 0 cases");
  });
});
