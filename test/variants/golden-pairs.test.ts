import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findVariant, parameterize } from "../../src/core/variant.ts";
import { isSoftmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { causal } from "../../src/pattern/causal.ts";
import { variants } from "../../variants/index.ts";
import { patternOf } from "./bound-variant.ts";

/** What an independent PyTorch program counted. */
interface Golden {
  readonly heads: number;
  readonly length: number;
  readonly cases: readonly {
    readonly output: string;
    readonly variant: string;
    readonly params: Readonly<Record<string, number>>;
    readonly causal: boolean;
    readonly pairs_per_head?: number;
  }[];
}

const folder = new URL("../golden/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
const goldens = names
  .map((name) => ({
    name,
    golden: JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Golden,
  }))
  .filter(({ golden }) => "cases" in golden && golden.cases.some((one) => one.pairs_per_head !== undefined));

describe.each(goldens)("the pair counts of golden $name", ({ golden }) => {
  const counted = golden.cases.filter((one) => one.pairs_per_head !== undefined);

  it.each(counted)("$output", ({ variant, params, causal: cut, pairs_per_head }) => {
    const pattern = patternOf(findVariant(variants, variant), params);
    for (let head = 0; head < golden.heads; head++) {
      const bound = (cut ? causal(pattern) : pattern).bind({ length: golden.length, head });
      expect(bound.pairs()).toBe(pairs_per_head);
    }
  });

  it("are given for each of the six softmax variants that the suite began with", () => {
    const softmax = variants
      .filter(({ tags }) => tags.includes("core"))
      .filter((variant) => isSoftmaxPattern(parameterize(variant, {}).mechanism));
    expect(new Set(counted.map((one) => one.variant))).toEqual(new Set(softmax.map(({ id }) => id)));
  });
});

it("golden files are there", () => {
  expect(goldens.length).toBeGreaterThan(0);
});
