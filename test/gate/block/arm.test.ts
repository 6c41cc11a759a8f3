import { expect, test } from "vitest";
import type { Problem } from "../../../src/core/problem.ts";
import { everyRow } from "../../../src/core/rows.ts";
import { Arm } from "../../../src/gate/block/arm.ts";
import { builtInKernels } from "../../../src/kernels/index.ts";
import { js } from "../../../src/kernels/js/index.ts";
import type { Kernel } from "../../../src/kernels/kernel.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { expectation } from "../../../src/verify/expectation.ts";
import { variants } from "../../../variants/index.ts";
import { goldenReference } from "../../kernels/golden-cases.ts";
import { GOLDEN_LAYERS, goldenLayers } from "../../kernels/golden-layers.ts";
import { plantedDecoder } from "../../verify/planted-steppers.ts";
import { smallCell } from "../stand-in.ts";

/** The js family with something done after each call, and what it was asked to do. */
function watched(
  afterCall: (call: number, output: Float32Array) => void = () => {},
  supports?: Kernel["supports"],
) {
  const events: string[] = [];
  let calls = 0;
  const kernel: Kernel = {
    id: "watched",
    title: "watched",
    supports: supports ?? ((task) => js.supports(task)),
    prepare(problem: Problem, output) {
      const runnable = js.prepare(problem, output);
      return {
        ...runnable,
        run() {
          runnable.run();
          afterCall(++calls, output);
        },
        dispose: () => events.push("dispose"),
      };
    },
  };
  return { kernel, events, calls: () => calls };
}

const cell = smallCell({ kernel: "watched", case: "full/watched" });
const armOf = (...kernels: Kernel[]) => new Arm({ variants, kernels }, builtInKinds);
const request = { cell, input: "gaussian", seed: 3, rows: null };
const slot = { callsPerSample: 2, samples: 3 };

test("a cell that is right comes with its exact work, its error and the time of a warm call", async () => {
  const facts = await armOf(watched().kernel).open(request);
  expect(facts).toMatchObject({
    outcome: "right",
    reason: null,
    pairs: 64,
    useful_flops: expect.any(Number),
  });
  expect(facts.executed_flops).toBeGreaterThan(0);
  expect(facts.gate_error).toBeLessThanOrEqual(facts.gate_budget ?? 0);
  expect(facts.call_s).toBeGreaterThan(0);
  expect(facts.prepare_s).toBeGreaterThan(0);
});

test("the same seed gives the same numbers, on both sides of a comparison, and another seed others", async () => {
  const exact = async (seed: number) => {
    // What a busy machine makes it say of its threads is no number.
    const { call_s, prepare_s, remarks, ...facts } = await armOf(js).open({
      ...request,
      cell: smallCell({ kernel: "js" }),
      seed,
    });
    return facts;
  };
  expect(await exact(3)).toEqual(await exact(3));
  expect((await exact(4)).gate_error).not.toBe((await exact(3)).gate_error);
});

test("every kernel that is built in reads its numbers where it wants them", async () => {
  const kernels = builtInKernels("auto");
  const arm = new Arm({ variants, kernels }, builtInKinds);
  for (const { id } of kernels.filter((kernel) => !["js-recurrent", "js-sorted"].includes(kernel.id))) {
    for (const variant of ["full", "linear"]) {
      const params = variant === "linear" ? { eps: 1e-6 } : {};
      const facts = await arm.open({ ...request, rows: 8, cell: smallCell({ kernel: id, variant, params }) });
      expect(facts).toMatchObject({ outcome: "right", reason: null });
      expect((await arm.slot(slot, 0)).wrong).toBeNull();
    }
  }
  arm.close();
});

test.each([
  ["a variant", { variant: "nope" }, "this side has no variant nope"],
  ["a kernel", { kernel: "nope" }, "this side has no kernel nope"],
  ["a parameter", { params: { nope: 1 } }, "unknown parameter of full 'nope'"],
])("what lacks %s is missing", async (_, change, reason) => {
  const facts = await armOf(watched().kernel).open({ ...request, cell: { ...cell, ...change } });
  expect(facts).toMatchObject({ outcome: "missing", reason: expect.stringContaining(reason), call_s: null });
});

test("what the kernel does not support is unsupported, in its words", async () => {
  const facts = await armOf(watched(undefined, () => "only on Sundays").kernel).open(request);
  expect(facts).toMatchObject({
    outcome: "unsupported",
    reason: "only on Sundays",
    pairs: null,
    call_s: null,
  });
});

