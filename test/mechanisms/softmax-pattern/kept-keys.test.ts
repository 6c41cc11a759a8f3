import { describe, expect, it } from "vitest";
import type { Pattern } from "../../../src/core/pattern.ts";
import { findVariant, parameterize } from "../../../src/core/variant.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { keepsKeys } from "../../../src/mechanisms/softmax-pattern/kept-keys.ts";
import { isDecoded } from "../../../src/mechanisms/why-undefined.ts";
import { band, everything } from "../../../src/pattern/band.ts";
import { causal } from "../../../src/pattern/causal.ts";
import { keptKeys } from "../../../src/pattern/kept-keys.ts";
import { lastQueries } from "../../../src/pattern/last-queries.ts";
import { variants } from "../../../variants/index.ts";
import { attendsNothing } from "../../kernels/hand-written-patterns.ts";
import { ofPattern } from "../judge.ts";

function keptBy(id: string, overrides: object = {}, length = 4096) {
  const { mechanism, kind } = builtInKinds.judged(parameterize(findVariant(variants, id), { ...overrides }));
  return kind.step?.keeps(mechanism, length);
}

describe("what decoding keeps, in words", () => {
  it.each([
    ["full", {}, "keeps every key: a later query may attend it"],
    ["stride", {}, "keeps every key: a later query may attend it"],
    ["longformer", {}, "keeps every key: a later query may attend it"],
    ["bigbird", {}, "keeps every key: a later query may attend it"],
    ["local", {}, "keeps 129 keys"],
    ["local", { window: 0 }, "keeps 1 key"],
    ["local", { window: 2047 }, "keeps 2048 keys"],
    ["global", {}, "keeps 16 keys"],
    ["longformer", { stride: 0 }, "keeps 145 keys"],
    ["stride", { reach: 640 }, "keeps 641 keys"],
    ["linear", {}, "keeps d·d + d numbers and no keys"],
    ["pooled", {}, "keeps 512 means of 8 keys and values, and the sum of a block that has not ended"],
  ])("says of %s with %o: %s", (id, overrides, text) => {
    expect(keptBy(id, overrides)).toBe(text);
  });

  it("says how many of how many where that grows with the length, but slower", () => {
    expect(keptBy("bigbird", { global: 0 })).toMatch(/^keeps at most \d{3,4} of 4096 keys$/);
  });

  it("has the number of keys at every position", () => {
    const keptOf = (pattern: Pattern, length: number) => [
      ...keptKeys(lastQueries(causal(pattern).bind({ length, head: 0 }))),
    ];
    expect(keptOf(band(2, 0), 6)).toEqual([0, 1, 2, 3, 3, 3, 3]);
    expect(keptOf(everything(), 3)).toEqual([0, 1, 2, 3]);
  });

  it("has words for one token, and for a pattern that attends nothing", () => {
    for (const variant of variants) {
      if (!isDecoded(builtInKinds.judged(parameterize(variant, {})))) continue;
      expect(keptBy(variant.id, {}, 1)).toMatch(/^keeps /);
    }
    expect(keepsKeys(ofPattern(attendsNothing), 64)).toBe("keeps 0 keys");
  });
});
