import { readFileSync } from "node:fs";
import { elementCount, shapeOf } from "../../src/core/shape.ts";
import type { InputSource } from "../../src/core/tensors.ts";
import { findVariant, parameterize } from "../../src/core/variant.ts";
import { capturedFile } from "../../src/input/captured.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { isLayer, type Layer } from "../../src/mechanisms/layer/declare.ts";
import { withNamed } from "../../src/mechanisms/named-inputs.ts";
import { variants } from "../../variants/index.ts";
import { type GoldenCase, readFloat64 } from "./golden-cases.ts";

interface GoldenLayer {
  readonly name: string;
  readonly model_dim: number;
  readonly heads: number;
  readonly kv_heads?: number;
  readonly head_dim?: number;
  readonly positions?: string;
  /** Whether values have the positions as well; they have if omitted. */
  readonly on_values?: boolean;
  readonly biases?: boolean;
  readonly outputs: ReadonlyArray<{ readonly output: string; readonly causal: boolean }>;
}

/** A layer with the output that PyTorch computed for it in float64. */
interface GoldenLayerCase extends GoldenCase {
  readonly source: InputSource;
}

const path = new URL("../golden/layers", import.meta.url).pathname;

/** The file of the golden layers. */
export const GOLDEN_LAYERS = `${path}.safetensors`;

const { layers }: { layers: readonly GoldenLayer[] } = JSON.parse(readFileSync(`${path}.json`, "utf8"));

/** Every golden layer, of full attention. */
export const goldenLayers: readonly GoldenLayerCase[] = layers.flatMap((layer) => {
  const source = capturedFile(GOLDEN_LAYERS, tensorsOf(layer.name), { tokens: true });
  return layer.outputs.map(({ output, causal }) => ({
    title: output,
    source,
    problem: problemOf(layer, source, causal),
    output: readFloat64(GOLDEN_LAYERS, output, outputSize(source)),
  }));
});

/** Tokens and weights of a layer, as `--tensors` has them. */
function tensorsOf(name: string): string {
  const tokens: Readonly<Record<string, string>> = { cross: "{x,memory}", unlike: "{query,key,value}" };
  return `${name}.${tokens[name] ?? "x"},${name}.*`;
}

function problemOf(layer: GoldenLayer, source: InputSource, causal: boolean): JudgedProblem {
  const { model_dim: modelDim, heads, positions = null, on_values: onValues = true } = layer;
  const { kv_heads: kvHeads = heads, head_dim: headDim = modelDim / heads } = layer;
  const { mechanism, kind } = builtInKinds.under(parameterize(findVariant(variants, "full"), {}), {
    layer: {
      modelDim,
      heads,
      kvHeads,
      headDim,
      valueDim: headDim,
      positions,
      biases: source.call?.biases === true,
    },
  });
  if (!isLayer(mechanism)) throw new TypeError("a golden layer must be a layer");
  const own: Layer = { ...mechanism, positions: { ...mechanism.positions, onValues } };
  const shape = shapeIn(source);
  const inputs = withNamed({ mechanism: own, kind }, source.inputs(shape), 0, { source });
  return { mechanism: own, kind, shape, causal, threads: 1, inputs };
}

function shapeIn({ fixed, maxLength }: InputSource) {
  if (fixed === undefined) throw new TypeError("a golden layer must come from a file");
  return shapeOf({ ...fixed, length: maxLength, queries: fixed.queries ?? maxLength });
}

function outputSize(source: InputSource): number {
  return elementCount(shapeIn(source), "output");
}
