import { describe, expect, it } from "vitest";
import { shapeOf } from "../../src/core/shape.ts";
import { findVariant, parameterize } from "../../src/core/variant.ts";
import { builtInKernels } from "../../src/kernels/index.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { allowsCausal, causalityOf, whyUndefined } from "../../src/mechanisms/why-undefined.ts";
import { variants } from "../../variants/index.ts";

const judged = (id: string, params: Readonly<Record<string, unknown>> = {}) =>
  builtInKinds.judged(parameterize(findVariant(variants, id), params));
const at = (length: number) => shapeOf({ batch: 1, heads: 2, length, headDim: 4 });
const why = (id: string, length: number, asked: { causal: boolean; mode?: "forward" | "decode" }) =>
  whyUndefined(judged(id, { width: 8 }), { mode: "forward", ...asked }, at(length));

describe("windows of an image", () => {
  it.each(["neighbourhood", "swin"])("of %s cannot be causal, and so cannot be decoded", (id) => {
    expect(causalityOf(judged(id))).toBe("never");
    expect([true, false].map((causal) => allowsCausal(judged(id), causal))).toEqual([false, true]);
    expect(why(id, 64, { causal: false })).toBeNull();
    expect(why(id, 64, { causal: true })).toMatch(/^grid\(8, .*\) cannot be causal; omit --causal$/);
    expect(why(id, 64, { causal: true, mode: "decode" })).toMatch(
      /^decoding is not defined for grid\(8, .*\); omit --mode decode$/,
    );
  });

  it("of neighbourhood are not defined for a part of a row; those of swin are", () => {
    expect(why("neighbourhood", 62, { causal: false })).toBe(
      "grid(8, axisWindow(7, 1, clamp)) takes an image of whole rows, so the tokens must be a multiple of its " +
        "width 8, got 62; choose another length, or set width",
    );
    expect(why("swin", 62, { causal: false })).toBeNull();
  });
});

describe("a layer over an image", () => {
  it("is not called by the pattern that its heads read, which is every key", () => {
    expect(why("conv-attention", 62, { causal: false })).toBe(
      "a layer of attention takes an image of whole rows, so the tokens must be a multiple of its width 8, got 62; " +
        "choose another length, or set width",
    );
    for (const id of ["conv-attention", "sagan"]) {
      expect(why(id, 64, { causal: true })).toBe("a layer of attention cannot be causal; omit --causal");
    }
  });
});

describe("the edges of a graph", () => {
  it("can be causal, and not decoded", () => {
    const graph = judged("graph", { degree: 2 });
    expect(whyUndefined(graph, { causal: true, mode: "forward" }, at(64))).toBeNull();
    expect(whyUndefined(graph, { causal: true, mode: "recompute" }, at(64))).toBeNull();
    const reason = "decoding is not defined for drawnEdges(2, seed 0)";
    expect(whyUndefined(graph, { causal: true, mode: "decode" }, at(64))).toBe(
      `${reason}; omit --mode decode`,
    );
    for (const kernel of builtInKernels()) {
      if (kernel.decode === undefined || kernel.id === "js-recurrent") continue;
      expect(kernel.decode.supports({ ...graph, shape: at(64), causal: true, threads: 1 })).toBe(reason);
    }
  });
});

it("every other built-in variant is defined at any length, causal or not as it can be", () => {
  for (const variant of variants) {
    const one = judged(variant.id);
    if (causalityOf(one) === "never") continue;
    for (const causal of [false, true].filter((is) => allowsCausal(one, is))) {
      for (const length of [1, 61]) {
        expect(whyUndefined(one, { causal, mode: "forward" }, at(length)), variant.id).toBeNull();
      }
    }
  }
});