test("what computes something else, throws, or throws only when called again is wrong and has no time", async () => {
  const kernels = [
    watched((_, output) => {
      output[5] += 1;
    }),
    watched(() => {
      throw new Error("on purpose");
    }),
    watched((call) => {
      if (call > 12) throw new Error("the twelfth was the last");
    }),
  ];
  const reasons: (string | null)[] = [];
  for (const { kernel } of kernels) {
    const facts = await armOf(kernel).open(request);
    expect(facts).toMatchObject({ outcome: "wrong", pairs: 64, call_s: null, executed_flops: null });
    reasons.push(facts.reason);
  }
  expect(reasons[0]).toMatch(/^verification: /);
  expect(reasons[1]).toMatch(/the kernel threw: on purpose/);
  expect(reasons[2]).toMatch(/the kernel threw when called again: the twelfth/);
});

test("an input that cannot be read is a reason, not an end", async () => {
  expect(await armOf(watched().kernel).open({ ...request, input: "missing.safetensors" })).toMatchObject({
    outcome: "wrong",
    reason: expect.stringContaining("missing.safetensors"),
  });
});

test("a cell of a layer takes tokens, weights and biases from a file, as does one of a variant that is a layer", async () => {
  const tensors = (name: string) => ({ input: GOLDEN_LAYERS, tensors: `${name}.x,${name}.*` });
  const ofTokens = { length: 9, batch: 2, heads: 4, head_dim: 3, model_dim: 12 };
  const arm = armOf(js);
  const opened = async (name: string, cell: ReturnType<typeof smallCell>) => {
    const facts = await arm.open({ ...request, ...tensors(name), cell });
    expect(facts).toMatchObject({ outcome: "right", reason: null });
    const golden = goldenLayers.find(({ title }) => title === `${name}.out`);
    const output = arm.output();
    if (golden === undefined || output === null) throw new TypeError(`${name}: must be open`);
    const { problem } = golden;
    return expectation(problem, goldenReference(golden), everyRow(problem.shape), 0).compare(output).failure;
  };
  expect(await opened("mha", smallCell({ kernel: "js", ...ofTokens }))).toBeNull();
  const detr = { variant: "detr", params: { heads: 4, width: 5 }, length: 15, heads: 1, head_dim: 12 };
  expect(await opened("detr", smallCell({ kernel: "js", ...detr }))).toBeNull();
  arm.close();
});

test("a slot must follow what is open", async () => {
  const arm = armOf(watched().kernel);
  await expect(arm.slot(slot, 0)).rejects.toThrow("a slot must follow open");
  await arm.open({ ...request, cell: { ...cell, variant: "nope" } });
  await expect(arm.slot(slot, 0)).rejects.toThrow("a slot must follow open");
  await arm.open(request);
  await arm.slot(slot, 0);
  arm.close();
  await expect(arm.slot(slot, 0)).rejects.toThrow("a slot must follow open");
});

test("one cell is open at a time, and each is freed once", async () => {
  const { kernel, events } = watched();
  const arm = armOf(kernel);
  const freed = () => events.length;
  await arm.open(request);
  const atOpen = freed();
  await arm.open({ ...request, cell: { ...cell, variant: "nope" } });
  expect(freed()).toBe(atOpen + 1);
  arm.close();
  expect(freed()).toBe(atOpen + 1);
  arm.openYardstick();
  arm.close();
  arm.close();
  expect(freed()).toBe(atOpen + 1);
});

test("a slot makes the calls that it is asked for, and one before them unless it is the only one", async () => {
  const { kernel, calls } = watched();
  const arm = armOf(kernel);
  await arm.open(request);
  const made = async (plan: typeof slot) => {
    const before = calls();
    const times = await arm.slot(plan, 0);
    expect(times.min_s).toBeGreaterThan(0);
    expect(times.median_s).toBeGreaterThanOrEqual(times.min_s);
    expect(times.waited_s).toBeGreaterThanOrEqual(0);
    expect(times.wall_s).toBeGreaterThan(0);
    expect(times.wrong).toBeNull();
    return calls() - before;
  };
  expect(await made({ callsPerSample: 2, samples: 3 })).toBe(7);
  expect(await made({ callsPerSample: 1, samples: 4 })).toBe(5);
  expect(await made({ callsPerSample: 1, samples: 1 })).toBe(1);
});

test("a kernel that turns wrong while it is timed is found out, even where it only stops computing", async () => {
  let broken = false;
  const wrong = watched((_, output) => {
    if (broken) output[0] = 7;
  });
  const arm = armOf(wrong.kernel);
  await arm.open(request);
  expect((await arm.slot(slot, 0)).wrong).toBeNull();
  broken = true;
  expect((await arm.slot(slot, 0)).wrong).toMatch(/\S/);

  let lazy = false;
  const idle: Kernel = {
    id: "watched",
    title: "idle",
    supports: () => true,
    prepare(problem, output) {
      const runnable = js.prepare(problem, output);
      return { ...runnable, run: () => (lazy ? undefined : runnable.run()) };
    },
  };
  const remembering = armOf(idle);
  await remembering.open(request);
  lazy = true;
  expect((await remembering.slot(slot, 0)).wrong).toMatch(/NaN/);
});

