import { describe, expect, it } from "vitest";
import { type Dtype, dtypeField, formatOf } from "../../src/core/dtype.ts";
import type { ParameterValues } from "../../src/core/parameters.ts";
import { type Shape, shapeOf } from "../../src/core/shape.ts";
import { namesIn, tensorNamed } from "../../src/core/tensors.ts";
import { parameterize, type Variant } from "../../src/core/variant.ts";
import { type SyntheticKind, syntheticSource } from "../../src/input/synthetic.ts";
import { builtInKernels } from "../../src/kernels/index.ts";
import { js } from "../../src/kernels/js/index.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { simpleKernel } from "../../src/kernels/simple-kernel.ts";
import { supportsMode } from "../../src/kernels/supports-mode.ts";
import { callInputs } from "../../src/mechanisms/call-inputs.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { withNamed } from "../../src/mechanisms/named-inputs.ts";
import { causalityOf } from "../../src/mechanisms/why-undefined.ts";
import { pokes } from "../../src/verify/pokes.ts";
import { secondOpinion } from "../../src/verify/second-opinion.ts";
import { full } from "../../variants/dense/full.ts";
import { linear } from "../../variants/feature-map/linear.ts";
import { performer } from "../../variants/feature-map/performer.ts";
import { linformer } from "../../variants/low-rank/linformer.ts";
import { aftFull } from "../../variants/mixing/aft-full.ts";
import { gla } from "../../variants/recurrence/gla.ts";
import { retention } from "../../variants/recurrence/retention.ts";
import { local } from "../../variants/sparse/local.ts";
import { longformer } from "../../variants/sparse/longformer.ts";
import { roundsOutput, softmaxBy } from "./half-kernels.ts";
import { throughGate } from "./whole-gate.ts";

const { fround, f16round } = Math;

const small = shapeOf({ batch: 1, heads: 2, length: 97, headDim: 16 });
const tiny = shapeOf({ batch: 1, heads: 1, length: 40, headDim: 8 });
/** Few rows over many keys: what adds up wrongly shows in any of them. */
const wide = shapeOf({ batch: 1, heads: 1, length: 4096, queries: 4, headDim: 16 });

function problemIn(
  dtype: Dtype,
  variant: Variant,
  shape: Shape = small,
  input: SyntheticKind = "gaussian",
  params: ParameterValues = {},
): JudgedProblem {
  const judged = builtInKinds.under(parameterize(variant, params), {});
  const asked = { ...judged, shape, ...dtypeField(dtype) };
  const source = syntheticSource(input, 1);
  const inputs = withNamed(asked, callInputs(asked, source, shape), 1, { source });
  const { mechanism, kind } = judged;
  const causal = causalityOf(judged) === "always";
  return { mechanism, kind, shape, causal, threads: 1, inputs, ...dtypeField(dtype) };
}

/** The small values of a variant's parameters. */
function smallest({ params }: Variant): ParameterValues {
  return Object.fromEntries(Object.entries(params).map(([name, { probe }]) => [name, probe]));
}

/** What is stored between operations is in the dtype, and sums are in float32, as matrix units and libraries do it. */
const stores = softmaxBy("stores-in-dtype", (dtype) => ({ stored: formatOf(dtype).round, sums: fround }));
const addsInDtype = softmaxBy("adds-in-dtype", (dtype) => ({
  stored: formatOf(dtype).round,
  sums: formatOf(dtype).round,
}));
const addsInFloat16 = softmaxBy("adds-in-float16", () => ({ stored: fround, sums: f16round }));

