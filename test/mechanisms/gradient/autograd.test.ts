import { join } from "node:path";
import fc, { type Arbitrary } from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Mechanism } from "../../../src/core/mechanism.ts";
import { rowIn } from "../../../src/core/outputs.ts";
import type { RowPlace } from "../../../src/core/rows.ts";
import { ANY_SHAPE, type ShapeFreedom, shapeOf } from "../../../src/core/shape.ts";
import { nameInFiles } from "../../../src/core/tensor-spec.ts";
import { findVariant, parameterize } from "../../../src/core/variant.ts";
import { findTensor, openSafetensors } from "../../../src/input/safetensors.ts";
import { readTensor } from "../../../src/input/stored-tensor.ts";
import { writeSafetensors } from "../../../src/input/write-safetensors.ts";
import { builtInKernels } from "../../../src/kernels/index.ts";
import { guardedOutput, type Kernel } from "../../../src/kernels/kernel.ts";
import { supportsPass } from "../../../src/kernels/supports-mode.ts";
import { gradientName } from "../../../src/mechanisms/gradient/declare.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { float64, type Oracle } from "../../../src/mechanisms/oracle.ts";
import { outputsOf } from "../../../src/mechanisms/outputs.ts";
import { type Expectation, expectation } from "../../../src/verify/expectation.ts";
import { handedOut } from "../../../src/verify/handed-out.ts";
import { variants } from "../../../variants/index.ts";
import { commandLine } from "../../commands/command-line.ts";
import { pythonWith } from "../../external/pythons.ts";
import { scratchFolder } from "../../input/scratch-folder.ts";
import { alsoUnlike, isDefined, problemOf } from "../../kernels/arbitrary-problems.ts";
import { Autograd, type Formula, tensorsOf } from "./autograd.ts";
import { everyRowOf, gradientOf } from "./gradient-problem.ts";

const python = pythonWith("torch", "numpy");
const folder = scratchFolder();

test("there is a Python with PyTorch for another opinion on gradients", (context) => {
  if (python === null)
    context.skip("no python3 here imports torch: gradients are not compared with autograd's");
  expect(python).toMatch(/python/);
});

/** A variant as it is written on the command line, and the same as PyTorch's formula. */
interface Both {
  readonly variant: string;
  readonly settings: Readonly<Record<string, string | number>>;
  readonly same: Formula;
  /** Whether its calls are causal; either, if omitted. */
  readonly causal?: boolean;
  readonly freedoms: readonly ShapeFreedom[];
}

const softmax: Arbitrary<Both> = fc
  .record({
    window: fc.option(fc.integer({ min: 0, max: 40 })),
    bias: fc.option(fc.constant("alibi")),
    turn: fc.option(fc.constant("rope")),
    normaliser: fc.option(fc.constantFrom("sink", "relu", "sigmoid")),
  })
  .map(({ window, ...forms }) => {
    const given = Object.fromEntries(Object.entries(forms).filter(([, form]) => form !== null)) as Record<
      string,
      string
    >;
    const width = window === null ? {} : { window };
    return {
      variant: window === null ? "full" : "local",
      settings: { ...width, ...given },
      same: { formula: "softmax", options: { ...width, ...given } },
      freedoms: ANY_SHAPE,
    } satisfies Both;
  });

const linear: Arbitrary<Both> = fc.constantFrom(1e-6, 0.1).map((eps) => ({
  variant: "linear",
  settings: { eps },
  same: { formula: "linear", options: { eps } },
  freedoms: ANY_SHAPE,
}));

const DELTA = { writes: true, erases: true, units: true };

const recurrences: Arbitrary<Both> = fc
  .constantFrom<readonly [string, Formula["options"]]>(
    ["retention", { decay: "retention" }],
    ["simple-gla", { decay: "logistic" }],
    ["gla", { decay: "logistic" }],
    ["delta", DELTA],
    ["gated-delta", { decay: "softplus", ...DELTA }],
  )
  .map(([variant, options]) => ({
    variant,
    settings: {},
    same: { formula: "recurrence", options },
    causal: true,
    freedoms: ["kvHeads", "valueDim"],
  }));

interface Drawn {
  readonly words: readonly string[];
  readonly problem: JudgedProblem;
  readonly same: Formula;
  readonly title: string;
}

function problemsOf(both: Arbitrary<Both>): Arbitrary<Drawn> {
  return both
    .chain(({ variant, settings, same, causal, freedoms }) => {
      const shapes = alsoUnlike(
        fc
          .record({
            batch: fc.integer({ min: 1, max: 2 }),
            heads: fc.integer({ min: 1, max: 3 }),
            length: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.constantFrom(1, 31, 32, 33, 64, 65)),
            headDim: fc.integer({ min: 1, max: 24 }),
          })
          .map(shapeOf),
        freedoms,
      );
      const mechanism: Mechanism = parameterize(findVariant(variants, variant), settings).mechanism;
      return fc
        .record({
          shape: shapes,
          causal: fc.constantFrom(...(causal === undefined ? [false, true] : [causal])),
        })
        .chain(({ shape, causal: isCausal }) =>
          fc.nat().map((seed) => ({
            problem: gradientOf(problemOf(mechanism, shape, isCausal, "gaussian", seed), "backward", seed),
            same,
            words: [variant, ...Object.entries(settings).map(([name, value]) => `--set=${name}=${value}`)],
            title: `${variant} ${JSON.stringify({ ...settings, ...shape, causal: isCausal })}`,
          })),
        );
    })
    .filter(({ problem }) => isDefined(problem));
}

