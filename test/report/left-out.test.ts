import { expect, test } from "vitest";
import { apartOf } from "../../src/report/against.ts";
import { leftOut } from "../../src/report/charts/left-out.ts";
import { sampleResults } from "./sample-results.ts";

const none = { against: "full attention", without: [], apart: [] };

test("what has no error is named, in lines no wider than a chart, and the rest of many is counted", () => {
  expect(leftOut(none)).toEqual([]);
  expect(leftOut({ ...none, without: ["additive"] })).toEqual([
    "Left out, having no error against full attention: additive",
  ]);
  const many = leftOut({ ...none, without: Array.from({ length: 30 }, (_, at) => `variant-${at} · wasm`) });
  expect(many.length).toBeGreaterThan(1);
  for (const line of many) expect(line.length).toBeLessThanOrEqual(96);
  expect(many.join(" ")).toMatch(/: variant-0 · wasm, variant-1 · wasm, .*variant-11 · wasm and 18 more$/);
});

const [row] = sampleResults({ variants: 1 }).rows;
const against = (text: string, label: string) => ({ label, row: { ...row, fidelity_against: text } });

test("what is measured against something else is named by that, each once", () => {
  const unit = "full attention of q and k of length 1 at τ = 1";
  expect(
    leftOut({ ...none, without: ["fnet"], apart: apartOf([against(unit, "rfa"), against(unit, "rfa")]) }),
  ).toEqual([
    "Left out, having no error against full attention: fnet",
    "Left out, measured against full attention of q and k of length 1 at τ = 1: rfa",
  ]);
});

test("a stranger's words for it are cut, printable, and few, in lines no wider than a chart", () => {
  const many = [..."abcde"].map((name) => against(`${name}\u202e${"word ".repeat(2000)}`, `variant ${name}`));
  const lines = leftOut({ ...none, apart: apartOf(many) });
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(96);
  expect(lines.join(" ")).toContain("a\\u{202e}word word");
  expect(lines.at(-1)).toBe("Left out, measured against something else: variant d, variant e");
});
