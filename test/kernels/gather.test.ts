import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { Problem } from "../../src/core/problem.ts";
import { everyRow } from "../../src/core/rows.ts";
import { elementCount, FLOAT_BYTES, layoutOf, offsetIn, type Shape, shapeOf } from "../../src/core/shape.ts";
import { prepareGather as prepareJs } from "../../src/kernels/js/gather-kernel.ts";
import { js } from "../../src/kernels/js/index.ts";
import { prepareTiles } from "../../src/kernels/js/tile-kernel.ts";
import { guardedOutput, type ReadyKernel, type Runnable } from "../../src/kernels/kernel.ts";
import { Arena } from "../../src/kernels/wasm/arena.ts";
import { BUILD_NAMES, openBuild } from "../../src/kernels/wasm/build.ts";
import { prepareGather as prepareWasm } from "../../src/kernels/wasm/gather-kernel.ts";
import { createWasm } from "../../src/kernels/wasm/index.ts";
import type { Means } from "../../src/kernels/wasm/means.ts";
import { prepareSoftmax } from "../../src/kernels/wasm/softmax-kernel.ts";
import { ThreadPool } from "../../src/kernels/wasm/threads/pool.ts";
import { type JudgedProblem, weightsOf } from "../../src/mechanisms/judged.ts";
import { float64 } from "../../src/mechanisms/oracle.ts";
import { isSoftmaxPattern, type SoftmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { type Forms, formsOf } from "../../src/pairwise/forms.ts";
import { everything } from "../../src/pattern/band.ts";
import { bindHeads } from "../../src/pattern/bind.ts";
import { byHead } from "../../src/pattern/by-head.ts";
import { drawnEdges } from "../../src/pattern/edges.ts";
import { globalTokens } from "../../src/pattern/global-tokens.ts";
import { powersOfTwo } from "../../src/pattern/powers-of-two.ts";
import { union } from "../../src/pattern/union.ts";
import { expectation } from "../../src/verify/expectation.ts";
import { examples } from "../examples.ts";
import { ofPattern, reference, workOf } from "../mechanisms/judge.ts";
import { algebraWithDraws } from "../pattern/arbitrary-patterns.ts";
import { failureInAnyRow } from "../verify/whole-gate.ts";
import {
  alsoUnlike,
  anyForms,
  describeProblem,
  isDefined,
  nonFinitePlants,
  problemOf,
  withPlants,
} from "./arbitrary-problems.ts";
import { attendsNothing, everyThirdRow, strictPast } from "./hand-written-patterns.ts";

const pool = new ThreadPool();
afterAll(() => pool.end());

/** A kernel that gathers the keys of every pattern, however well it tiles, and one that does none. */
interface Pair {
  readonly id: string;
  readonly gathering: ReadyKernel;
  readonly tiling: ReadyKernel;
}

const pairs: readonly Pair[] = [
  {
    id: "js",
    gathering: { ...js, prepare: (problem, output) => prepareJs(problem, ...gathered(problem), output) },
    tiling: { ...js, prepare: (problem, output) => prepareTiles(problem, gathered(problem)[0], output) },
  },
  ...BUILD_NAMES.map((name): Pair => {
    const build = openBuild(name);
    if (typeof build === "string") throw new Error(build);
    const meansOf = (problem: Problem, output: Float32Array): Means => ({
      build,
      output,
      pool: problem.threads > 1 ? pool : null,
    });
    return {
      id: `wasm ${name}`,
      gathering: {
        ...createWasm(name),
        prepare: (problem, output) => prepareWasm(problem, ...gathered(problem), meansOf(problem, output)),
      },
      tiling: {
        ...createWasm(name),
        prepare: (problem, output) => prepareSoftmax(problem, gathered(problem)[0], meansOf(problem, output)),
      },
    };
  }),
];
const kernels = pairs.map(({ id, gathering }): ReadyKernel => ({ ...gathering, id }));

function gathered(problem: Problem) {
  const { mechanism } = problem;
  if (!isSoftmaxPattern(mechanism)) throw new TypeError("must be a pattern");
  return [mechanism, bindHeads(mechanism, problem)] as [SoftmaxPattern, ReturnType<typeof bindHeads>];
}

/** Heads of whole blocks and others, on both sides of 8, 32, 64 and 128 numbers. */
const widths = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(32, 63, 64, 65, 100, 128));
const shapes: fc.Arbitrary<Shape> = alsoUnlike(
  fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      heads: fc.integer({ min: 1, max: 2 }),
      length: fc.integer({ min: 1, max: 150 }),
      headDim: widths,
    })
    .map(shapeOf),
).chain((shape) =>
  widths.map((width) => (shape.valueDim === shape.headDim ? shape : { ...shape, valueDim: width })),
);

