import { describe, expect, it, test } from "vitest";
import { entriesOf } from "../../../src/report/ranking/entries.ts";
import type { Entry, Point } from "../../../src/report/ranking/entry.ts";
import { measuredLengths, usualLength } from "../../../src/report/ranking/lengths.ts";
import { rankingAt } from "../../../src/report/ranking/ranking-at.ts";
import {
  type ColumnId,
  rankingAnswer,
  rankingTable,
  unrankedTexts,
} from "../../../src/report/ranking/table.ts";
import { sampleDecode } from "../sample-decode.ts";
import { sampleResults } from "../sample-results.ts";
import { pointOn, sampleEntry } from "./sample-entry.ts";

function column(entries: readonly Entry[], id: ColumnId, length = 1024) {
  const { heads, rows } = rankingTable(rankingAt(entries, length), "full");
  const at = heads.findIndex((head) => head.id === id);
  return rows.map(({ cells }) => cells[at]);
}

/** Entries that were measured at one length. */
function at1k(...points: readonly Partial<Point>[]): readonly Entry[] {
  return points.map((point, place) => sampleEntry(place, [pointOn(1024, 1e-3 * (place + 1), point)]));
}

describe("rankingTable", () => {
  it("sorts what pays nowhere yet after every length, without a bar, and what is unknown nowhere", () => {
    const pays = (kind: Entry["pays"]["kind"], from: number | null) => ({ kind, text: `${from}`, from });
    const kinds = [pays("never", null), pays(null, null), pays("always", 0), pays("from", 65_000)];
    const entries = kinds.map((one, place) => sampleEntry(place, [pointOn(1024, 1)], { pays: one }));
    const cells = column(entries, "pays");
    expect(cells.map(({ key }) => key)).toEqual([Number.MAX_SAFE_INTEGER, null, 0, 65_000]);
    expect(cells.map(({ bar }) => bar)).toEqual([null, null, null, 1]);
  });

  it("says of each variant its time, its gain, from where it pays, how it grows, what it keeps and what it costs", () => {
    const { heads, rows } = rankingTable(rankingAt(entriesOf(sampleResults()), 4096), "full");
    expect(heads.map(({ text }) => text)).toEqual([
      "time",
      "× over full",
      "pays from",
      "grows as",
      "decoding keeps",
      "memory",
      "error",
    ]);
    const texts = (place: number) =>
      rows[place].cells.map(({ text, more }) => (more === "" ? text : `${text} ${more}`));
    expect(rows.map(({ ranked }) => ranked.entry.label)).toEqual([
      "linear",
      "global",
      "stride",
      "local",
      "longformer",
      "bigbird",
      "full",
    ]);
    expect(texts(0)).toEqual([
      expect.stringMatching(/^16\.\d ms ±\d%$/),
      "64×",
      "≤ 256",
      "N^0.99 ± 0.02 (1)",
      "constant",
      "64.0 KiB",
      "40 %",
    ]);
    expect(texts(6)).toEqual([
      expect.stringMatching(/^1\.\d+ s ±\d%$/),
      "1.0× baseline",
      "–",
      "N^2.00 ± 0.02 (2)",
      "grows",
      "64.0 KiB",
      "< 0.1 %",
    ]);
  });

  it("marks what was read off between two lengths", () => {
    const [cell] = column(entriesOf(sampleResults()), "time", 3000);
    expect(cell.text).toMatch(/^≈ \d/);
    expect(cell.more).toMatch(/^±\d/);
  });

  it("omits columns of which nothing is known", () => {
    const { heads } = rankingTable(rankingAt(at1k({}, {}), 1024), "full");
    expect(heads.map(({ id }) => id)).toEqual(["time", "growth"]);
    expect(rankingTable(rankingAt([], 1024), "full")).toEqual({ heads: [], rows: [] });
  });

  it("draws bars of a column over its logarithms, the least still seen and nothing where nothing is known", () => {
    const bars = column(
      at1k({ memory: 1024 }, { memory: null }, { memory: 4096 }, { memory: 16_384 }),
      "memory",
    );
    expect(bars.map(({ bar }) => bar)).toEqual([0.04, null, expect.closeTo(0.52, 9), expect.closeTo(1, 9)]);
    expect(column(at1k({ memory: 0 }, { memory: 7 }), "memory").map(({ bar }) => bar)).toEqual([null, 1]);
    const errors = column(at1k({ error: 2e-7 }, { error: 1e-3 }, { error: 1 }), "error");
    expect(errors.map(({ bar }) => bar)).toEqual([0.04, 0.04, expect.closeTo(1, 9)]);
  });

  it("sets errors in brackets that are distances to something else", () => {
    const [plain, other] = at1k({ error: 0.5 }, { error: 0.5 });
    const cells = column([plain, { ...other, against: "full attention of turned q and k" }], "error");
    expect(cells.map(({ text }) => text)).toEqual(["50 %", "(50 %)"]);
  });

  it("says what steps keep in bytes, and nothing of what keeps no state", () => {
    const steps = entriesOf(sampleDecode());
    const { rows, heads } = rankingTable(rankingAt(steps, 4096), "full, cached");
    expect(heads.map(({ text }) => text).slice(0, 2)).toEqual(["time per token", "× over full, cached"]);
    const state = heads.findIndex(({ id }) => id === "state");
    const kept = rows.map(({ ranked, cells }) => [ranked.entry.label, cells[state].text, cells[state].more]);
    expect(kept).toEqual(
      expect.arrayContaining([
        ["linear", "16.3 KiB", "constant"],
        ["full, cached", "2.00 MiB", ""],
        ["full, recomputed", "–", ""],
      ]),
    );
  });
});

