import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { everyRow } from "../../src/core/rows.ts";
import { elementCount, rowOffset, shapeOf } from "../../src/core/shape.ts";
import { findVariant, parameterize } from "../../src/core/variant.ts";
import { capturedFile } from "../../src/input/captured.ts";
import { findTensor, openSafetensors } from "../../src/input/safetensors.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import type { Oracle } from "../../src/mechanisms/oracle.ts";
import { float32 } from "../../src/mechanisms/oracle.ts";
import { expectation } from "../../src/verify/expectation.ts";
import { variants } from "../../variants/index.ts";
import { reference } from "../mechanisms/judge.ts";

/** A problem with the output that PyTorch computed for it in float64. */
export interface GoldenCase {
  readonly title: string;
  readonly problem: JudgedProblem;
  /** `[batch, heads, length, headDim]`. */
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
    readonly params: Readonly<Record<string, number>>;
    readonly causal: boolean;
  }>;
}

const folder = new URL("../golden/", import.meta.url).pathname;

/** Every case of every file of golden vectors. */
export const goldenCases: readonly GoldenCase[] = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .flatMap((name) => casesOf(basename(name, ".json")));

function casesOf(name: string): GoldenCase[] {
  const file: GoldenFile = JSON.parse(readFileSync(`${folder}${name}.json`, "utf8"));
  const shape = shapeOf({
    batch: file.batch,
    heads: file.heads,
    length: file.length,
    headDim: file.head_dim,
  });
  const tensors = `${folder}${name}.safetensors`;
  const inputs = capturedFile(tensors).inputs(shape);
  return file.cases.map(({ output, variant, params, causal }) => {
    const { mechanism } = parameterize(findVariant(variants, variant), params);
    return {
      title: `${name}: ${output.replace("out.", "")}`,
      problem: builtInKinds.judged({ mechanism, shape, causal, threads: 1, inputs }),
      output: readFloat64(tensors, output, elementCount(shape)),
    };
  });
}

/** The suite itself reads tensors as float32, which would round away what is to be compared. */
function readFloat64(path: string, name: string, count: number): Float64Array {
  const { format, offset } = findTensor(openSafetensors(path), name);
  if (format !== "F64") throw new TypeError(`${path}: ${name} must be F64, got ${format}`);
  const bytes = readFileSync(path);
  return Float64Array.from({ length: count }, (_, index) => bytes.readDoubleLE(offset + 8 * index));
}

/** PyTorch's rows in the place of the float64 reference's. */
export function goldenReference({ problem, output }: GoldenCase): Oracle {
  const own = reference(problem);
  return {
    rows: (places, round) =>
      own.rows(places, round).map((row, index) => {
        if (round === float32) return row;
        const { batch, head, row: query } = places[index];
        const at = rowOffset(problem.shape, batch, head, query);
        return { ...row, values: output.slice(at, at + problem.shape.headDim) };
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
