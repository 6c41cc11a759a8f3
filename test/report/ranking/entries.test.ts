import { describe, expect, it } from "vitest";
import { entriesOf } from "../../../src/report/ranking/entries.ts";
import { seriesOf } from "../../../src/report/series.ts";
import { sampleDecode } from "../sample-decode.ts";
import { sampleResults } from "../sample-results.ts";

describe("entriesOf", () => {
  const results = sampleResults({ kernels: ["js", "wasm"] });
  const entries = entriesOf(results);

  it("has each series at its place, with the label and the baseline that it has there", () => {
    const series = seriesOf(results.rows);
    expect(entries.map(({ place }) => place)).toEqual(series.map((_, place) => place));
    expect(entries.map(({ label }) => label)).toEqual(series.map(({ label }) => label));
    for (const { baseline, kernel } of entries) {
      expect(entries[baseline ?? -1]).toMatchObject({ variant: "full", kernel });
    }
  });

  it("knows the traits of built-in variants, and none of a plug-in's", () => {
    const local = entriesOf(sampleResults({ variants: 8 })).filter(({ variant }) =>
      ["local", "plugin-1"].includes(variant),
    );
    expect(local.map(({ traits }) => traits)).toEqual([
      {
        family: "sparse",
        causality: "either",
        state: "constant",
        nearness: "approximate",
        learns: false,
      },
      null,
    ]);
  });

  it("has what was measured at each length, and what became of the other cases", () => {
    const [full, local] = entriesOf(
      sampleResults({
        alter: (line) =>
          line.variant === "local" && line.length >= 2048
            ? { ...line, outcome: line.length === 2048 ? "failed" : "skipped", reason: "why" }
            : line,
      }),
    );
    expect(full.points.map(({ length }) => length)).toEqual([256, 512, 1024, 2048, 4096]);
    expect(full.gaps).toEqual([]);
    expect(local.points.map(({ length }) => length)).toEqual([256, 512, 1024]);
    expect(local.gaps).toEqual([
      { length: 2048, outcome: "failed" },
      { length: 4096, outcome: "skipped" },
    ]);
    const { time, gain, memory, error } = local.points[2];
    const { low, high } = time;
    if (low === null || high === null || gain === null) throw new Error("eight rounds give intervals");
    expect(low).toBeLessThanOrEqual(time.value);
    expect(high).toBeGreaterThanOrEqual(time.value);
    expect(gain.value).toBeCloseTo(full.points[2].time.value / time.value, 12);
    expect({ memory, error }).toEqual({ memory: 65_536, error: 0.4 });
  });

  it("says from where a variant pays: at a length with its interval, at the first already, or not yet at the last", () => {
    const pays = new Map(
      entries.filter(({ kernel }) => kernel === "js").map((one) => [one.variant, one.pays]),
    );
    expect(pays.get("full")).toEqual({ kind: null, text: "–", from: null });
    expect(pays.get("linear")).toEqual({ kind: "always", text: "≤ 256", from: 0 });
    const longformer = pays.get("longformer");
    expect(longformer?.text).toMatch(/^\d+ \(\d+–\d+\)$/);
    expect(Math.abs((longformer?.from ?? 0) / 290 - 1)).toBeLessThan(0.1);
    const [, short] = entriesOf(sampleResults({ variants: 2, lengths: [128, 192] }));
    expect(short.pays).toEqual({ kind: "never", text: "> 192", from: null });
  });

  it("has the exponent that was fitted and the declared one, and none fitted from three lengths", () => {
    const [full] = entries;
    expect(full.growth).toMatchObject({ text: expect.stringMatching(/^N\^2\.00 ± /), declared: 2 });
    expect(entriesOf(sampleResults({ lengths: [256, 512, 1024] }))[0].growth).toEqual({
      text: "–",
      slope: null,
      declared: 2,
      steep: null,
    });
  });

  it("compares tokens with the cached baseline, and recomputing with nothing", () => {
    const steps = entriesOf(sampleDecode());
    expect(new Set(steps.map(({ unit }) => unit))).toEqual(new Set(["step"]));
    const named = (label: string) => steps.find((one) => one.label === label);
    expect(named("full, recomputed")?.points.map(({ gain }) => gain)).toEqual(
      named("full, recomputed")?.points.map(() => null),
    );
    expect(named("linear")?.points.at(-1)?.gain?.value).toBeGreaterThan(10);
    expect(named("linear")?.points.at(-1)?.state).toBe(64 * 65 * 4);
  });

  it("gives passes and steps of one file labels as their parts have them, at places of the whole", () => {
    const passes = sampleResults({ variants: 2 });
    const steps = sampleDecode({ variants: 2 });
    const both = entriesOf({ ...passes, rows: [...passes.rows, ...steps.rows] });
    expect(both.map(({ place }) => place)).toEqual(both.map((_, place) => place));
    const labels = (unit: string) => both.filter((one) => one.unit === unit).map(({ label }) => label);
    expect(labels("pass")).toEqual(["full", "local"]);
    expect(labels("step")).toEqual(entriesOf(steps).map(({ label }) => label));
  });
});