describe("rankingAnswer", () => {
  const entry = (place: number, low: number, value: number, high: number, more: Partial<Entry> = {}) =>
    sampleEntry(place, [{ ...pointOn(1024, value), time: { value, low, high } }], more);

  it("names the fastest, and those that it cannot be told from", () => {
    const [one, two, three] = [entry(0, 0.9, 1, 1.1), entry(1, 1.05, 1.2, 1.4), entry(2, 1.2, 1.5, 1.6)];
    const told = (...entries: readonly Entry[]) => rankingAnswer(rankingAt(entries, 1024), "full");
    expect(told(one, three)).toBe("Fastest at 1k: variant-0, 1.00 s.");
    expect(told(one, two, three)).toBe("Fastest at 1k: variant-0 or variant-1, 1.00 s.");
    expect(told(one, two, entry(3, 1, 1.3, 1.4))).toBe("Fastest at 1k: variant-0 or 2 more, 1.00 s.");
    expect(told()).toBe("No variant meets these conditions.");
    expect(rankingAnswer(rankingAt([one], 512), "full")).toBe("Nothing was measured around 512.");
  });

  it("says how much faster that is than the baseline, and that a time was read off", () => {
    const entries = entriesOf(sampleResults());
    expect(rankingAnswer(rankingAt(entries, 4096), "full")).toMatch(
      /^Fastest at 4k: linear, 16\.\d ms, 6\d× as fast as full\.$/,
    );
    expect(rankingAnswer(rankingAt(entries, 3000), "full")).toMatch(
      /^Fastest at 3000: linear, about 12\.\d ms, /,
    );
    expect(rankingAnswer(rankingAt(entriesOf(sampleDecode()), 4096), "full, cached")).toMatch(
      /^Fastest at position 4k: /,
    );
  });
});

test("entries that are not ranked are told by why they are not", () => {
  const [one, two, three] = [0, 1, 2].map((place) => sampleEntry(place, [pointOn(256, 1)]));
  const gaps = [{ length: 512, outcome: "failed" } as const];
  expect(unrankedTexts(rankingAt([one, { ...two, gaps }, three], 512))).toEqual([
    "measured to 256: variant-0, variant-2",
    "failed: variant-1",
  ]);
});

test("of many entries that are not ranked the first are named, and the others counted", () => {
  const many = (count: number) =>
    unrankedTexts(
      rankingAt(
        Array.from({ length: count }, (_, place) => sampleEntry(place, [pointOn(256, 1)])),
        512,
      ),
    )[0];
  expect(many(6)).toMatch(/variant-0, .*, variant-5$/);
  expect(many(48)).toBe("measured to 256: variant-0, variant-1, variant-2 and 45 more");
});

test("a ranking begins at the longest length at which more than half were measured", () => {
  const lengths = (...all: readonly (readonly number[])[]) =>
    all.map((each, place) =>
      sampleEntry(
        place,
        each.map((length) => pointOn(length, 1)),
      ),
    );
  expect(usualLength(lengths([1, 2, 4], [1, 2, 4], [1, 2]))).toBe(4);
  expect(usualLength(lengths([1, 2, 4], [1, 2], [1, 2]))).toBe(2);
  expect(usualLength(lengths([1, 2], [4, 8], [16]))).toBe(16);
  expect(usualLength(lengths([]))).toBe(null);
  expect(measuredLengths(lengths([4, 8], [1, 4]))).toEqual([1, 4, 8]);
});
