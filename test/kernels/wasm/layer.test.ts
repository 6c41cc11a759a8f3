import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Problem } from "../../../src/core/problem.ts";
import { elementCount, type Shape, shapeOf } from "../../../src/core/shape.ts";
import { type AttentionInputs, namesIn, tensorNamed } from "../../../src/core/tensors.ts";
import { parameterize, type Variant } from "../../../src/core/variant.ts";
import { syntheticSource } from "../../../src/input/synthetic.ts";
import { guardedOutput, type Runnable } from "../../../src/kernels/kernel.ts";
import { Arena } from "../../../src/kernels/wasm/arena.ts";
import { createWasm } from "../../../src/kernels/wasm/index.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { isLayer, shapeOfHeads } from "../../../src/mechanisms/layer/declare.ts";
import { withNamed } from "../../../src/mechanisms/named-inputs.ts";
import { full } from "../../../variants/dense/full.ts";
import { linformer } from "../../../variants/low-rank/linformer.ts";
import { fnet } from "../../../variants/mixing/fnet.ts";
import { moba } from "../../../variants/selection/moba.ts";
import { examples } from "../../examples.ts";
import { failureInAnyRow, throughGate } from "../../verify/whole-gate.ts";
import { layersFor } from "../arbitrary-layers.ts";
import { describeProblem } from "../arbitrary-problems.ts";

const wasm = createWasm("auto");

const outputFor = ({ shape }: Problem): Float32Array => guardedOutput(elementCount(shape, "output"));

function run(runnable: Runnable): Float32Array {
  runnable.output().fill(Number.NaN);
  runnable.run();
  return runnable.output().slice();
}

/** A call of its own on the problem. */
function computed(problem: Problem): Float32Array {
  const runnable = wasm.prepare(problem, outputFor(problem));
  const output = run(runnable);
  runnable.dispose();
  return output;
}

function expectSameBits(got: Float32Array, expected: Float32Array, problem: JudgedProblem): void {
  const at = got.findIndex((value, index) => !Object.is(value, expected[index]));
  if (at >= 0) expect(`${describeProblem(problem)}: ${got[at]} at ${at}`).toBe(`${expected[at]}`);
}

/** The problem with all of its inputs where the kernel reads them in place, in an arena whose other bytes are `filling`. */
function inPlace(
  problem: JudgedProblem,
  filling: number,
): { problem: JudgedProblem; output: Float32Array; arena: Arena } {
  const tensors = wasm.allocate?.(problem.shape);
  if (tensors?.allocate === undefined) throw new TypeError("it must allocate");
  const { allocate } = tensors;
  const placed = namesIn(problem.inputs).map((name): [string, Float32Array] => {
    const values = tensorNamed(problem.inputs, name);
    const place = name === "q" || name === "k" || name === "v" ? tensors[name] : allocate(values.length);
    place.set(values);
    return [name, place];
  });
  const arena = Arena.of([tensors.q]);
  if (arena === undefined) throw new TypeError("its tensors must be in an arena");
  const dirty = arena.reserve(2 ** 22);
  arena.floats(dirty.start, dirty.bytes / 4).fill(filling);
  arena.release(dirty);
  const inputs: AttentionInputs = { ...problem.inputs, ...Object.fromEntries(placed) };
  return { problem: { ...problem, inputs }, output: tensors.output, arena };
}

