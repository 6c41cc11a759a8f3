import { describe, expect, it } from "vitest";
import type { Pattern } from "../../src/core/pattern.ts";
import { elementCount, shapeOf } from "../../src/core/shape.ts";
import { findVariant, parameterize } from "../../src/core/variant.ts";
import { js } from "../../src/kernels/js/index.ts";
import { COSTS as JS } from "../../src/kernels/js/softmax-pattern.ts";
import { guardedOutput } from "../../src/kernels/kernel.ts";
import { createWasm } from "../../src/kernels/wasm/index.ts";
import { COSTS as WASM } from "../../src/kernels/wasm/softmax-pattern.ts";
import { gathers } from "../../src/kernels/whether-to-gather.ts";
import { type Forms, formsOf } from "../../src/pairwise/forms.ts";
import { band, everything } from "../../src/pattern/band.ts";
import { causal } from "../../src/pattern/causal.ts";
import { comb } from "../../src/pattern/comb.ts";
import { drawnEdges } from "../../src/pattern/edges.ts";
import { union } from "../../src/pattern/union.ts";
import { variants } from "../../variants/index.ts";
import { ofPattern } from "../mechanisms/judge.ts";
import { patternOf } from "../variants/bound-variant.ts";
import { problemOf } from "./arbitrary-problems.ts";

const at = (pattern: Pattern, length: number) => [pattern.bind({ length, head: 0 })];

describe.each([
  ["js", JS],
  ["wasm", WASM],
])("%s", (_, costs) => {
  it.each(["logsparse", "graph"])("gathers %s, causal and not, at any usual length", (id) => {
    for (const length of [1024, 8192, 65_536]) {
      for (const pattern of [
        patternOf(findVariant(variants, id)),
        causal(patternOf(findVariant(variants, id))),
      ]) {
        expect(gathers(at(pattern, length), costs)).toBe(true);
      }
    }
  });

  it.each(variants.filter(({ tags }) => tags.includes("core")).map(({ id }) => id))(
    "has tiles for %s",
    (id) => {
      const { mechanism } = parameterize(findVariant(variants, id), {});
      if (id === "linear") return;
      const pattern = patternOf(findVariant(variants, id));
      expect(mechanism.kind).toBe("softmaxPattern");
      for (const length of [1024, 8192, 65_536]) {
        for (const one of [pattern, causal(pattern)]) expect(gathers(at(one, length), costs)).toBe(false);
      }
    },
  );

  it.each(["swin", "longnet", "sparse-fixed"])(
    "has tiles for %s, which are dense in another order of the tokens",
    (id) => {
      for (const length of [1024, 8192]) {
        const [bound] = at(patternOf(findVariant(variants, id)), length);
        expect(bound.gathered).toBeDefined();
        expect(gathers([bound], costs)).toBe(false);
      }
    },
  );

  it("gathers rows of classes that attend too few of the keys that they compute together", () => {
    const neighbourhood = findVariant(variants, "neighbourhood");
    for (const [size, gathered] of [
      [7, true],
      [15, costs.gathered < 5],
    ] as const) {
      const [bound] = at(patternOf(neighbourhood, { width: 128, size }), 8192);
      expect(bound.gathered).toBeDefined();
      expect([size, gathers([bound], costs)]).toEqual([size, gathered]);
    }
  });

  it("gathers what classes leave over where that is sparse, and is most of the pairs", () => {
    const classes = patternOf(findVariant(variants, "longnet"));
    expect(gathers(at(union(classes, drawnEdges(200, 0)), 8192), costs)).toBe(true);
    expect(gathers(at(union(classes, band(3, 3)), 8192), costs)).toBe(false);
  });

  it("gathers a comb whose classes have a few members, and not one whose classes are long", () => {
    expect(gathers(at(comb(3000), 6000), costs)).toBe(costs === WASM);
    expect(gathers(at(comb(60), 6000), costs)).toBe(false);
  });

  it("weighs all heads of a call", () => {
    const [sparse, dense] = [at(drawnEdges(8, 0), 1000), at(everything(), 1000)].flat();
    expect(gathers([sparse, dense], costs)).toBe(false);
    expect(gathers([sparse, sparse], costs)).toBe(true);
  });
});

it.each<Forms>([{}, formsOf({ score: "gat", bias: "alibi", turn: "rope", normaliser: "relu" })])(
  "compiles no tile of what it gathers: a million rows are ready within seconds, and few are looked at: %o",
  (forms) => {
    const length = 2 ** 20;
    const shape = shapeOf({ batch: 1, heads: 1, length, headDim: 2 });
    let summaries = 0;
    const own = union(drawnEdges(2, 0));
    const watched: Pattern = {
      ...own,
      bind(context) {
        const bound = own.bind(context);
        return {
          ...bound,
          someRuns(from, to) {
            summaries++;
            return bound.someRuns(from, to);
          },
        };
      },
    };
    for (const kernel of [js, createWasm("auto")]) {
      summaries = 0;
      const problem = problemOf({ ...ofPattern(watched), ...forms }, shape, false);
      kernel.prepare(problem, guardedOutput(elementCount(shape, "output"))).dispose();
      expect(summaries).toBeGreaterThan(0);
      expect(summaries).toBeLessThan(5000);
    }
  },
);
