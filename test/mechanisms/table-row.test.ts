import "../property-seed.ts";
import fc, { type Arbitrary } from "fast-check";
import { expect, test } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import type { Parameter, Parameters, ParameterValue } from "../../src/core/parameters.ts";
import { shapeOf } from "../../src/core/shape.ts";
import { constant, type TableSize } from "../../src/core/table-one.ts";
import { parameterize, type Variant } from "../../src/core/variant.ts";
import type { Judged } from "../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { searchedPath, tableRowOf } from "../../src/mechanisms/table-row.ts";
import { allowsCausal } from "../../src/mechanisms/why-undefined.ts";
import { band } from "../../src/pattern/band.ts";
import { randomBlocks } from "../../src/pattern/random-blocks.ts";
import { union } from "../../src/pattern/union.ts";
import { variants } from "../../variants/index.ts";
import { examples } from "../examples.ts";
import { primitives } from "../pattern/arbitrary-patterns.ts";

const ways = variants.flatMap((variant) => {
  const judged = builtInKinds.judged(parameterize(variant, {}));
  return [false, true]
    .filter((causal) => allowsCausal(judged, causal))
    .map((causal) => ({ variant, causal }));
});
const named = ways.map((way) => [`${way.variant.id}${way.causal ? ", causal" : ""}`, way] as const);

/** Values that the declaration allows, small ones, so that patterns remain sparse. */
function valuesOf(parameters: Parameters): Arbitrary<Record<string, ParameterValue>> {
  return fc.record(Object.fromEntries(Object.entries(parameters).map(([name, one]) => [name, drawn(one)])));
}

function drawn(parameter: Parameter): Arbitrary<ParameterValue> {
  if ("choices" in parameter) return fc.constantFrom(...parameter.choices);
  if ("form" in parameter) return fc.constantFrom<ParameterValue>(parameter.default, parameter.probe);
  const { least, integer, optional } = parameter;
  const some: Arbitrary<ParameterValue> = integer
    ? fc.oneof(fc.integer({ min: least, max: least + 5 }), fc.integer({ min: least, max: least + 40 }))
    : fc.constant(parameter.probe);
  return optional ? fc.oneof(fc.constant(null), some) : some;
}

/** Where a formula of the path and the search disagree; null if they agree, or one of them says nothing. */
function disagreement(
  variant: Variant,
  causal: boolean,
  values: Record<string, ParameterValue>,
  size: TableSize,
): string | null {
  return disagreementOf(builtInKinds.judged(parameterize(variant, values)), causal, size);
}

function disagreementOf(judged: Judged, causal: boolean, size: TableSize): string | null {
  if (!allowsCausal(judged, causal)) return null;
  if ((judged.kind.pattern(judged.mechanism, causal).whyNot?.(size.length) ?? null) !== null) return null;
  const row = tableRowOf(judged, causal);
  const [path] = row.path ?? [];
  const search = searchedPath(row, causal, size);
  const said = path?.at?.(size);
  if (path === undefined || said === undefined || said === null || search === null) return null;
  const agree = path.atMost ? search.layers <= said : search.layers === said;
  return agree ? null : `${path.text} is ${said}, and the search finds ${search.layers}`;
}

/** Tokens, among them whole rows of small images. */
const tokens = fc.oneof(
  fc.integer({ min: 2, max: 90 }),
  fc.integer({ min: 1, max: 12 }).map((n) => 12 * n),
);

const searched = named.filter(([, { variant, causal }]) => {
  const row = tableRowOf(builtInKinds.judged(parameterize(variant, {})), causal);
  return row.layers !== undefined && row.path?.[0]?.at !== undefined;
});

test("formulas are searched for every pattern that part of Table 1 is about", () => {
  const ids = new Set(searched.map(([, { variant }]) => variant.id));
  for (const id of [
    "local",
    "stride",
    "global",
    "longformer",
    "bigbird",
    "block-local",
    "dilated",
    "streaming",
  ])
    expect(ids).toContain(id);
  for (const id of [
    "sparse-strided",
    "sparse-fixed",
    "logsparse",
    "axial",
    "neighbourhood",
    "swin",
    "fc-window",
  ])
    expect(ids).toContain(id);
});