describe("a kernel that is told its dtype", () => {
  it.each<[string, "green" | "red", Dtype, Kernel, Variant, Shape]>([
    ["rounds its output alone", "green", "float16", roundsOutput("best"), full, small],
    ["rounds its output alone", "green", "bfloat16", roundsOutput("best"), full, small],
    ["rounds its output alone", "green", "float16", roundsOutput("best"), linear, small],
    ["rounds its output alone", "green", "bfloat16", roundsOutput("best"), longformer, small],
    ["rounds its output alone", "green", "float16", roundsOutput("best"), gla, small],
    ["rounds its output alone", "green", "bfloat16", roundsOutput("best"), retention, small],
    ["rounds its output alone", "green", "float16", roundsOutput("best"), linformer, tiny],
    ["rounds whatever it stores", "green", "float16", stores, full, small],
    ["rounds whatever it stores", "green", "bfloat16", stores, full, small],
    ["rounds whatever it stores", "green", "bfloat16", stores, local, small],
    ["rounds whatever it stores, over 4096 keys", "green", "float16", stores, full, wide],
    ["rounds whatever it stores, over 4096 keys", "green", "bfloat16", stores, full, wide],
    ["also adds up 4096 keys in float16", "red", "float16", addsInDtype, full, wide],
    ["also adds up 4096 keys in bfloat16", "red", "bfloat16", addsInDtype, full, wide],
    ["adds up in float16, told float32", "red", "float32", addsInFloat16, full, small],
    [
      "rounds its output to float16, told float32",
      "red",
      "float32",
      roundsOutput("f16", { spoil: f16round }),
      full,
      small,
    ],
    [
      "stores bfloat16, told float16",
      "red",
      "float16",
      softmaxBy("stores-bfloat16", () => ({ stored: formatOf("bfloat16").round, sums: fround })),
      full,
      small,
    ],
    [
      "reads its inputs as bfloat16, told float16",
      "red",
      "float16",
      roundsOutput("reads-bf16", { input: formatOf("bfloat16").round }),
      full,
      small,
    ],
    ["is wrong by 2 %", "red", "float16", roundsOutput("off", { spoil: (x) => 1.02 * x }), full, small],
    ["is wrong by 2 %", "red", "float16", roundsOutput("off", { spoil: (x) => 1.02 * x }), linear, small],
    ["is wrong by 10 %", "red", "bfloat16", roundsOutput("off", { spoil: (x) => 1.1 * x }), full, small],
    ["gives 0 throughout", "red", "bfloat16", roundsOutput("zero", { spoil: () => 0 }), retention, small],
  ])("%s: %s in %s", async (_, outcome, dtype, kernel, variant, shape) => {
    const result = await throughGate(problemIn(dtype, variant, shape), kernel);
    expect(result).toMatchObject({ outcome });
    if (result.outcome === "red") expect(result.reason).toMatch(/row \d+ .* over budget/);
  });

  it("is told by its task, and finds nothing there in float32", async () => {
    const told: unknown[] = [];
    const asks = simpleKernel({
      id: "asks",
      dtypes: ["float32", "bfloat16"],
      prepare(problem, output) {
        told.push(problem.dtype, Object.hasOwn(problem, "dtype"));
        return js.prepare({ ...problem, dtype: "float32" }, output).run;
      },
    });
    await throughGate(problemIn("bfloat16", full), asks);
    expect(new Set(told)).toEqual(new Set(["bfloat16", true]));
    told.length = 0;
    await throughGate(problemIn("float32", full), asks);
    expect(new Set(told)).toEqual(new Set([undefined, false]));
  });

  it("is not asked about others than those it takes", () => {
    const asked: unknown[] = [];
    const kernel: Kernel = {
      ...roundsOutput("half"),
      dtypes: ["float16"],
      supports(task) {
        asked.push(task);
        return true;
      },
    };
    const answer = (dtype: Dtype, one: Kernel) => supportsMode(one, problemIn(dtype, full), "forward");
    expect(answer("float16", kernel)).toBe(true);
    expect(answer("bfloat16", kernel)).toBe("it computes in float16, not in bfloat16");
    expect(answer("float32", kernel)).toBe("it computes in float16, not in float32");
    expect(asked).toHaveLength(1);
    for (const one of builtInKernels())
      expect(answer("float16", one)).toBe("it computes in float32, not in float16");
    expect(
      supportsMode({ ...kernel, decode: js.decode as never }, problemIn("float16", full), "decode"),
    ).toBe("decoding is in float32 alone");
  });
});

/** Every number that a kernel was shown and that is none of its dtype. */
function watching(dtype: Dtype): {
  readonly kernel: Kernel;
  readonly seen: Map<string, number>;
  calls(): number;
} {
  const { round } = formatOf(dtype);
  const seen = new Map<string, number>();
  let calls = 0;
  const inner = roundsOutput("watching");
  const kernel: Kernel = {
    ...inner,
    prepare(problem, output) {
      const look = () => {
        calls++;
        for (const name of namesIn(problem.inputs)) {
          // NaN is planted now and then, an infinity never.
          const odd = tensorNamed(problem.inputs, name).find(
            (x) => !Object.is(round(x), x) || Math.abs(x) === Number.POSITIVE_INFINITY,
          );
          if (odd !== undefined) seen.set(name, odd);
        }
      };
      look();
      const runnable = inner.prepare(problem, output);
      return {
        ...runnable,
        run() {
          look();
          runnable.run();
        },
      };
    },
  };
  return { kernel, seen, calls: () => calls };
}

