import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { everyRow } from "../../../src/core/rows.ts";
import { overTokens, type Shape, shapeOf } from "../../../src/core/shape.ts";
import { stepWindow } from "../../../src/core/step-window.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { syntheticSource } from "../../../src/input/synthetic.ts";
import { js } from "../../../src/kernels/js/index.ts";
import type { Stepper } from "../../../src/kernels/stepper.ts";
import { softmaxSteps } from "../../../src/kernels/webgpu/decode/softmax-steps.ts";
import { findInNode } from "../../../src/kernels/webgpu/gpu/find-in-node.ts";
import { createWebgpu } from "../../../src/kernels/webgpu/index.ts";
import { type JudgedProblem, weightsOf } from "../../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { float64 } from "../../../src/mechanisms/oracle.ts";
import { isSoftmaxPattern } from "../../../src/mechanisms/softmax-pattern/declare.ts";
import { type Forms, formsOf, whyNotForms } from "../../../src/pairwise/forms.ts";
import { expectation } from "../../../src/verify/expectation.ts";
import { prepareDecode } from "../../../src/verify/prepare-decode.ts";
import { stepRows } from "../../../src/verify/rows.ts";
import { full } from "../../../variants/dense/full.ts";
import { variants } from "../../../variants/index.ts";
import { local } from "../../../variants/sparse/local.ts";
import { examples } from "../../examples.ts";
import { ofPattern, reference } from "../../mechanisms/judge.ts";
import { algebraWithDraws } from "../../pattern/arbitrary-patterns.ts";
import { describeProblem, nonFinitePlants, problemOf, withPlants } from "../arbitrary-problems.ts";
import { fetchToken, guardedToken, taskOf } from "../decode/decoded.ts";
import { goldenCases, goldenReference } from "../golden-cases.ts";
import { attendsNothing, everyThirdRow, strictPast } from "../hand-written-patterns.ts";
import { repeated } from "../repeated-heads.ts";
import { decodedBy, type Fences, stepOn } from "./stepped.ts";
import { noDevice, theDevice, whyNoDevice } from "./test-device.ts";

/** Few widths, since each is a shader of its own: a row of whole quads and one that is not, and both together. */
const widths = fc.constantFrom({ headDim: 8 }, { headDim: 5 }, { headDim: 8, valueDim: 6 });
const shapes: fc.Arbitrary<Shape> = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    kvHeads: fc.integer({ min: 1, max: 2 }),
    readers: fc.constantFrom(1, 3),
    length: fc.integer({ min: 1, max: 140 }),
    width: widths,
  })
  .map(({ batch, kvHeads, readers, length, width }) =>
    shapeOf({ batch, heads: kvHeads * readers, kvHeads, length, ...width }),
  );
const fences: fc.Arbitrary<Fences> = fc.array(fc.integer({ min: 1, max: 64 }), {
  minLength: 1,
  maxLength: 3,
});

/** Problems of the patterns of the algebra. */
const problems = fc
  .tuple(algebraWithDraws, shapes, fc.nat())
  .map(([pattern, shape, seed]) => problemOf(ofPattern(pattern), shape, true, "gaussian", seed))
  .filter(isDecoded);

function isDecoded({ mechanism, ...task }: JudgedProblem): boolean {
  if (!isSoftmaxPattern(mechanism) || whyNotForms(mechanism, ["turn", "bias", "normaliser"]) !== null)
    return false;
  return softmaxSteps.whyNot?.({ ...task, mechanism }) === null;
}

async function prepared(problem: JudgedProblem): Promise<Stepper> {
  const { mechanism } = problem;
  if (!isSoftmaxPattern(mechanism)) throw new TypeError("it decodes patterns");
  const task = { ...taskOf(problem), mechanism };
  return await softmaxSteps.prepare(task, { device: theDevice() }, weightsOf(problem));
}

async function decoded(problem: JudgedProblem, every?: Fences): Promise<Float32Array> {
  const stepper = await prepared(problem);
  const output = await decodedBy(stepper, problem, every);
  stepper.dispose();
  return output;
}

function expectRight(problem: JudgedProblem, output: Float32Array): void {
  const { failure } = expectation(problem, reference(problem), everyRow(problem.shape), 0).compare(output);
  if (failure !== null) expect(`${describeProblem(problem)}: ${failure}`).toBeNull();
}

