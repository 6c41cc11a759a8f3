import type { Entry, Point } from "../../../src/report/ranking/entry.ts";

/** An entry that never was. */
export function sampleEntry(place: number, points: readonly Point[], more: Partial<Entry> = {}): Entry {
  return {
    place,
    label: `variant-${place}`,
    variant: `variant-${place}`,
    names: [`variant-${place}`],
    variantLabel: `variant-${place}`,
    kernel: "js",
    setting: "",
    unit: "pass",
    causal: false,
    traits: null,
    look: { color: "#5f6673", shape: "circle" },
    baseline: null,
    pays: { kind: null, text: "–", from: null },
    growth: { text: "–", slope: null, declared: 1, steep: null },
    against: null,
    last: {},
    points,
    gaps: [],
    ...more,
  };
}

/** A point at which a law holds exactly, known to a tenth. */
export function pointOn(length: number, seconds: number, more: Partial<Point> = {}): Point {
  return {
    length,
    time: { value: seconds, low: seconds / 1.1, high: seconds * 1.1 },
    gain: null,
    memory: null,
    state: null,
    error: null,
    saved: null,
    ...more,
  };
}
