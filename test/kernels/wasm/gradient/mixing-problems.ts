import fc, { type Arbitrary } from "fast-check";
import type { Mechanism } from "../../../../src/core/mechanism.ts";
import type { ParameterValue } from "../../../../src/core/parameters.ts";
import { type Shape, shapeOf } from "../../../../src/core/shape.ts";
import { parameterize, type Variant } from "../../../../src/core/variant.ts";
import type { SyntheticKind } from "../../../../src/input/synthetic.ts";
import type { JudgedProblem } from "../../../../src/mechanisms/judged.ts";
import { conv2d } from "../../../../variants/baseline/conv-2d.ts";
import { convDepthwise } from "../../../../variants/baseline/conv-depthwise.ts";
import { convFull } from "../../../../variants/baseline/conv-full.ts";
import { fcWindow } from "../../../../variants/baseline/fc-window.ts";
import { minGru } from "../../../../variants/baseline/min-gru.ts";
import { minLstm } from "../../../../variants/baseline/min-lstm.ts";
import { aftFull } from "../../../../variants/mixing/aft-full.ts";
import { aftLocal } from "../../../../variants/mixing/aft-local.ts";
import { aftSimple } from "../../../../variants/mixing/aft-simple.ts";
import { fnet } from "../../../../variants/mixing/fnet.ts";
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

const aftBiases = fc.record({
  rank: fc.integer({ min: 1, max: 20 }),
  scale: fc.constantFrom(0.01, 1, 4),
  window: fc.constantFrom(0, 1, 5, 60),
});
const ranks = fc.integer({ min: 0, max: 20 }).map((rank) => ({ rank }));

const taps = fc.integer({ min: 1, max: 9 }).map((count) => ({ taps: count }));
const windows = fc.integer({ min: 0, max: 4 }).map((window) => ({ window }));
const images = fc.record({
  kernel: fc.integer({ min: 1, max: 4 }),
  width: fc.constantFrom(1, 7),
  border: fc.constantFrom("nearest", "zeros"),
});
/** Their reference weighs every pair in every channel. */
const fewPairs = shapes().map((shape) =>
  shapeOf({
    ...shape,
    batch: Math.min(shape.batch, 2),
    length: Math.min(shape.length, 97),
    queries: undefined,
  }),
);
/** Whole rows of an image 7 pixels wide. */
const pixels = shapes("kvHeads", "valueDim").map((shape) =>
  shapeOf({ ...shape, length: 7 * Math.ceil(shape.length / 7), queries: undefined }),
);

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
  {
    of: "attention-free transformers with biases of positions",
    problems: problems(fc.oneof(filled(aftFull, aftBiases), filled(aftLocal, aftBiases)), fewPairs),
    long: long(
      [aftFull, {}, { length: 260, headDim: 8 }],
      [aftFull, { rank: 7, scale: 1 }, { length: 201, headDim: 9, batch: 2, heads: 2 }],
      [aftFull, { rank: 16 }, { length: 60, headDim: 140, batch: 2 }],
      [aftLocal, {}, { length: 500, headDim: 8 }],
      [aftLocal, { rank: 5, window: 20, scale: 1 }, { length: 301, headDim: 9, batch: 2, heads: 2 }],
    ),
  },
  {
    of: "attention-free transformers without them",
    problems: problems(filled(aftSimple), shapes()),
    long: long(
      [aftSimple, {}, { length: 1501, headDim: 16 }],
      [aftSimple, {}, { length: 1001, headDim: 13, batch: 2, heads: 2 }],
    ),
  },
  {
    of: "Fourier transforms",
    problems: problems(filled(fnet), shapes("kvHeads", "valueDim")),
    long: long(
      [fnet, {}, { length: 1200, headDim: 16 }],
      [fnet, {}, { length: 509, headDim: 13, batch: 2, heads: 4, kvHeads: 2, valueDim: 6 }],
    ),
  },
  {
    of: "convolutions",
    problems: fc.oneof(
      problems(
        fc.oneof(filled(convDepthwise, taps), filled(convFull, taps), filled(fcWindow, windows)),
        shapes("kvHeads", "valueDim"),
      ),
      problems(filled(conv2d, images), pixels),
    ),
    long: long(
      [convDepthwise, {}, { length: 1500, headDim: 21 }],
      [convFull, {}, { length: 1300, headDim: 16 }],
      [convFull, { taps: 3 }, { length: 601, headDim: 35, batch: 2, heads: 2, kvHeads: 1 }],
      [conv2d, { width: 20 }, { length: 600, headDim: 40 }],
      [fcWindow, { window: 2 }, { length: 700, headDim: 37, batch: 2 }],
    ),
  },
  {
    of: "cells whose gates are given",
    problems: problems(fc.oneof(filled(minGru), filled(minLstm)), shapes()),
    long: long(
      [minGru, {}, { length: 700, headDim: 70 }],
      [minLstm, {}, { length: 401, headDim: 37, batch: 2, heads: 2 }],
    ),
  },
];