const problemsIn = (forms: fc.Arbitrary<Forms>): fc.Arbitrary<JudgedProblem> =>
  fc
    .tuple(
      fc.oneof(algebraWithDraws, fc.constantFrom(attendsNothing, strictPast, everyThirdRow, everything())),
      shapes,
      fc.boolean(),
      fc.constantFrom("gaussian", "peaked", "local"),
      forms,
    )
    .map(([pattern, shape, causal, kind, some]) =>
      problemOf({ ...ofPattern(pattern), ...some }, shape, causal, kind),
    )
    .filter(isDefined);
const plainProblems = problemsIn(fc.constant({}));
const problems = problemsIn(
  fc.oneof({ weight: 1, arbitrary: fc.constant({}) }, { weight: 2, arbitrary: anyForms }),
);

describe.each(kernels)("gathering by $id", (kernel) => {
  it("is right in every row for any pattern of the algebra, forms, shape and inputs", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const failure = failureInAnyRow(problem, kernel);
        if (failure !== null) expect(`${describeProblem(problem)}: ${failure}`).toBeNull();
      }),
      examples(150),
    );
  });

  it("is right in rows of hundreds of keys beside rows of few, causal and not", () => {
    const pattern = union(drawnEdges(5, 1), globalTokens(3));
    for (const headDim of [20, 64]) {
      for (const causal of [false, true]) {
        const shape = shapeOf({ batch: 1, heads: 4, kvHeads: 2, length: 1100, headDim });
        expect(failureInAnyRow(problemOf(ofPattern(pattern), shape, causal), kernel)).toBeNull();
      }
    }
  });

  it("is right where some heads that share k and v attend otherwise than others", () => {
    const pattern = byHead(drawnEdges(5, 1), powersOfTwo(), everything());
    const shape = shapeOf({ batch: 2, heads: 6, kvHeads: 3, length: 70, headDim: 20, valueDim: 9 });
    for (const forms of [{}, { turn: "rope" }, { score: "gat" }, { score: "gatv2", normaliser: "relu" }]) {
      const mechanism = { ...ofPattern(pattern), ...formsOf(forms) };
      expect(failureInAnyRow(problemOf(mechanism, shape, false), kernel)).toBeNull();
    }
  });

  it("reads no key and no value that a row does not attend, nor what lies behind a row of numbers", () => {
    fc.assert(
      fc.property(problems, nonFinitePlants, (problem, plants) => {
        const clean = outputOf(problem, kernel);
        const spoiled = outputOf(withPlants(problem, plants), kernel);
        const { heads, kvHeads, length, queries, headDim, valueDim } = problem.shape;
        const [mechanism] = gathered(problem);
        const bound = bindHeads(mechanism, problem);
        for (let at = 0; at < clean.length; at++) {
          const row = Math.floor(at / valueDim) % queries;
          const slice = Math.floor(at / valueDim / queries);
          const [entry, head] = [Math.floor(slice / heads), slice % heads];
          const kv = entry * kvHeads + Math.floor(head / (heads / kvHeads));
          const reached = plants.some(([name, place]) => {
            if (name === "q") {
              const token = Math.floor((place % problem.inputs.q.length) / headDim);
              return token === slice * queries + row;
            }
            const width = name === "k" ? headDim : valueDim;
            const token = Math.floor((place % problem.inputs[name].length) / width);
            return Math.floor(token / length) === kv && bound[head].attends(row, token % length);
          });
          if (reached || Object.is(spoiled[at], clean[at])) continue;
          expect(`${describeProblem(problem)}: ${at} is ${spoiled[at]}`).toBe(`${clean[at]}`);
        }
      }),
      examples(100),
    );
  });

  it("counts a query and an output for every row, and a key and a value for every pair", () => {
    fc.assert(
      fc.property(plainProblems, (problem) => {
        const { batch, heads, queries, headDim, valueDim } = problem.shape;
        const [, bound] = gathered(problem);
        const pairs = batch * bound.reduce((sum, one) => sum + one.pairs(), 0);
        const runnable = prepared(problem, kernel);
        const rows = batch * heads * queries;
        expect(runnable.bytes).toBe(FLOAT_BYTES * (headDim + valueDim) * (rows + pairs));
        expect(runnable.executedFlops).toBeGreaterThanOrEqual(2 * (headDim + valueDim) * pairs);
        runnable.dispose();
      }),
      examples(60),
    );
  });
});

