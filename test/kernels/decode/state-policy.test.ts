import { describe, expect, it } from "vitest";
import { findVariant, parameterize } from "../../../src/core/variant.ts";
import { statePolicy } from "../../../src/kernels/decode/state-policy.ts";
import { variants } from "../../../variants/index.ts";
import { attendsNothing } from "../hand-written-patterns.ts";

function policyOf(id: string, overrides: object = {}, length = 4096) {
  return statePolicy(parameterize(findVariant(variants, id), { ...overrides }).mechanism, length);
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
    ["linear", {}, "keeps d·d + d numbers and no key"],
  ])("says of %s with %o: %s", (id, overrides, text) => {
    expect(policyOf(id, overrides).text).toBe(text);
  });

  it("says how many of how many where that grows with the length, but slower", () => {
    expect(policyOf("bigbird", { global: 0 }).text).toMatch(/^keeps at most \d{3,4} of 4096 keys$/);
  });

  it("has the number of keys at every position", () => {
    expect([...(policyOf("local", { window: 2 }, 6).keptKeys ?? [])]).toEqual([0, 1, 2, 3, 3, 3, 3]);
    expect([...(policyOf("full", {}, 3).keptKeys ?? [])]).toEqual([0, 1, 2, 3]);
    expect(policyOf("linear").keptKeys).toBeNull();
  });

  it("has words for one token, and for a pattern that attends nothing", () => {
    for (const { id } of variants) expect(policyOf(id, {}, 1).text).toMatch(/^keeps /);
    expect(statePolicy({ kind: "softmaxPattern", pattern: attendsNothing }, 64).text).toBe("keeps 0 keys");
  });
});
