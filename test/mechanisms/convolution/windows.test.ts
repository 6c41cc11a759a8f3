import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countOf, layoutOf, type Shape, shapeOf } from "../../../src/core/shape.ts";
import { layoutBy } from "../../../src/core/tensor-spec.ts";
import { builtInKernels } from "../../../src/kernels/index.ts";
import { guardedOutput } from "../../../src/kernels/kernel.ts";
import {
  type Convolution,
  convolutionWeights,
  tokensBefore,
} from "../../../src/mechanisms/convolution/declare.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { problemOf } from "../../kernels/arbitrary-problems.ts";
import { failureInAnyRow } from "../../verify/whole-gate.ts";
import { workOf } from "../judge.ts";

const mechanism = (form: Convolution["form"], taps: number): Convolution => ({
  kind: "convolution",
  form,
  taps,
  seed: 0,
});

const forms = ["depthwise", "full", "network"] as const;
const [wasm, js] = builtInKernels().filter(({ supplement }) => supplement !== true);

describe.each([wasm, js])("windows by kernel $id", (kernel) => {
  const cases = fc.record({
    form: fc.constantFrom(...forms),
    taps: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(16, 17, 33, 200)),
    causal: fc.boolean(),
    shape: fc
      .record({
        batch: fc.integer({ min: 1, max: 2 }),
        heads: fc.constantFrom(1, 2, 4),
        kvHeads: fc.constant(1),
        length: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constantFrom(47, 48, 49, 95, 101)),
        headDim: fc.constant(2),
        valueDim: fc.constantFrom(1, 3, 8, 16, 17, 40),
      })
      .map(shapeOf),
  });

  it("are right at any number of taps and tokens, and beyond the ends", () => {
    fc.assert(
      fc.property(cases, ({ form, taps, causal, shape }) => {
        expect(failureInAnyRow(problemOf(mechanism(form, taps), shape, causal), kernel)).toBeNull();
      }),
      { numRuns: 60 },
    );
  });
});

describe.each([wasm, js])("windows of images by kernel $id", (kernel) => {
  const images = fc.record({
    side: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constantFrom(17)),
    width: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constantFrom(47, 48, 49, 97)),
    height: fc.integer({ min: 1, max: 6 }),
    border: fc.constantFrom("zeros", "nearest"),
    readers: fc.constantFrom(1, 2),
    valueDim: fc.constantFrom(1, 3, 8, 16, 17),
  });

  it("are right at any width of image and kernel, and beyond every border", () => {
    fc.assert(
      fc.property(images, ({ side, width, height, border, readers, valueDim }) => {
        const of: Convolution = { ...mechanism("full", side ** 2), image: { width, side, border } };
        const length = width * height;
        const shape = shapeOf({ batch: 2, heads: readers, kvHeads: 1, length, headDim: 2, valueDim });
        expect(failureInAnyRow(problemOf(of, shape, false), kernel)).toBeNull();
      }),
      { numRuns: 40 },
    );
  });
});

it("counts 2NK²d² for an image, and reads no further than the border", () => {
  const of: Convolution = { ...mechanism("full", 9), image: { width: 10, side: 3, border: "zeros" } };
  const { kind } = builtInKinds.judged({ mechanism: of });
  const shape: Shape = shapeOf({ batch: 1, heads: 1, length: 50, headDim: 4 });
  expect(workOf({ mechanism: of, shape, causal: false, threads: 1 }).usefulFlops).toBe(2 * 50 * 9 * 16);
  const corner = kind.pattern(of).bind({ length: 50, head: 0 });
  expect(corner.intervals(0)).toEqual([0, 2, 10, 12]);
  expect(kind.whyNotShape?.(of, shapeOf({ ...shape, length: 51, queries: 51 }))).toContain(
    "width 10, got 51",
  );
});

it("a window of more taps than there are tokens reads all of them", () => {
  const shape = shapeOf({ batch: 1, heads: 1, length: 3, headDim: 1 });
  const problem = problemOf(mechanism("depthwise", 1000), shape, true);
  const inputs = { ...problem.inputs, v: Float32Array.of(1, 10, 100) };
  const taps = new Float32Array(1000);
  // The last three, of which the last is the row's own.
  taps.set([2, 3, 4], 997);
  const asked = { ...problem, inputs: { ...inputs, "conv.depthwise": taps } };
  const output = guardedOutput(3);
  for (const kernel of [wasm, js]) {
    const runnable = kernel.prepare(asked, output);
    runnable.run();
    expect([...runnable.output()]).toEqual([4, 43, 432]);
  }
});

it("counts 2NKd depthwise, 2NKd² from channels to channels, and a second layer besides", () => {
  const shape: Shape = shapeOf({ batch: 2, heads: 3, length: 50, headDim: 4, valueDim: 6 });
  const flops = (form: Convolution["form"], taps: number) =>
    workOf({ mechanism: mechanism(form, taps), shape, causal: false, threads: 1 }).usefulFlops / 6;
  expect(flops("depthwise", 5)).toBe(2 * 50 * 5 * 6);
  expect(flops("full", 5)).toBe(2 * 50 * 5 * 36);
  expect(flops("network", 11)).toBe(2 * 50 * (11 * 6 * 6 + 6 * 6));
});

it("begins a causal window taps - 1 tokens before its row, and a centred one half of them", () => {
  const before = (taps: number) =>
    [true, false].map((causal) => tokensBefore(mechanism("full", taps), causal));
  expect([1, 2, 3, 4, 5].map(before)).toEqual([
    [0, 0],
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 2],
  ]);
});

it("draws the taps of a head from one stream, whose files have a matrix for each tap", () => {
  const shape = shapeOf({ batch: 2, heads: 3, length: 5, headDim: 2, valueDim: 4 });
  const specs = convolutionWeights(mechanism("full", 7));
  expect(Object.keys(specs)).toEqual(["conv.full"]);
  expect(specs["conv.full"].dims).toEqual(["heads", 7, "valueDim", "valueDim"]);
  expect(layoutBy(shape, specs["conv.full"])).toEqual({ batch: 1, heads: 3, rows: 28, width: 4 });
  expect(Object.keys(convolutionWeights(mechanism("network", 3)))).toEqual(["fc.w1", "fc.w2"]);
});

it("keeps the values of a window, less one, and no more", () => {
  const { kind } = builtInKinds.judged({ mechanism: mechanism("full", 4) });
  const shape = shapeOf({ batch: 1, heads: 4, kvHeads: 2, length: 100, headDim: 8 });
  const task = { mechanism: mechanism("full", 4), shape, causal: true, threads: 1 };
  const states = [0, 1, 2, 3, 50].map((position) => kind.step?.leastWork(task, position).stateBytes);
  expect(states).toEqual([0, 1, 2, 3, 3].map((tokens) => 4 * 2 * 8 * tokens));
  const stepper = wasm.decode?.prepare(task, { "conv.full": new Float32Array(4 * 4 * 64) });
  if (stepper === undefined) throw new TypeError("wasm decodes no convolution");
  const inputs = { shape, q: zeros(shape, "q"), k: zeros(shape, "k"), v: zeros(shape, "v") };
  stepper.prefill(inputs, 50);
  expect(stepper.stateBytes).toBe(4 * 2 * 8 * 3);
});

function zeros(shape: Shape, name: "q" | "k" | "v"): Float32Array {
  return new Float32Array(countOf(layoutOf(shape, name)));
}