/**
 * The reference with autograd's rows in the place of its own. How far float32 may move them remains its own, and so does the
 * error of its float32 pass, which is that against its own rows: against others it would allow what they differ by.
 */
function judgedBy(
  problem: JudgedProblem,
  own: Oracle,
  gradients: ReadonlyMap<string, Float64Array>,
): Expectation {
  const tensors = outputsOf(problem).map((one) => ({ ...one, offset: 0 }));
  const rowOf = (place: RowPlace): Float64Array => {
    const { at, width } = rowIn(tensors, place);
    return gradients.get(place.tensor ?? "")?.slice(at, at + width) ?? new Float64Array();
  };
  const places = everyRowOf(problem);
  const oracle: Oracle = {
    rows: (asked, round) =>
      own.rows(asked, round).map((row, index) => ({ ...row, slack: row.slack, values: rowOf(asked[index]) })),
  };
  return expectation(problem, oracle, places, 0, expectation(problem, own, places, 0).rounding);
}

async function outputOf(problem: JudgedProblem, kernel: Kernel): Promise<Float32Array> {
  const count = outputsOf(problem).reduce(
    (sum, { layout: { batch, heads, rows, width } }) => sum + batch * heads * rows * width,
    0,
  );
  const runnable = await kernel.prepare(handedOut(problem), guardedOutput(count));
  try {
    await runnable.save?.();
    runnable.output().fill(Number.NaN);
    runnable.run();
    return runnable.output().slice();
  } finally {
    runnable.dispose();
  }
}

/** What `attnbench apply` writes of a problem whose tensors a file holds. */
async function applied({ words, problem }: Drawn): Promise<Float32Array> {
  const [input, output] = ["given", "applied"].map((name) => join(folder.path, `${name}.safetensors`));
  const specs = problem.kind.inputs?.(problem.mechanism) ?? {};
  const inFiles = (name: string): string =>
    Object.hasOwn(specs, name) ? nameInFiles(name, specs[name]) : name;
  const given = Object.entries(tensorsOf(problem)).map(([name, tensor]) => [inFiles(name), tensor]);
  writeSafetensors(input, Object.fromEntries(given));
  const causal = problem.causal ? ["--causal"] : [];
  const told = await commandLine([
    "apply",
    ...words,
    ...causal,
    "--mode=backward",
    "--input",
    input,
    "--output",
    output,
  ]);
  expect(told).toMatchObject({ code: 0 });
  const written = openSafetensors(output);
  const tensors = outputsOf(problem).map(({ name }) => gradientName(inFiles(name.slice(1))));
  return Float32Array.from(tensors.flatMap((name) => [...readTensor(findTensor(written, name))]));
}

describe.skipIf(python === null)("PyTorch's autograd", () => {
  let autograd: Autograd;
  beforeAll(() => {
    autograd = new Autograd(python ?? "", folder.path);
  });
  afterAll(() => autograd.end());

  const families = [
    { of: "attention over every key or a window, in any form", problems: problemsOf(softmax) },
    { of: "linear attention", problems: problemsOf(linear) },
    { of: "recurrences and their gates", problems: problemsOf(recurrences) },
  ];

  test.each(families)("has the gradients of $of that apply writes of a file", async ({ problems }) => {
    for (const drawn of fc.sample(problems, 2)) {
      const { problem, same, title } = drawn;
      const expected = judgedBy(problem, problem.kind.oracle(problem), await autograd.of(problem, same));
      expect(expected.compare(await applied(drawn)).failure, title).toBeNull();
    }
  });

  test.each(families)(
    "has the gradients of $of that the reference has, and every kernel gives",
    async ({ problems }) => {
      const taken = new Set<string>();
      await fc.assert(
        fc.asyncProperty(problems, async ({ problem, same, title }) => {
          const own = problem.kind.oracle(problem);
          const expected = judgedBy(problem, own, await autograd.of(problem, same));
          const rows = own.rows(everyRowOf(problem), float64);
          const reference = Float32Array.from(rows.flatMap(({ values }) => [...values]));
          expect(expected.compare(reference).failure, `${title}, reference`).toBeNull();
          for (const kernel of builtInKernels()) {
            if (supportsPass(kernel, problem) !== true) continue;
            taken.add(kernel.id);
            const { failure } = expected.compare(await outputOf(problem, kernel));
            expect(failure, `${title}, ${kernel.id}`).toBeNull();
          }
        }),
      );
      expect(taken).toContain("js");
    },
  );
});