describe("inputs", () => {
  it.each(["float16", "bfloat16"] as const)("are others in nearly every call of a slot in %s", (dtype) => {
    const problem = problemIn(dtype, full, tiny);
    const changes = pokes(problem, 1, 1);
    const { k, v } = problem.inputs;
    const seen = new Set<string>();
    changes.begin(1000);
    for (let call = 0; call < 1000; call++) {
      changes.next();
      seen.add([...k, ...v].join());
    }
    // Of two factors that are neighbours the products may be rounded to the same number.
    expect(seen.size).toBeGreaterThan(850);
  });

  const cases = [full, local, linear, performer, linformer, aftFull, gla].flatMap((variant) =>
    (["float16", "bfloat16"] as const).flatMap((dtype) =>
      (["gaussian", "peaked"] as const).map((input) => [variant.id, dtype, input, variant] as const),
    ),
  );

  it.each(cases)(
    "hold numbers of the dtype in every call: %s in %s, %s",
    async (_, dtype, input, variant) => {
      const { kernel, seen, calls } = watching(dtype);
      const problem = problemIn(dtype, variant, tiny, input, smallest(variant));
      const result = await throughGate(problem, kernel);
      expect(seen).toEqual(new Map());
      if (result.outcome !== "green") expect(result.reason).toMatch(/nothing could be proven/);
      else {
        const before = calls();
        result.begin(70);
        for (let call = 0; call < 70; call++) result.call();
        expect(await result.verify()).toBeNull();
        expect(await result.recheck()).toBeNull();
        expect(calls()).toBe(before + 71);
      }
      expect(seen).toEqual(new Map());
      // On turned, hard, negated and poisoned numbers, and on the right ones.
      expect(calls()).toBeGreaterThan(5);
    },
  );

  it("hold numbers of the dtype in every call, also if some are near the largest", async () => {
    const problem = problemIn("float16", full, tiny);
    const { v } = problem.inputs;
    const largest = Math.max(...v.map(Math.abs));
    const times = 2 ** Math.floor(Math.log2(formatOf("float16").most / largest));
    for (const [at, x] of v.entries()) v[at] = times * x;
    const { kernel, seen } = watching("float16");
    const result = await throughGate(problem, kernel);
    if (result.outcome !== "green") throw new Error(result.reason);
    result.begin(1100);
    for (let call = 0; call < 1100; call++) result.call();
    expect(await result.verify()).toBeNull();
    expect(seen).toEqual(new Map());
  });

  it("stay within float16 where they are hard", async () => {
    const { round, most } = formatOf("float16");
    const largest: number[] = [];
    const inner = roundsOutput("looks");
    const looks: Kernel = {
      ...inner,
      prepare(problem, output) {
        const runnable = inner.prepare(problem, output);
        return {
          ...runnable,
          run() {
            const { q, k, v } = problem.inputs;
            largest.push(
              Math.max(...[q, k, v].flatMap((one) => [...one.map(Math.abs)]).filter((x) => !Number.isNaN(x))),
            );
            runnable.run();
          },
        };
      },
    };
    expect(await throughGate(problemIn("float16", full), looks)).toMatchObject({ outcome: "green" });
    expect(Math.max(...largest)).toBeGreaterThan(500);
    expect(round(Math.max(...largest))).toBeLessThanOrEqual(most);
  });
});

it("an output is compared with a float32 kernel's, which is not told the dtype, and judged by the dtype's budget", async () => {
  const problem = problemIn("bfloat16", full);
  const runnable = roundsOutput("best").prepare(problem, new Float32Array(small.heads * 97 * 16));
  runnable.run();
  const opinion = await secondOpinion(problem, runnable.output(), js, 1);
  expect(opinion?.rows).toBe(2 * 97);
  expect(opinion?.unlike.length).toBeGreaterThan(0);
});
