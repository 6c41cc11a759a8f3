import { readFileSync } from "node:fs";
import { countOf, shapeOf } from "../../src/core/shape.ts";
import { findVariant, parameterize } from "../../src/core/variant.ts";
import { capturedFile } from "../../src/input/captured.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { withNamed } from "../../src/mechanisms/named-inputs.ts";
import { outputsOf } from "../../src/mechanisms/outputs.ts";
import { variants } from "../../variants/index.ts";
import { asTyped, GRADIENTS, readFloat64 } from "./golden-cases.ts";

/** The gradient of a problem, as an independent float64 program has it by central differences. */
export interface GoldenGradient {
  readonly title: string;
  /** The kind whose gradient it is. */
  readonly of: string;
  readonly problem: JudgedProblem;
  /** dq, dk and dv, each laid out as its input; absent where the kind has no gradient yet. */
  readonly gradients: ReadonlyMap<string, Float64Array>;
}

interface GradientFile {
  readonly batch: number;
  readonly heads: number;
  readonly length: number;
  readonly head_dim: number;
  readonly cases: ReadonlyArray<{
    readonly case: string;
    readonly variant: string;
    readonly params: Readonly<Record<string, unknown>>;
    readonly causal: boolean;
  }>;
}

const path = new URL(`../golden/${GRADIENTS}.safetensors`, import.meta.url).pathname;
const file: GradientFile = JSON.parse(readFileSync(path.replace(/safetensors$/, "json"), "utf8"));

/** Every case of the file. */
export const goldenGradients: readonly GoldenGradient[] = casesOf(file);

function casesOf({ batch, heads, length, head_dim: headDim, cases }: GradientFile): GoldenGradient[] {
  const shape = shapeOf({ batch, heads, length, headDim });
  const source = capturedFile(path);
  return cases.map(({ case: title, variant, params, causal }) => {
    const { mechanism } = parameterize(findVariant(variants, variant), asTyped(params));
    const judged = builtInKinds.under({ mechanism }, { pass: "backward" });
    const inputs = withNamed({ ...judged, shape }, source.inputs(shape), 0, { source });
    const problem: JudgedProblem = { ...judged, shape, causal, threads: 1, inputs };
    const known = outputsOf(problem).slice(0, 3);
    return {
      title,
      of: mechanism.kind,
      problem,
      gradients: new Map(
        known.map(({ name, layout }) => [name, readFloat64(path, `${name}.${title}`, countOf(layout))]),
      ),
    };
  });
}
