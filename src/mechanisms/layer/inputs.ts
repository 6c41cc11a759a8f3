import { othersName, PACKED } from "../../core/layer-names.ts";
import { QKV, type Shape, type TensorName } from "../../core/shape.ts";
import type { Counted, Elsewhere, TensorSpec, TensorSpecs } from "../../core/tensor-spec.ts";
import { LAYER_GAMMA, LAYER_POSITIONS, LAYER_WEIGHTS, type Layer, shapeOfHeads, widthOf } from "./declare.ts";
import { type AddedPositions, fillPositions } from "./positions.ts";

/** The width of a token, which is that of the one head that a layer's call has. */
const MODEL_DIM: Counted = { of: ({ headDim }) => headDim, text: "model dim" };

/** What a layer has learned besides what its heads have: N(0, 1/fan-in), biases 0, γ 1. */
export function layerInputs(layer: Layer): TensorSpecs {
  const { biases, residual, seed, outputStream, positions } = layer;
  const specs: Record<string, TensorSpec> = {};
  const add = (name: string, spec: Omit<TensorSpec, "of" | "seed">): void => {
    specs[name] = {
      of: "weights",
      stream: name.replace(".", "/"),
      ...(seed !== undefined && { seed }),
      ...spec,
    };
  };
  for (const name of QKV.filter((one) => layer.made[one] === "product")) {
    const width = columnsOf(layer, name);
    const { matrix, bias } = LAYER_WEIGHTS[name];
    add(matrix, {
      dims: [MODEL_DIM, width],
      std: ({ headDim }) => 1 / Math.sqrt(headDim),
      elsewhere: (shape) => projectionElsewhere(layer, name, "weight", shape),
    });
    if (biases) {
      add(bias, {
        dims: [1, width],
        fill: zeros,
        instead: "0",
        elsewhere: (shape) => projectionElsewhere(layer, name, "bias", shape),
      });
    }
  }
  const { matrix, bias } = LAYER_WEIGHTS.output;
  add(matrix, {
    dims: [columnsOf(layer, "output"), MODEL_DIM],
    std: (shape) => 1 / Math.sqrt(widthOf(layer, "output", shape)),
    ...(outputStream !== undefined && { stream: outputStream }),
    elsewhere: () => othersName("output", "weight").map((one) => ({ name: one, saved: "transposed" })),
  });
  if (biases) {
    add(bias, {
      dims: [1, MODEL_DIM],
      fill: zeros,
      instead: "0",
      elsewhere: () => othersName("output", "bias").map((one) => ({ name: one, saved: "row" })),
    });
  }
  if (positions.queries !== null) {
    add(LAYER_POSITIONS.queries, {
      dims: ["queries", MODEL_DIM],
      ...table(positions.queries),
      // Of one sequence there is one table.
      elsewhere: ({ queries, length }) =>
        ["query_positions", ...(queries === length ? ["positions"] : [])].map((name) => ({
          name,
          saved: "alike" as const,
        })),
    });
  }
  if (positions.keys !== null) {
    add(LAYER_POSITIONS.keys, {
      dims: ["length", MODEL_DIM],
      ...table(positions.keys),
      elsewhere: () => [{ name: "positions", saved: "alike" }],
    });
  }
  if (residual) add(LAYER_GAMMA, { dims: [1, 1], fill: (_random, to) => to.fill(1), instead: "1" });
  return specs;
}

/** The inputs of the heads, of their shape. */
export function inputsOfHeads(layer: Layer, specs: TensorSpecs): TensorSpecs {
  const within = (call: Shape): Shape => shapeOfHeads(layer, call);
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, { ...spec, within }]));
}

/** A dimension of so many columns, in the words of those that are known without the call. */
function columnsOf(layer: Layer, name: TensorName): Counted {
  const { heads, kvHeads, headDim, valueDim } = layer;
  const times = name === "q" || name === "output" ? heads : kvHeads;
  const width = name === "q" || name === "k" ? headDim : valueDim;
  const text =
    typeof width === "number"
      ? `${times * width}`
      : [
          ...(times === 1 ? [] : [times]),
          `${MODEL_DIM.text}${width.tokenOver === 1 ? "" : `/${width.tokenOver}`}`,
        ].join("·");
  return { of: (shape) => widthOf(layer, name, shape), text };
}

/** Queries of the same sequence have the same numbers as keys: one stream. Other queries are a sequence of their own. */
function table(added: AddedPositions): Partial<TensorSpec> {
  return {
    stream: "positions/learned",
    fill: (random, to, shape) => fillPositions(added, random, to, shape.headDim),
    rowText: added.scheme,
    // What a formula gives is not missing.
    ...(added.scheme !== "learned" && { instead: null }),
  };
}

function zeros(_random: unknown, to: Float32Array): void {
  to.fill(0);
}

/** A product with weights in PyTorch's `MultiheadAttention`: all three packed, or each alone; and as others name it. */
function projectionElsewhere(
  layer: Layer,
  name: (typeof QKV)[number],
  of: "weight" | "bias",
  shape: Shape,
): readonly Elsewhere[] {
  const widths = QKV.map((one) => widthOf(layer, one, shape));
  const place = QKV.indexOf(name);
  const part = {
    from: widths.slice(0, place).reduce((sum, width) => sum + width, 0),
    of: widths.reduce((sum, width) => sum + width, 0),
  };
  const saved = of === "weight" ? "transposed" : "row";
  return othersName(name, of).map((one) => ({ name: one, saved, ...(one === PACKED[of] && { part }) }));
}