test("calls are prolonged by the share that is asked for", async () => {
  const least = 200e-6;
  const spinning = watched(() => {
    for (const end = performance.now() + least * 1e3; performance.now() < end; );
  });
  const arm = armOf(spinning.kernel);
  await arm.open(request);
  const plan = { callsPerSample: 1, samples: 9 };
  expect((await arm.slot(plan, 0)).min_s).toBeGreaterThanOrEqual(least);
  const padded = await arm.slot(plan, 0.5);
  expect(padded.min_s).toBeGreaterThanOrEqual(1.5 * least);
  expect(padded.wrong).toBeNull();
  expect((await arm.slot(plan, 3)).min_s).toBeGreaterThanOrEqual(4 * least);
});

test.each(["forward", "decode"] as const)(
  "what chooses is held to its own choice, mode %s, where two sides differ and after every slot",
  async (mode) => {
    const arm = armOf(js);
    const sizes = { length: 64, head_dim: 8, causal: true, ...(mode === "decode" && { mode }) };
    const chooses = smallCell({ kernel: "js", variant: "top-k", params: { keys: 5 }, ...sizes });
    const facts = await arm.open({ ...request, cell: chooses });
    expect(facts).toMatchObject({ outcome: "right", reason: null });
    const rows = [0, 1, 2, 3].map((row) => ({ batch: 0, head: 0, row }));
    expect(arm.verifyRows(rows)).toBeNull();
    expect((await arm.slot(slot, 0)).wrong).toBeNull();
    arm.close();
  },
);

test("the fixed kernel needs no variant and no kernel", async () => {
  const arm = new Arm({ variants: [], kernels: [] }, builtInKinds);
  expect(arm.openYardstick()).toBeGreaterThan(0);
  expect(await arm.slot(slot, 0)).toMatchObject({ wrong: null, median_s: expect.any(Number) });
});

test("a cell that decodes is stepped through within its window, and found wrong where a step is", async () => {
  const decode = smallCell({
    kernel: "planted",
    length: 40,
    causal: true,
    mode: "decode",
    case: "full/decode",
  });
  let broken = false;
  const kernel = plantedDecoder("planted", { after: ({ out }) => void (broken && out.fill(3)) });
  const arm = new Arm({ variants, kernels: [kernel] }, builtInKinds);
  expect(await arm.open({ ...request, cell: decode, rows: 8 })).toMatchObject({
    outcome: "right",
    reason: null,
    pairs: 41,
    executed_flops: null,
  });
  const { plan } = arm.plan(1e-6, 0.002);
  expect(plan.callsPerSample).toBe(6);
  const { median_s, wrong } = await arm.slot(plan, 0);
  expect(median_s).toBeGreaterThan(0);
  expect(wrong).toBeNull();
  expect(arm.verifyRows([{ batch: 0, head: 0, row: 7 }])).toBeNull();
  broken = true;
  expect((await arm.slot(plan, 0)).wrong).toMatch(/^in the steps from position 36 on, row/);
  arm.close();
  expect(kernel.counts.disposed).toBe(kernel.counts.prepared);
});

test("a cell that decodes is unsupported by a kernel that cannot", async () => {
  const { reason, outcome } = await armOf(watched().kernel).open({
    ...request,
    cell: { ...cell, causal: true, mode: "decode" },
  });
  expect(outcome).toBe("unsupported");
  expect(reason).toMatch(/^it has no decoding/);
});

/** Right in every call that finds its output spoiled or other numbers; otherwise it leaves the work out. */
function lazy(id: string): Kernel {
  return {
    ...js,
    id,
    prepare(problem, output) {
      const runnable = js.prepare(problem, output);
      const { q, k, v } = problem.inputs;
      const few = () => `${q.slice(0, 4)} ${k.slice(0, 4)} ${v.slice(0, 4)}`;
      let known = "";
      return {
        ...runnable,
        run() {
          const now = few();
          if (now === known && !Number.isNaN(output[0])) return;
          runnable.run();
          known = now;
        },
      };
    },
  };
}

test("a kernel that leaves out its work when it is called again is wrong, however right its output", async () => {
  const long = smallCell({ kernel: "lazy", case: "full/lazy", length: 512, head_dim: 64 });
  const facts = await armOf(lazy("lazy")).open({ ...request, cell: long });
  expect(facts.outcome).toBe("wrong");
  expect(facts.reason).toMatch(/^verification: called again, a call of \S+ MFLOP must take at least /);
});