describe.each(pairs)("gathering and tiles by $id", ({ gathering, tiling }) => {
  it("agree within the budget for any pattern of the algebra, forms, shape and inputs", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const own = reference(problem);
        const tiled = outputOf(problem, tiling);
        // The tiles in the place of the exact rows, and the room that float32 has around those.
        const compared = expectation(
          problem,
          {
            rows: (places, round) =>
              own.rows(places, round).map((exact, index) => {
                const { batch, head, row } = places[index];
                const at = offsetIn(layoutOf(problem.shape, "output"), batch, head, row);
                const values = Float64Array.from(tiled.subarray(at, at + problem.shape.valueDim));
                return round === float64 ? { ...exact, values } : exact;
              }),
          },
          everyRow(problem.shape),
          0,
        );
        const { failure } = compared.compare(outputOf(problem, gathering));
        if (failure !== null) expect(`${describeProblem(problem)}: ${failure}`).toBeNull();
      }),
      examples(100),
    );
  });
});

describe.each(kernels)("gathering in forms by $id", (kernel) => {
  it("follows what the layer learned, which may change between calls", () => {
    fc.assert(
      fc.property(problems, fc.nat(), (problem, seed) => {
        const learned = Object.values(weightsOf(problem));
        fc.pre(learned.length > 0);
        const runnable = prepared(problem, kernel);
        runnable.run();
        for (const numbers of learned) {
          for (let at = seed % 3; at < numbers.length; at += 3) numbers[at] = 0.5 - numbers[at];
        }
        runnable.output().fill(Number.NaN);
        runnable.run();
        const got = runnable.output().slice();
        runnable.dispose();
        const expected = outputOf(problem, kernel);
        expect(got.findIndex((value, at) => !Object.is(value, expected[at]))).toBe(-1);
      }),
      examples(60),
    );
  });

  it("counts no fewer operations and bytes than the mathematics takes", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const { flops, bytes } = problem.kind.leastWork(problem);
        const runnable = prepared(problem, kernel);
        // js prepares no key that no row attends.
        const least = kernel.id === "js" ? flops : workOf(problem).usefulFlops;
        expect(runnable.executedFlops).toBeGreaterThanOrEqual(least);
        expect(runnable.bytes).toBeGreaterThanOrEqual(bytes);
        runnable.dispose();
      }),
      examples(60),
    );
  });
});