/** Numbers that are not finite in the reference are not finite here either; all others are within budget. */
function expectRightWhereFinite(problem: JudgedProblem, output: Float32Array): void {
  const rows = reference(problem).rows(everyRow(problem.shape), float64);
  for (const [at, value] of rows.flatMap(({ values }) => [...values]).entries()) {
    if (Number.isFinite(value)) continue;
    expect(output[at], `${describeProblem(problem)}: at ${at}, where it is ${value}`).not.toSatisfy(
      Number.isFinite,
    );
    output[at] = value;
  }
  expectRight(problem, output);
}

function firstDifference(a: Float32Array, b: Float32Array): string | null {
  const at = a.findIndex((value, index) => !Object.is(value, b[index]));
  return at < 0 ? null : `at ${at}: ${a[at]} and ${b[at]}`;
}

const withForms = (forms: Forms, shape: Shape, window: number | null = null): JudgedProblem => {
  const { mechanism } = window === null ? parameterize(full, {}) : parameterize(local, { window });
  return problemOf({ ...mechanism, ...forms }, shape, true, "peaked");
};

describe.skipIf(noDevice)(`decoding softmax on a device${whyNoDevice}`, () => {
  const causal = goldenCases.filter(({ problem }) => problem.causal && isDecoded(problem));

  it.each(causal)("is within budget of the golden vectors, token by token: $title", async (golden) => {
    const { problem } = golden;
    const output = await decoded(problem, [7]);
    const { failure } = expectation(problem, goldenReference(golden), everyRow(problem.shape), 0).compare(
      output,
    );
    expect(failure).toBeNull();
  });

  it("is right in every row for any pattern of the algebra, however many steps are on their way", async () => {
    await fc.assert(
      fc.asyncProperty(problems, fences, async (problem, every) => {
        expectRight(problem, await decoded(problem, every));
      }),
      examples(),
    );
  });

  const kinds = variants
    .map((variant) => {
      const probes = Object.entries(variant.params).map(([name, { probe }]) => [name, probe]);
      return { id: variant.id, mechanism: parameterize(variant, Object.fromEntries(probes)).mechanism };
    })
    .map(({ id, mechanism }) => ({
      id,
      problem: problemOf(
        mechanism,
        shapeOf({ batch: 1, heads: 4, kvHeads: 2, length: 70, headDim: 8 }),
        true,
      ),
    }))
    .filter(({ problem }) => builtInKinds.judged(problem).kind.id === "softmaxPattern" && isDecoded(problem));

  it.each(kinds)("is right in every row of $id", async ({ problem }) => {
    expectRight(problem, await decoded(problem, [9]));
  });

  const forms = [
    { bias: "alibi", turn: "rope:half:50" },
    { bias: "t5:6:9:1", normaliser: "sink:-2" },
    { bias: "window:5:3", turn: "rope", normaliser: "sigmoid" },
    { turn: "rope", normaliser: "relu" },
    { normaliser: "sigmoid:-1.5" },
    { normaliser: "relu:0" },
  ];

  it.each(forms)("is right in every row with all forms together: %j", async (texts) => {
    const shape = shapeOf({ batch: 2, heads: 6, kvHeads: 2, length: 40, headDim: 6, valueDim: 5 });
    for (const window of [null, 6]) {
      const problem = withForms(formsOf(texts), shape, window);
      expectRight(problem, await decoded(problem, [11]));
    }
  });

  it("is right where rows are cut into parts, from one part to many, and where heads share a cache", async () => {
    for (const normaliser of ["none", "sink:1.5", "relu"]) {
      const shape = shapeOf({ batch: 1, heads: 9, kvHeads: 1, length: 1300, headDim: 8 });
      const problem = withForms(formsOf({ normaliser }), shape);
      const stepper = await prepared(problem);
      const output = new Float32Array(9 * 1300 * 8);
      const places = [];
      for (const position of [1, 255, 256, 257, 512, 515, 1024, 1299]) {
        stepper.reset();
        stepper.prefill(problem.inputs, position);
        await stepOn(stepper, problem.inputs, position + 1, output);
        for (let head = 0; head < 9; head++) places.push({ batch: 0, head, row: position });
      }
      stepper.dispose();
      const { failure } = expectation(problem, reference(problem), places, 0).compare(output);
      expect(failure).toBeNull();
    }
  });

  it.each([
    ["one part", 700],
    ["three parts", 300],
  ])("is right where there are so many heads that %s of a row has many keys", async (_, heads) => {
    const shape = shapeOf({ batch: 1, heads, kvHeads: heads / 100, length: 1300, headDim: 8 });
    const problem = withForms({}, shape);
    const stepper = await prepared(problem);
    const output = new Float32Array(heads * 1300 * 8);
    stepper.prefill(problem.inputs, 1298);
    await stepOn(stepper, problem.inputs, 1300, output, [2]);
    stepper.dispose();
    const places = [0, 1, heads >> 1, heads - 1].flatMap((head) =>
      [1298, 1299].map((row) => ({ batch: 0, head, row })),
    );
    expect(expectation(problem, reference(problem), places, 0).compare(output).failure).toBeNull();
  });

  it("writes zeros where a row attends nothing", async () => {
    for (const pattern of [attendsNothing, strictPast, everyThirdRow]) {
      const problem = problemOf(
        ofPattern(pattern),
        shapeOf({ batch: 1, heads: 1, length: 40, headDim: 8 }),
        true,
      );
      expectRight(problem, await decoded(problem, [5]));
    }
    const nothing = problemOf(
      ofPattern(attendsNothing),
      shapeOf({ batch: 1, heads: 1, length: 3, headDim: 8 }),
      true,
    );
    expect(await decoded(nothing)).toEqual(new Float32Array(24));
  });

  it("stays right where logits run to several hundred, of either sign", async () => {
    await fc.assert(
      fc.asyncProperty(problems, fc.constantFrom(100, -300), async (problem, factor) => {
        const q = problem.inputs.q.map((value) => value * factor);
        const scaled = { ...problem, inputs: { ...problem.inputs, q } };
        expectRight(scaled, await decoded(scaled, [8]));
      }),
      examples(40),
    );
  });

  it.each(["", "sink:-2"])(
    "gives keys of logit minus infinity no weight, normaliser: %s",
    async (normaliser) => {
      // More keys than one part has, so that parts without weight are joined as well.
      for (const length of [40, 600]) {
        const shape = shapeOf({ batch: 1, heads: 1, length, headDim: 8 });
        const { mechanism } = parameterize(full, {});
        if (!isSoftmaxPattern(mechanism)) throw new TypeError("it is a pattern");
        const formed = { ...mechanism, ...formsOf({ normaliser: normaliser || null }) };
        const problem = problemOf(formed, shape, true);
        const k = problem.inputs.k.map((value, at) => (at % 8 === 3 ? Math.abs(value) + 0.1 : value));
        const q = problem.inputs.q.slice();
        // Of the first token, one in between and the last, all keys; in the others none.
        for (const row of [0, 7, length - 1]) q[row * 8 + 3] = Number.NEGATIVE_INFINITY;
        const broken = { ...problem, inputs: { ...problem.inputs, q, k } };
        const output = await decoded(broken, [64]);
        for (const row of [0, 7, length - 1]) {
          expect(output.slice(8 * row, 8 * row + 8)).toEqual(
            new Float32Array(8).fill(normaliser === "" ? Number.NaN : 0),
          );
        }
        expectRightWhereFinite(broken, output);
      }
    },
  );

  it("takes NaN and infinities where the reference takes them, and nowhere else", async () => {
    await fc.assert(
      fc.asyncProperty(problems, nonFinitePlants, async (problem, plants) => {
        const broken = withPlants(problem, plants);
        expectRightWhereFinite(broken, await decoded(broken, [64]));
      }),
      examples(),
    );
  });

  it("gives the same bits after a prefill, at any position and in any portions, as after steps", async () => {
    const portions = fc.array(fc.tuple(fc.nat(60), fc.nat(20)), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(problems, portions, fences, async (problem, pieces, every) => {
        const { length } = problem.shape;
        const alone = await decoded(problem);
        const stepper = await prepared(problem);
        const output = alone.slice();
        for (const [prefilled, steps] of pieces) {
          stepper.prefill(problem.inputs, Math.min(prefilled, length - stepper.position));
          await stepOn(stepper, problem.inputs, Math.min(length, stepper.position + steps), output, every);
        }
        stepper.dispose();
        expect(firstDifference(output, alone)).toBeNull();
      }),
      examples(60),
    );
  });

  it("gives heads that share k and v the bits that it gives them with k and v repeated for each", async () => {
    const shape = shapeOf({ batch: 1, heads: 6, kvHeads: 2, length: 262, headDim: 8 });
    /** The last steps, of which the first has one part and the last has two. */
    const last = async (problem: JudgedProblem): Promise<Float32Array> => {
      const stepper = await prepared(problem);
      const output = new Float32Array(6 * 262 * 8);
      stepper.prefill(problem.inputs, 252);
      await stepOn(stepper, problem.inputs, 262, output, [10]);
      stepper.dispose();
      return output;
    };
    for (const problem of [withForms({}, shape), withForms(formsOf({ bias: "alibi" }), shape, 20)]) {
      expect(firstDifference(await last(problem), await last(repeated(problem)))).toBeNull();
    }
  });

  it("forgets a sequence at a reset, and steps that are on their way with it", async () => {
    const problem = withForms({}, shapeOf({ batch: 1, heads: 2, length: 40, headDim: 8 }), 5);
    const fresh = await decoded(problem);
    const stepper = await prepared(problem);
    const bad = (array: Float32Array) => array.map(() => Number.NaN);
    const { q, k, v, shape } = problem.inputs;
    stepper.prefill({ shape, q: bad(q), k: bad(k), v: bad(v) }, 17);
    const token = guardedToken(shape);
    stepper.step(token);
    stepper.reset();
    expect(stepper.position).toBe(0);
    expect(firstDifference(await decodedBy(stepper, problem, [13]), fresh)).toBeNull();
    stepper.dispose();
  });

  it("refuses a step, and a prefill, past the capacity, and a 65th step without a fence; and goes on", async () => {
    const problem = withForms({}, shapeOf({ batch: 1, heads: 2, length: 70, headDim: 8 }));
    const stepper = await prepared(problem);
    const longer = syntheticSource("gaussian", 1).inputs(overTokens(problem.shape, 80));
    expect(() => stepper.prefill(longer, 71)).toThrow(
      new RangeError("prefill: 71 tokens must fit into the capacity of 70; prepare for more, or reset"),
    );
    const token = guardedToken(problem.shape);
    fetchToken(longer, 0, token);
    for (let step = 0; step < 64; step++) stepper.step(token);
    expect(() => stepper.step(token)).toThrow(
      new RangeError("step: at most 64 steps may wait for a fence; await finish first"),
    );
    expect(stepper.position).toBe(64);
    await stepper.finish?.();
    for (let step = 64; step < 70; step++) stepper.step(token);
    expect(() => stepper.step(token)).toThrow(
      new RangeError("step: token 71 must fit into the capacity of 70; prepare for more, or reset"),
    );
    stepper.reset();
    expectRight(problem, await decodedBy(stepper, problem, [64]));
    stepper.dispose();
  });

  it("counts the keys that it keeps, and what a step reads and writes", async () => {
    const problem = withForms({}, shapeOf({ batch: 1, heads: 4, kvHeads: 2, length: 70, headDim: 5 }), 9);
    const stepper = await prepared(problem);
    stepper.prefill(problem.inputs, 30);
    const row = 2 * 4 * 2 * 5;
    // The last query attends nine keys and its own; so does the next one, which is also written.
    expect([stepper.stateBytes, stepper.stepBytes]).toEqual([10 * row, 11 * row]);
    expect(stepper.workspaceBytes).toBeGreaterThan(0);
    stepper.dispose();
  });

  it("passes verification as a case of a run, step by step and in windows", async () => {
    const kernel = createWebgpu(findInNode);
    expect(await kernel.open?.()).toBe(true);
    const position = 300;
    const { tokens, capacity, steps } = stepWindow(position);
    const shape = shapeOf({ batch: 1, heads: 2, length: capacity, headDim: 8 });
    const inputs = syntheticSource("gaussian", 4).inputs(overTokens(shape, tokens));
    const problem = { ...problemOf(parameterize(full, {}).mechanism, shape, true), inputs, position };
    const now = () => performance.now() / 1000;
    if (kernel.decode === undefined) throw new TypeError("it decodes");
    const context = { places: stepRows(inputs.shape, steps, 1), fullRows: null, seed: 1, second: js, now };
    const result = await prepareDecode(problem, kernel.decode, context);
    if (result.outcome !== "green" || result.elsewhere === null || result.window === null) {
      throw new Error(result.outcome === "green" ? "it is awaited" : result.reason);
    }
    for (const calls of [1, result.window.calls]) {
      result.begin(calls);
      const { seconds } = await result.elsewhere.sample(calls);
      expect(seconds).toBeGreaterThan(0);
      expect(await result.verify()).toBeNull();
    }
    expect(result.gate.comparedRows).toBe(2 * steps);
    result.runnable.dispose();
    await kernel.close?.();
  });
});
