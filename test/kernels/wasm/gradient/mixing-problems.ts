import fc, { type Arbitrary } from "fast-check";
import type { Mechanism } from "../../../../src/core/mechanism.ts";
import type { ParameterValue } from "../../../../src/core/parameters.ts";
import { type Shape, shapeOf } from "../../../../src/core/shape.ts";
import { parameterize, type Variant } from "../../../../src/core/variant.ts";
import type { SyntheticKind } from "../../../../src/input/synthetic.ts";
import type { JudgedProblem } from "../../../../src/mechanisms/judged.ts";
import { synthesizerDense } from "../../../../variants/mixing/synthesizer-dense.ts";
import { synthesizerRandom } from "../../../../variants/mixing/synthesizer-random.ts";
import { alsoUnlike, problemOf } from "../../arbitrary-problems.ts";

type Values = Readonly<Record<string, ParameterValue>>;
type LongShape = Partial<Shape> & Pick<Shape, "length" | "headDim">;

/** What mixes tokens without products of q and k, or is a baseline: one kind, in small calls and in long ones. */
export interface Mixing {
  readonly of: string;
  readonly problems: Arbitrary<JudgedProblem>;
  readonly long: readonly JudgedProblem[];
}

/** Lengths on both sides of a tile, a group of rows and a chunk. */
const lengths = fc.oneof(
  fc.integer({ min: 1, max: 150 }),
  fc.constantFrom(1, 2, 47, 48, 49, 96, 97, 129, 193),
);

function shapes(...freedoms: Parameters<typeof alsoUnlike>[1] & object): Arbitrary<Shape> {
  const usual = fc
    .record({
      batch: fc.integer({ min: 1, max: 3 }),
      heads: fc.integer({ min: 1, max: 2 }),
      length: lengths,
      headDim: fc.integer({ min: 1, max: 40 }),
    })
    .map(shapeOf);
  return alsoUnlike(usual, freedoms);
}

function problems(mechanisms: Arbitrary<Mechanism>, of: Arbitrary<Shape>): Arbitrary<JudgedProblem> {
  const kinds = fc.constantFrom<SyntheticKind>("gaussian", "peaked", "local");
  return fc
    .tuple(mechanisms, of, fc.boolean(), kinds, fc.nat())
    .map(([mechanism, shape, causal, kind, seed]) => problemOf(mechanism, shape, causal, kind, seed));
}

function filled(variant: Variant, values: Arbitrary<Values> = fc.constant({})): Arbitrary<Mechanism> {
  return values.map((some) => parameterize(variant, some).mechanism);
}

/** Each causal and not. */
function long(...of: readonly (readonly [Variant, Values, LongShape])[]): JudgedProblem[] {
  return of.flatMap(([variant, values, shape]) =>
    [false, true].map((causal) =>
      problemOf(parameterize(variant, values).mechanism, shapeOf({ batch: 1, heads: 1, ...shape }), causal),
    ),
  );
}

const ranks = fc.integer({ min: 0, max: 20 }).map((rank) => ({ rank }));

export const mixings: readonly Mixing[] = [
  {
    of: "synthesizers",
    problems: problems(
      fc.oneof(filled(synthesizerRandom, ranks), filled(synthesizerDense)),
      shapes("valueDim"),
    ),
    long: long(
      [synthesizerRandom, {}, { length: 700, headDim: 16 }],
      [synthesizerRandom, {}, { length: 401, headDim: 9, batch: 2, heads: 2, valueDim: 20 }],
      [synthesizerRandom, { rank: 16 }, { length: 900, headDim: 16 }],
      [synthesizerRandom, { rank: 5 }, { length: 601, headDim: 9, batch: 3, heads: 2 }],
      [synthesizerDense, {}, { length: 1100, headDim: 16 }],
      [synthesizerDense, {}, { length: 301, headDim: 37, batch: 2, heads: 2, valueDim: 11 }],
    ),
  },
];