describe("a layer", () => {
  it("is right in every row around heads of any variant, with all that a layer may have", () => {
    fc.assert(
      fc.property(layersFor(wasm), (problem) => {
        const failure = failureInAnyRow(problem, wasm);
        if (failure !== null) expect(`${describeProblem(problem)}: ${failure}`).toBeNull();
      }),
      examples(),
    );
  });

  it.each(["plain", "relaxed"] as const)(
    "is right in every row by the %s build",
    (simd) => {
      const kernel = createWasm(simd);
      fc.assert(
        fc.property(layersFor(kernel), (problem) => {
          const failure = failureInAnyRow(problem, kernel);
          if (failure !== null) expect(`${describeProblem(problem)}: ${failure}`).toBeNull();
        }),
        examples(30),
      );
    },
    600_000,
  );

  it("gives the same bits on several threads as on one, call after call", () => {
    fc.assert(
      fc.property(layersFor(wasm), fc.integer({ min: 2, max: 4 }), (problem, threads) => {
        const expected = computed(problem);
        const runnable = wasm.prepare({ ...problem, threads }, outputFor(problem));
        for (let call = 0; call < 2; call++) expectSameBits(run(runnable), expected, problem);
        runnable.dispose();
      }),
      examples(200),
    );
  });

  it("gives the same bits in place as on copies, over scratch that is full of NaN, and writes nothing else", () => {
    fc.assert(
      fc.property(layersFor(wasm), (problem) => {
        const expected = computed(problem);
        for (const filling of [0, Number.NaN, -1e30]) {
          const placed = inPlace(problem, filling);
          const runnable = wasm.prepare(placed.problem, placed.output);
          const behind = placed.arena.reserve(4096);
          const words = placed.arena.integers(behind.start, behind.bytes / 4);
          words.fill(0x5a5a5a5a);
          expect(runnable.inputs).toBeUndefined();
          expectSameBits(run(runnable), expected, problem);
          expect(words.every((word) => word === 0x5a5a5a5a)).toBe(true);
          for (const name of namesIn(problem.inputs)) {
            const now = tensorNamed(placed.problem.inputs, name);
            expectSameBits(now, tensorNamed(problem.inputs, name), problem);
          }
          runnable.dispose();
        }
      }),
      examples(40),
    );
  });

  it("sees tokens, weights, biases and positions that change between calls, in place and copied", () => {
    fc.assert(
      fc.property(layersFor(wasm), fc.boolean(), (problem, copies) => {
        const { problem: own, output } = copies
          ? { problem: { ...problem, inputs: copyOf(problem.inputs) }, output: outputFor(problem) }
          : inPlace(problem, 0);
        const runnable = wasm.prepare(own, output);
        run(runnable);
        const read = runnable.inputs?.() ?? own.inputs;
        const changed = Object.fromEntries(
          namesIn(own.inputs).map((name) => [
            name,
            tensorNamed(problem.inputs, name).map((x, at) => x * (1 - (at % 3) / 8)),
          ]),
        );
        for (const [name, values] of Object.entries(changed)) tensorNamed(read, name).set(values);
        const expected = computed({ ...problem, inputs: { ...problem.inputs, ...changed } });
        expectSameBits(run(runnable), expected, problem);
        runnable.dispose();
      }),
      examples(200),
    );
  });

  it.each([full, linformer, moba, fnet])("passes the gate around heads of $id", async (variant) => {
    const problem = layerAround(variant, { modelDim: 24, heads: 3, headDim: 8, length: 130 });
    const result = await throughGate(problem, wasm);
    expect(result.outcome === "red" ? result.reason : null).toBeNull();
  });

  it("counts whole panels of its products and all of its heads, and the time in products as part of a call", () => {
    const problem = layerAround(full, { modelDim: 40, heads: 2, headDim: 16, length: 50 });
    const runnable = wasm.prepare(problem, outputFor(problem));
    const heads = wasm.prepare(headsOf(problem), guardedOutput(2 * 50 * 16));
    // 50 rows are a tile of 48 and a panel of 4; 40 columns are whole panels in no build, or in the narrow ones.
    const columns = wasm.details?.().startsWith("wide") ? 48 : 40;
    const flops = 2 * 52 * (3 * 40 * 32 + 32 * columns);
    expect(runnable.executedFlops).toBe(flops + (heads.executedFlops ?? Number.NaN));
    expect(runnable.projectSeconds?.()).toBe(0);
    const start = performance.now();
    runnable.run();
    const first = runnable.projectSeconds?.() ?? Number.NaN;
    runnable.run();
    const both = runnable.projectSeconds?.() ?? Number.NaN;
    expect(first).toBeGreaterThan(0);
    expect(both).toBeGreaterThan(first);
    expect(both).toBeLessThan((performance.now() - start) / 1000);
  });

  it("says what does not fit: heads that are too wide, and tokens, heads and weights beyond the memory", () => {
    const asked = (modelDim: number, heads: number, headDim: number, length: number) => {
      const { mechanism, kind } = around(full, { modelDim, heads, headDim, length });
      return wasm.supports({
        mechanism,
        shape: tokens(modelDim, length),
        causal: false,
        threads: 1,
        ...{ kind },
      });
    };
    expect(asked(514, 2, 257, 64)).toBe("a head must be at most 256 wide, got 257");
    expect(asked(512, 8, 64, 2 ** 18)).toBe(
      "tokens, what its heads are given and the weights must fit into 3.5 GiB of 32-bit memory",
    );
    expect(asked(2 ** 14, 64, 256, 64)).toBe(
      "tokens, what its heads are given and the weights must fit into 3.5 GiB of 32-bit memory",
    );
    expect(asked(4096, 32, 128, 64)).toBe(true);
  });
});

interface Sizes {
  readonly modelDim: number;
  readonly heads: number;
  readonly headDim: number;
  readonly length: number;
}

function tokens(modelDim: number, length: number): Shape {
  return shapeOf({ batch: 1, heads: 1, length, headDim: modelDim });
}

function around(variant: Variant, { modelDim, heads, headDim }: Sizes) {
  const layer = {
    modelDim,
    heads,
    kvHeads: heads,
    headDim,
    valueDim: headDim,
    positions: null,
    biases: true,
  };
  return builtInKinds.under(parameterize(variant, {}), { layer });
}

function layerAround(variant: Variant, sizes: Sizes): JudgedProblem {
  const { mechanism, kind } = around(variant, sizes);
  const shape = tokens(sizes.modelDim, sizes.length);
  const inputs = withNamed({ mechanism, kind, shape }, syntheticSource("gaussian", 3).inputs(shape), 3);
  return { mechanism, kind, shape, causal: false, threads: 1, inputs };
}

/** The heads of a layer by themselves, on tensors of zeros. */
function headsOf({ mechanism, shape: call, inputs, ...task }: JudgedProblem): Problem {
  if (!isLayer(mechanism)) throw new TypeError("it must be a layer");
  const shape = shapeOfHeads(mechanism, call);
  const zeros = (name: "q" | "k" | "v") => new Float32Array(elementCount(shape, name));
  return {
    ...task,
    mechanism: mechanism.inner,
    shape,
    inputs: { ...inputs, shape, q: zeros("q"), k: zeros("k"), v: zeros("v") },
  };
}

function copyOf(inputs: AttentionInputs): AttentionInputs {
  const copies = namesIn(inputs).map((name) => [name, tensorNamed(inputs, name).slice()]);
  return { ...inputs, ...Object.fromEntries(copies) };
}
