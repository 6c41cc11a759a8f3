import { describe, expect, it } from "vitest";
import type { Mechanism } from "../../src/core/mechanism.ts";
import type { Problem } from "../../src/core/problem.ts";
import { countOf, shapeOf } from "../../src/core/shape.ts";
import { layoutBy } from "../../src/core/tensor-spec.ts";
import { tensorNamed } from "../../src/core/tensors.ts";
import { syntheticSource } from "../../src/input/synthetic.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { simpleKernel } from "../../src/kernels/simple-kernel.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { kindsOf } from "../../src/mechanisms/kinds.ts";
import { withNamed } from "../../src/mechanisms/named-inputs.ts";
import { simpleKind } from "../../src/mechanisms/simple-kind.ts";
import { prepareCase } from "../../src/verify/prepare-case.ts";
import { gateRows } from "../../src/verify/rows.ts";

/** `out_i = gate_i · v_i + W q_i`: a gate per token, and a matrix per head. */
const gated = simpleKind<Mechanism>({
  id: "gated",
  flops: ({ shape }) => 2 * shape.batch * shape.heads * shape.length * shape.headDim ** 2,
  inputs: () => ({
    gate: { dims: ["batch", "heads", "length", 1], of: "token", domain: (x) => 1 / (1 + Math.exp(-x)) },
    mix: { dims: ["heads", "headDim", "headDim"], of: "weights", seed: 7, std: 0.5 },
  }),
  laws: [],
  reference({ q, v, inputs: { gate, mix }, length, headDim: d }, round) {
    const out = new Float64Array(length * d);
    for (let at = 0; at < length * d; at++) {
      const [row, column] = [Math.floor(at / d), at % d];
      out[at] = round(gate[row] * v[at]);
      for (let i = 0; i < d; i++) out[at] = round(out[at] + round(mix[column * d + i] * q[row * d + i]));
    }
    return out;
  },
});
const kinds = kindsOf([gated]);
const shape = shapeOf({ batch: 2, heads: 2, length: 37, headDim: 6 });

function problem(seed = 3): JudgedProblem {
  const judged = kinds.judged({ mechanism: { kind: "gated" } });
  const inputs = withNamed(judged, syntheticSource("gaussian", seed).inputs(shape), seed);
  return { ...judged, shape, causal: false, threads: 1, inputs };
}

/** What a kernel reads of each input, when it is prepared and when it is called. */
interface Reads {
  gate(at: number): number;
  mix(at: number): number;
}

function kernelBy(prepare: (problem: Problem) => Reads): Kernel {
  return simpleKernel({
    id: "kernel",
    prepare(problem, output) {
      const reads = prepare(problem);
      const { q, v } = problem.inputs;
      const { heads, length, headDim: d } = problem.shape;
      return () => {
        for (let row = 0; row < output.length / d; row++) {
          const head = Math.floor(row / length) % heads;
          for (let column = 0; column < d; column++) {
            let sum = reads.gate(row) * v[row * d + column];
            for (let i = 0; i < d; i++) sum += reads.mix((head * d + column) * d + i) * q[row * d + i];
            output[row * d + column] = sum;
          }
        }
      };
    },
  });
}

const gateOf = ({ inputs }: Problem) => tensorNamed(inputs, "gate");
const mixOf = ({ inputs }: Problem) => tensorNamed(inputs, "mix");

async function reasonFor(kernel: Kernel): Promise<string | null> {
  const one = problem();
  const output = new Float32Array(one.inputs.q.length + 32).subarray(16, 16 + one.inputs.q.length);
  const result = await prepareCase(one, kernel, {
    places: gateRows(shape, 1),
    fullRows: null,
    seed: 1,
    output,
    second: null,
    now: () => performance.now() / 1000,
  });
  return result.outcome === "green" ? null : result.reason;
}

describe("an input besides q, k and v", () => {
  it("lies in its domain, and is the same for fewer tokens, and whatever the run's seed if it has one", () => {
    const [one, other] = [problem(3).inputs, problem(4).inputs];
    const gate = tensorNamed(one, "gate");
    expect(gate.length).toBe(2 * 2 * 37);
    expect(gate.every((x) => x > 0 && x < 1)).toBe(true);
    expect(tensorNamed(other, "gate")).not.toEqual(gate);
    expect(tensorNamed(other, "mix")).toEqual(tensorNamed(one, "mix"));
    const fewer = shapeOf({ ...shape, length: 5, queries: 5 });
    const judged = kinds.judged({ mechanism: { kind: "gated" } });
    const short = withNamed(judged, syntheticSource("gaussian", 3).inputs(fewer), 3);
    expect(tensorNamed(short, "gate").slice(0, 5)).toEqual(gate.slice(0, 5));
    expect(tensorNamed(short, "gate").slice(5, 10)).toEqual(gate.slice(37, 42));
  });

  it("has the dimensions that its kind names, in numbers", () => {
    const spec = { dims: ["heads", "headDim", 3], of: "weights" } as const;
    expect(layoutBy(shape, spec)).toEqual({ batch: 1, heads: 2, rows: 6, width: 3 });
    expect(countOf(layoutBy(shape, { dims: [5], of: "weights" }))).toBe(5);
  });

  it("is read by an honest kernel, which is green", async () => {
    const honest = kernelBy((one) => {
      const [gate, mix] = [gateOf(one), mixOf(one)];
      return { gate: (at) => gate[at], mix: (at) => mix[at] };
    });
    expect(await reasonFor(honest)).toBeNull();
  });

  it("that a kernel has kept from its preparation makes it red: gates", async () => {
    const keeps = kernelBy((one) => {
      const [gate, mix] = [gateOf(one).slice(), mixOf(one)];
      return { gate: (at) => gate[at], mix: (at) => mix[at] };
    });
    expect(await reasonFor(keeps)).toMatch(/with q, k and v changed after prepare: row/);
  });

  it("that a kernel has kept from its preparation makes it red: weights", async () => {
    const keeps = kernelBy((one) => {
      const [gate, mix] = [gateOf(one), mixOf(one).slice()];
      return { gate: (at) => gate[at], mix: (at) => mix[at] };
    });
    expect(await reasonFor(keeps)).toMatch(/with q, k and v changed after prepare: row/);
  });

  it.each(["gate", "mix"] as const)("that a kernel writes into makes it red: %s", async (name) => {
    const writes = kernelBy((one) => {
      const [gate, mix] = [gateOf(one), mixOf(one)];
      return {
        gate: (at) => gate[at],
        mix(at) {
          (name === "gate" ? gate : mix)[1] = 0.25;
          return mix[at];
        },
      };
    });
    expect(await reasonFor(writes)).toContain(`the kernel changed its input ${name}`);
  });
});
