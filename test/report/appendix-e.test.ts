import { describe, expect, test } from "vitest";
import { crossingOf } from "../../src/report/crossing.ts";
import { growthOverRounds, isHiddenQuadratic } from "../../src/report/growth.ts";
import { lint } from "../../src/report/lint.ts";
import { seriesOf } from "../../src/report/series.ts";
import { roundMedians } from "../../src/stats/round-medians.ts";
import { appendixE } from "./appendix-e.ts";
import { said as findings } from "./said.ts";

/** FlashAttention's published times are what its authors measured: what is odd in them must be seen here. */
describe.each([1, 9])("with %d rounds of FlashAttention's published times", (rounds) => {
  const results = appendixE(rounds);
  const times = roundMedians(results.rounds);
  const series = new Map(seriesOf(results.rows).map((one) => [one.variant, one]));
  const seriesNamed = (variant: string) => {
    const found = series.get(variant);
    if (found === undefined) throw new Error(`no ${variant}`);
    return found;
  };

  test.each([
    ["longformer", 2363],
    ["bigbird", 2535],
    ["local", 2794],
    ["linformer", 529],
  ])("%s overtakes full attention near %d", (variant, near) => {
    const crossing = crossingOf(seriesNamed(variant), times);
    expect(crossing?.kind).toBe("from");
    const { length = 0, low = null, high = null } = crossing?.crossover ?? {};
    expect(Math.abs(length - near)).toBeLessThan(3);
    if (rounds === 1) return;
    expect(low).toBeLessThan(length);
    expect(high).toBeGreaterThan(length);
  });

  test.each([
    ["longformer", 1.575],
    ["bigbird", 1.559],
    ["local", 1.001],
  ])("%s ends with an exponent of %f", (variant, exponent) => {
    const { upper } = growthOverRounds(seriesNamed(variant), times);
    expect(upper?.end).toMatchObject({ from: 4096, to: 8192 });
    expect(upper?.end.slope).toBeCloseTo(exponent, 3);
  });

  test("longformer and bigbird hide a quadratic, and nothing else does", () => {
    const steep = [...series.values()].filter((one) => isHiddenQuadratic(growthOverRounds(one, times)));
    expect(steep.map(({ variant }) => variant)).toEqual(["longformer", "bigbird"]);
  });

  test("the lint speaks of what is odd, and of nothing else", () => {
    const told = lint(results).map(({ check, places }) => `${check}: ${places}`);
    expect(told).toEqual([
      "hidden-quadratic: longformer at 8k",
      "hidden-quadratic: bigbird at 8k",
      expect.stringMatching(/^not-monotone: block-sparse at 1k$/),
      "more-work-yet-faster: longformer at 1k, 2k; bigbird at 1k, 2k; local at 1k, 2k",
      "identical-rows: block-sparse at 1k, 2k",
      // The machine of a paper tells no ceiling.
      expect.stringMatching(/^unknown-ceiling: full at 512/),
    ]);
  });
});

test("the findings tell it in sentences", () => {
  expect(findings(appendixE(9))).toMatchInlineSnapshot(`
    [
      "Fastest: full at 512, linformer at 1k, block-sparse at 2k–8k (1.69 ms, 40× as fast as full).",
      "Faster than full: linformer from about 529 (95 %: 526–532); block-sparse from about 649 (95 %: 646–652); longformer from about 2363 (95 %: 2361–2365); bigbird from about 2535 (95 %: 2533–2537); local from about 2794 (95 %: 2793–2796).",
      "Cost at 8k: memory in addition to q, k, v and out is 64.0 KiB for each, 64.0 KiB for full; the relative error against full attention on this input is under 0.1 % for each.",
      "Growth of time: full grows as N^1.83 ± 0.18, declared 2; longformer as N^1.29 ± 0.29, declared 1; bigbird as N^1.31 ± 0.34, declared 1; local as N^1.23 ± 0.22, declared 1; linformer as N^0.84 ± 0.30, declared 1; block-sparse as N^0.35 ± 0.38, declared 1; clearly steeper than declared over the upper half: longformer with N^1.39 ± 0.01 from 2k to 8k, bigbird with N^1.38 ± 0.01 from 2k to 8k.",
      "30 of 30 cases measured; errors are at most 15 % of their budgets; 95 % intervals of time are typically ±0.2 %, at worst ±0.7 %; 6 warnings.",
    ]
  `);
});

test("and the lint says what to do about each", () => {
  expect(lint(appendixE(9)).map(({ text, places }) => `${places}: ${text}`)).toMatchInlineSnapshot(`
    [
      "longformer at 8k: time grows as N^1.39 ± 0.01 from 2k to 8k, N^1.57 from 4k on, declared 1: the executed work grows as N^1.00 only, so a hidden quadratic that is not counted, or a cache that is full; measure longer lengths",
      "bigbird at 8k: time grows as N^1.38 ± 0.01 from 2k to 8k, N^1.56 from 4k on, declared 1: the executed work grows as N^1.00 only, so a hidden quadratic that is not counted, or a cache that is full; measure longer lengths",
      "block-sparse at 1k: takes less time than the next shorter length, though it computes no less: a fixed cost outweighs the work, or one of the two was disturbed; measure both again, and longer lengths",
      "longformer at 1k, 2k; bigbird at 1k, 2k; local at 1k, 2k: computes less than half of what full does and is yet slower: a fixed cost, memory or the kernel holds it back; look at its percent of ceiling and measure longer lengths",
      "block-sparse at 1k, 2k: has exactly the samples of another case: one measurement was recorded twice; see where the file comes from and measure again",
      "full at 512, 1k, 2k, 4k, 8k; longformer at 512, 1k, 2k, 4k, 8k; bigbird at 512, 1k, 2k, 4k, 8k; local at 512, 1k, 2k, 4k, 8k; linformer at 512, 1k, 2k, 4k, 8k; block-sparse at 512, 1k, 2k, 4k, 8k: the machine's ceiling on 1 thread is not known: whether kernel cuda can be that fast was not compared with it, only with what no processor exceeds",
    ]
  `);
});
