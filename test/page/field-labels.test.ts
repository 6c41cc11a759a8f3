import { expect, test } from "vitest";
import { suitePage } from "../../src/page/document/page.ts";
import { FIELD_LABELS, inFieldLabels } from "../../src/page/field-labels.ts";

test.each([
  ["--lengths: must be lengths, got 'no'", "lengths: must be lengths, got 'no'"],
  ["--head-dim: must be a whole number, got 1.5", "width of a head: must be a whole number, got 1.5"],
  [
    "9 cases have no interval; raise --rounds or --budget",
    "9 cases have no interval; raise “rounds” or “time for the run”",
  ],
  ["--kernel: must name something", "kernels: must name something"],
  ["--kv-heads: ask for other --heads", "heads of k and v: ask for other “heads”"],
])("%s is told in the page's words", (said, shown) => {
  expect(inFieldLabels(said)).toBe(shown);
});

test("what was typed stays as it is, and so does what the page has no field for", () => {
  expect(inFieldLabels("--lengths: must be lengths, got '1k --heads 4'")).toBe(
    "lengths: must be lengths, got '1k --heads 4'",
  );
  for (const text of ["add --lengths-of", "started with --experimental-wasm-revectorize", "well--heads"]) {
    expect(inFieldLabels(text)).toBe(text);
  }
});

test("every label is on the page", () => {
  const { html } = suitePage({ ui: "", engine: "", liveReport: "", own: "", vega: "" });
  for (const label of Object.values(FIELD_LABELS)) expect(html).toMatch(new RegExp(`>\\s*${label}\\b`));
});