describe.each(kernels.filter(({ id }) => id !== "js"))("gathering by $id", (kernel) => {
  it("counts scores in fours and columns in eights", () => {
    const shape = shapeOf({ batch: 2, heads: 2, length: 50, headDim: 20, valueDim: 9 });
    const runnable = prepared(problemOf(ofPattern(drawnEdges(4, 0)), shape, false), kernel);
    expect(runnable.executedFlops).toBe(4 * 50 * 2 * (8 * 24 + 5 * 16));
  });

  it("counts what forms do to pairs, and to each row of q and k once", () => {
    const [headDim, valueDim, pairs, rows] = [20, 9, 2 * 2 * 50 * 5, 2 * 2 * 50];
    const shape = shapeOf({ batch: 2, heads: 2, kvHeads: 1, length: 50, headDim, valueDim });
    const workIn = (texts: Record<string, string>): { flops: number; floats: number } => {
      const mechanism = { ...ofPattern(drawnEdges(4, 0)), ...formsOf(texts) };
      const runnable = prepared(problemOf(mechanism, shape, false), kernel);
      const [flops, bytes] = [Number(runnable.executedFlops), Number(runnable.bytes)];
      runnable.dispose();
      return { flops: flops - 2 * 16 * pairs, floats: bytes / FLOAT_BYTES - valueDim * (rows + pairs) };
    };
    const scores = 2 * 24 * rows * 8;
    expect(workIn({ bias: "alibi" })).toEqual({ flops: scores + pairs, floats: headDim * (rows + pairs) });
    // Of two heads of q, two batch entries and one head of k, keys are turned twice.
    const turned = { flops: scores + 3 * headDim * (rows + 100), floats: headDim * (rows + 100 + pairs) };
    expect(workIn({ turn: "rope" })).toEqual(turned);
    expect(workIn({ score: "gatv2" }).flops).toBe(4 * 24 * rows * 8);
    expect(workIn({ score: "additive" }).flops).toBe(21 * 24 * pairs);
    // Each head of q has a number of its own for each key.
    const split = {
      flops: 2 * rows * 8 + 2 * headDim * (rows + 200),
      floats: headDim * (rows + 100) + pairs,
    };
    expect(workIn({ score: "gat" })).toEqual(split);
  });

  it("gives the same bits over scratch that is full of NaN", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const tensors = kernel.allocate?.(problem.shape);
        if (tensors === undefined) throw new TypeError("it must allocate");
        for (const name of ["q", "k", "v"] as const) tensors[name].set(problem.inputs[name]);
        const arena = Arena.of([tensors.q]);
        if (arena === undefined) throw new TypeError("its tensors must be in an arena");
        const dirty = arena.reserve(2 ** 22);
        arena.floats(dirty.start, dirty.bytes / FLOAT_BYTES).fill(Number.NaN);
        arena.release(dirty);
        const inputs = { ...problem.inputs, q: tensors.q, k: tensors.k, v: tensors.v };
        const runnable = kernel.prepare({ ...problem, inputs }, tensors.output);
        runnable.run();
        const expected = outputOf(problem, kernel);
        expect(tensors.output.findIndex((value, at) => !Object.is(value, expected[at]))).toBe(-1);
        runnable.dispose();
      }),
      examples(150),
    );
  });

  it("gives the bits of one thread on several, call after call", () => {
    fc.assert(
      fc.property(problems, fc.integer({ min: 2, max: 3 }), (problem, threads) => {
        const expected = outputOf(problem, kernel);
        const got = outputOf({ ...problem, threads }, kernel, 2);
        expect(got.findIndex((value, at) => !Object.is(value, expected[at]))).toBe(-1);
      }),
      examples(30),
    );
    const shape = shapeOf({ batch: 1, heads: 2, length: 5000, headDim: 8 });
    const problem = problemOf(ofPattern(union(drawnEdges(9, 0), globalTokens(2))), shape, false);
    const expected = outputOf(problem, kernel);
    const got = outputOf({ ...problem, threads: 3 }, kernel, 2);
    expect(got.findIndex((value, at) => !Object.is(value, expected[at]))).toBe(-1);
  });
});

function prepared(problem: JudgedProblem, kernel: ReadyKernel): Runnable {
  return kernel.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
}

function outputOf(problem: JudgedProblem, kernel: ReadyKernel, calls = 1): Float32Array {
  const runnable = prepared(problem, kernel);
  for (let call = 0; call < calls; call++) {
    runnable.output().fill(Number.NaN);
    runnable.run();
  }
  const output = runnable.output().slice();
  runnable.dispose();
  return output;
}
