import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { everyRow } from "../../src/core/rows.ts";
import { countOf, elementCount, layoutOf, offsetIn, shapeOf } from "../../src/core/shape.ts";
import type { AttentionInputs } from "../../src/core/tensors.ts";
import { findVariant, parameterize } from "../../src/core/variant.ts";
import { capturedFile } from "../../src/input/captured.ts";
import { findTensor, openSafetensors } from "../../src/input/safetensors.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { withNamed } from "../../src/mechanisms/named-inputs.ts";
import type { Oracle } from "../../src/mechanisms/oracle.ts";
import { float32 } from "../../src/mechanisms/oracle.ts";
import { expectation } from "../../src/verify/expectation.ts";
import { variants } from "../../variants/index.ts";
import { reference } from "../mechanisms/judge.ts";
import { GOLDEN_TO_COME } from "./golden-to-come.ts";

/** A problem with the output that an independent program, mostly PyTorch, computed for it in float64. */
export interface GoldenCase {
  readonly title: string;
  readonly problem: JudgedProblem;
  /** `[batch, heads, queries, valueDim]`. */
  readonly output: Float64Array;
}

interface GoldenFile {
  readonly batch: number;
  readonly heads: number;
  readonly length: number;
  readonly head_dim: number;
  readonly cases: ReadonlyArray<{
    readonly output: string;
    readonly variant: string;
    readonly params: Readonly<Record<string, unknown>>;
    readonly causal: boolean;
    /** How many of the file's heads of k and v there are, from the first on; all if omitted. */
    readonly kv_heads?: number;
  }>;
}

/** The file of gradients, which `golden-gradients.ts` reads. */
export const GRADIENTS = "grad";

const folder = new URL("../golden/", import.meta.url).pathname;

const files: ReadonlyArray<{ readonly name: string; readonly file: GoldenFile }> = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => ({
    name: basename(name, ".json"),
    file: JSON.parse(readFileSync(`${folder}${name}`, "utf8")),
  }))
  // Others hold layers, gradients, or what workloads are read as.
  .filter(({ name, file }) => "cases" in file && name !== GRADIENTS);

/** The variants that some file has cases of. */
export const goldenVariants: ReadonlySet<string> = new Set(
  files.flatMap(({ file }) => file.cases.map(({ variant }) => variant)),
);

/** Every case of every file of golden vectors, except of variants to come. */
export const goldenCases: readonly GoldenCase[] = files.flatMap(({ name, file }) => casesOf(name, file));

function casesOf(name: string, file: GoldenFile): GoldenCase[] {
  const { batch, heads, length, head_dim: headDim } = file;
  const tensors = `${folder}${name}.safetensors`;
  const stored = capturedFile(tensors).inputs(shapeOf({ batch, heads, length, headDim }));
  return file.cases
    .filter(({ variant }) => !GOLDEN_TO_COME.has(variant))
    .map(({ output, variant, params, causal, kv_heads: kvHeads = heads }) => {
      const { mechanism } = parameterize(findVariant(variants, variant), asTyped(params));
      const inputs = firstHeads(stored, kvHeads);
      const { shape } = inputs;
      const problem = builtInKinds.judged({ mechanism, shape, causal, threads: 1, inputs });
      return {
        title: `${name}: ${output.replace("out.", "")}`,
        // Weights are drawn from the project's own stream, by the seed of the case.
        problem: { ...problem, inputs: withNamed(problem, inputs, 0) },
        output: readFloat64(tensors, output, elementCount(shape, "output")),
      };
    });
}

/** Parameters as the command line has them: lists of pairs are written `4:1,8:2`. */
export function asTyped(params: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map((pair: readonly unknown[]) => pair.join(":")).join(",") : value,
    ]),
  );
}

/** The same inputs with only the first heads of k and v. */
function firstHeads(inputs: AttentionInputs, kvHeads: number): AttentionInputs {
  const shape = { ...inputs.shape, kvHeads };
  const first = (name: "k" | "v"): Float32Array => {
    const [from, to] = [layoutOf(inputs.shape, name), layoutOf(shape, name)];
    const kept = new Float32Array(countOf(to));
    for (let entry = 0; entry < shape.batch; entry++) {
      const at = offsetIn(from, entry, 0, 0);
      kept.set(inputs[name].subarray(at, at + offsetIn(to, 1, 0, 0)), offsetIn(to, entry, 0, 0));
    }
    return kept;
  };
  return { shape, q: inputs.q, k: first("k"), v: first("v") };
}

/** The suite itself reads tensors as float32, which would round away what is to be compared. */
export function readFloat64(path: string, name: string, count: number): Float64Array {
  const { format, offset } = findTensor(openSafetensors(path), name);
  if (format !== "F64") throw new TypeError(`${path}: ${name} must be F64, got ${format}`);
  const bytes = readFileSync(path);
  return Float64Array.from({ length: count }, (_, index) => bytes.readDoubleLE(offset + 8 * index));
}

/** The golden rows in the place of the float64 reference's. */
export function goldenReference({ problem, output }: GoldenCase): Oracle {
  const own = reference(problem);
  return {
    rows: (places, round) =>
      own.rows(places, round).map((row, index) => {
        if (round === float32) return row;
        const { batch, head, row: query } = places[index];
        const at = offsetIn(layoutOf(problem.shape, "output"), batch, head, query);
        return { ...row, values: output.slice(at, at + problem.shape.valueDim) };
      }),
  };
}

/** What is wrong with an output for the case of this title, as PyTorch has every row of it; null where nothing is. */
export function goldenFailure(title: string, output: Float32Array): string | null {
  const golden = goldenCases.find((one) => one.title === title.replace("out.", ""));
  if (golden === undefined) throw new TypeError(`no golden case is called ${title}`);
  const { problem } = golden;
  return expectation(problem, goldenReference(golden), everyRow(problem.shape), 0).compare(output).failure;
}
