import type { Mechanism } from "../../core/mechanism.ts";
import type { ModelSizes } from "../../tasks/task.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import type { LearnerSpec } from "../learner.ts";
import type { Batch } from "./batch.ts";
import { type Heads, headsOf } from "./heads.ts";
import { crossAttention, feedForward, linear, selfAttention, type Witness } from "./layer.ts";
import { layerNorm } from "./norms.ts";
import type { Weights } from "./parameters.ts";

/** A model around a mechanism, for batches of one size. */
export interface Model {
  /** What its layers make of tokens, `[batch, length, width]`; of a decided output the keys of its cross attention. */
  encode(weights: Weights, tokens: Batch["tokens"], witness: Witness): Tensor;
  /** The scores of all labels for each answer, `[batch · answers, labels]`, of what was encoded. */
  scores(weights: Weights, encoded: Tensor, asked: Batch["asked"], witness: Witness): Tensor;
}

/** Takes nothing down. */
export const unwitnessed: Witness = () => {};

/**
 * Residual layers with their norm first. The label of a token is read from its row, that of a sequence from the mean of its
 * rows, and answers that the model decides from a decoder of as many layers, causal, each with cross attention to the tokens.
 */
export function modelOf(arrays: Arrays, spec: Omit<LearnerSpec, "seed">): Model {
  const { task, model, mechanism, batch } = spec;
  const { length, causal, output } = task;
  const layers = Array.from({ length: model.layers }, (_, layer) => layer);
  const place = (of: Mechanism, keys: number, queries: number, isCausal: boolean): Heads =>
    headsOf(arrays, {
      mechanism: of,
      causal: isCausal,
      batch,
      heads: model.heads,
      width: model.width,
      length: keys,
      queries,
    });
  const own = place(mechanism, length, length, causal);
  const read = (weights: Weights, rows: Tensor): Tensor => {
    const [, answers] = rows.shape;
    const labels = linear(layerNorm(rows, weights, "last"), weights("labels"));
    return labels.reshape(batch * answers, output.labels);
  };
  const encode: Model["encode"] = (weights, tokens, witness) => {
    let x = embed(weights, tokens, spec);
    for (const index of layers) {
      const layer = `layers.${index}`;
      x = selfAttention(x, { heads: own, weights, layer, causal, witness }, model);
      if (model.feedForward) x = feedForward(x, weights, layer);
    }
    return output.kind === "decided" ? layerNorm(x, weights, "encoded") : x;
  };
  switch (output.kind) {
    case "asked":
      return { encode, scores: (weights, x, asked) => read(weights, asked.matmul(x)) };
    case "sequence":
      return { encode, scores: (weights, x) => read(weights, x.mean(1)) };
    case "decided": {
      const { most } = output;
      const decoding = place(mechanism, most, most, true);
      const crossing = place(spec.cross ?? mechanism, length, most, false);
      return {
        encode,
        scores(weights, encoded, asked, witness) {
          const symbols = linear(asked, weights("decoder.symbols"));
          let x = model.positions ? symbols.add(weights("decoder.positions")) : symbols;
          for (const index of layers) {
            const layer = `decoder.${index}`;
            x = selfAttention(x, { heads: decoding, weights, layer, causal: true, witness }, model);
            const cross = { heads: crossing, weights, layer: `${layer}.cross`, causal: false, witness };
            x = crossAttention(x, encoded, cross, model);
            if (model.feedForward) x = feedForward(x, weights, layer);
          }
          return read(weights, x);
        },
      };
    }
    default:
      return output satisfies never;
  }
}

function embed(
  weights: Weights,
  tokens: Tensor,
  { task, model }: { task: LearnerSpec["task"]; model: ModelSizes },
): Tensor {
  const rows = linear(tokens, weights("tokens"));
  const known = task.input.kind === "vectors" ? rows.add(weights("tokens.bias")) : rows;
  return model.positions ? known.add(weights("positions")) : known;
}