test.each(searched)(
  "the path length of %s is what a search finds, at any length and parameters",
  (_, way) => {
    const { variant, causal } = way;
    fc.assert(
      fc.property(
        valuesOf(variant.params),
        tokens,
        fc.integer({ min: 1, max: 3 }),
        (values, length, heads) => {
          let found: string | null = null;
          try {
            found = disagreement(variant, causal, values, { length, heads, headDim: 4 });
          } catch (thrown) {
            // Values that do not go together, such as a union of nothing.
            if (!(thrown instanceof UsageError)) throw thrown;
            fc.pre(false);
          }
          expect(found).toBeNull();
        },
      ),
      examples(1000),
    );
  },
);

test("what a pattern says of its path is what a search finds, whatever it is made of", () => {
  const primitive = primitives.map(({ pattern }) => pattern);
  const drawn = fc.record({
    block: fc.integer({ min: 1, max: 9 }),
    count: fc.integer({ min: 1, max: 3 }),
    seed: fc.nat(),
  });
  const some = fc.oneof(
    primitive,
    drawn.map(({ block, count, seed }) => randomBlocks(block, count, seed)),
  );
  const made = fc.oneof(
    primitive,
    fc.array(some, { minLength: 2, maxLength: 3 }).map((parts) => union(...parts)),
  );
  fc.assert(
    fc.property(
      made,
      tokens,
      fc.boolean(),
      fc.integer({ min: 1, max: 2 }),
      (pattern, length, causal, heads) => {
        const judged = builtInKinds.judged({ mechanism: { kind: "softmaxPattern", pattern } });
        expect(disagreementOf(judged, causal, { length, heads, headDim: 4 })).toBeNull();
      },
    ),
    examples(2500),
  );
});

test("the path length is what a search finds at 512 tokens, with the usual parameters", () => {
  for (const [name, { variant, causal }] of searched) {
    const found = disagreement(variant, causal, {}, { length: 512, heads: 2, headDim: 64 });
    expect([name, found]).toEqual([name, null]);
  }
});

test("a wrong formula is found out", () => {
  const wrong = softmaxPattern({
    id: "wrong",
    title: "Wrong",
    source: "nobody",
    params: {},
    pattern: () => band(3, 3),
    table: () => ({ path: [constant(2)] }),
    exponent: () => 1,
  });
  expect(disagreement(wrong, false, {}, { length: 12, heads: 1, headDim: 4 })).toBe(
    "2 is 2, and the search finds 4",
  );
  expect(disagreement(wrong, false, {}, { length: 7, heads: 1, headDim: 4 })).toBeNull();
});

test.each(named)(
  "what %s costs by its formula is its useful work up to a constant",
  (_, { variant, causal }) => {
    const judged = builtInKinds.judged(parameterize(variant, {}));
    const { perLayer } = tableRowOf(judged, causal);
    const ratios = [10, 12, 14].map((power) => {
      const length = 2 ** power;
      const shape = shapeOf({ batch: 1, heads: 1, length, headDim: 64 });
      const { usefulFlops } = judged.kind.work({ mechanism: judged.mechanism, shape, causal, threads: 1 });
      return usefulFlops / (perLayer?.at?.({ length, heads: 1, headDim: 64 }) ?? Number.NaN);
    });
    // A pair takes one product or two: the terms of a sum may differ by that. A power that is off by ¼ differs by more.
    expect(Math.max(...ratios) / Math.min(...ratios)).toBeLessThan(2);
    expect(Math.min(...ratios)).toBeGreaterThanOrEqual(1);
    // The most are both sides of the ten rounds of k-means.
    expect(Math.max(...ratios)).toBeLessThan(25);
  },
);
