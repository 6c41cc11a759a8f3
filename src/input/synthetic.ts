import { hashText, type RandomStream, randomStream } from "../core/random.ts";
import {
  checkShape,
  countOf,
  kvHeadOf,
  type Layout,
  layoutOf,
  MAX_ELEMENTS,
  offsetIn,
  type Shape,
} from "../core/shape.ts";
import type { AttentionInputs, InputSource } from "../core/tensors.ts";

export const SYNTHETIC_KINDS = ["gaussian", "peaked", "local"] as const;
export type SyntheticKind = (typeof SYNTHETIC_KINDS)[number];

/**
 * Standard deviation of a peaked query: scores `q·k/√d` spread by 30, the largest of a row being near a
 * hundred.
 */
const PEAK = 30;

/** Tokens over which a local score falls to exp(-1/2) of its maximum. */
const LENGTH_SCALE = 64;
/** The score of a token with itself, before noise. */
const TOP_SCORE = 8;
/** Length of the noise added to a local query or key whose own length is 1. */
const NOISE = 0.2;

/**
 * Seeded inputs of any shape. Every (tensor, batch, head) has its own random stream.
 * - `gaussian`: q, k and v standard normal.
 * - `peaked`: the same with q scaled by 30.
 * - `local`: scores decay with the distance between tokens; v standard normal.
 */
export function syntheticSource(kind: SyntheticKind, seed: number): InputSource {
  return {
    name: kind,
    stored: false,
    maxLength: MAX_ELEMENTS,
    inputs(shape) {
      checkShape(shape);
      switch (kind) {
        case "gaussian":
          return gaussianInputs(shape, seed);
        case "peaked":
          return peakedInputs(shape, seed);
        case "local":
          return localInputs(shape, seed);
        default:
          return kind satisfies never;
      }
    },
  };
}

function gaussianInputs(shape: Shape, seed: number): AttentionInputs {
  const tensor = (name: "q" | "k" | "v") => gaussianTensor(shape, seed, name);
  return { shape, q: tensor("q"), k: tensor("k"), v: tensor("v") };
}

function gaussianTensor(shape: Shape, seed: number, name: "q" | "k" | "v"): Float32Array {
  return fillSlices(layoutOf(shape, name), (slice, batch, head) => {
    const random = randomStream(seed, hashText(name), batch, head);
    for (let index = 0; index < slice.length; index++) slice[index] = random.gaussian();
  });
}

function peakedInputs(shape: Shape, seed: number): AttentionInputs {
  const inputs = gaussianInputs(shape, seed);
  for (let index = 0; index < inputs.q.length; index++) inputs.q[index] *= PEAK;
  return inputs;
}

/**
 * Scores `q_i·k_j/√d ≈ 8 exp(-(i-j)²/(2·64²))`, by random Fourier features of the position (Rahimi and Recht
 * 2007): pairs `(cos wp, sin wp)` with w from N(0, 64^-2), shared by q and k, whose products are `cos
 * w(i-j)`. An odd dimension left over is `√2 cos(wp + b)`, right on average over b. Far scores are not zero
 * but spread by 8/√d, and below a dozen dimensions they swing back.
 */
function localInputs(shape: Shape, seed: number): AttentionInputs {
  const { length, queries } = shape;
  const tensor = (name: "q" | "k") =>
    fillSlices(layoutOf(shape, name), (slice, batch, head) => {
      // Heads of q that share a head of k share its waves; the last query stands at the last key.
      const first = name === "q" ? length - queries : 0;
      const waves = randomStream(
        seed,
        hashText("local waves"),
        batch,
        name === "q" ? kvHeadOf(shape, head) : head,
      );
      const noise = randomStream(seed, hashText(`local ${name}`), batch, head);
      fillLocal(slice, shape.headDim, first, waves, noise);
    });
  return { shape, q: tensor("q"), k: tensor("k"), v: gaussianTensor(shape, seed, "v") };
}

function fillLocal(
  slice: Float32Array,
  headDim: number,
  first: number,
  waves: RandomStream,
  noise: RandomStream,
): void {
  const pairs = Math.floor(headDim / 2);
  const frequencies = Float64Array.from(
    { length: Math.ceil(headDim / 2) },
    () => waves.gaussian() / LENGTH_SCALE,
  );
  const phase = 2 * Math.PI * waves.uniform();
  // |feature|² = 1, so each coordinate contributes 1/d; the scale makes a token's score with itself
  // TOP_SCORE.
  const scale = Math.sqrt(TOP_SCORE * Math.sqrt(headDim));
  const amplitude = scale * Math.sqrt(2 / headDim);
  const spread = (scale * NOISE) / Math.sqrt(headDim);
  for (let start = 0, position = first; start < slice.length; start += headDim, position++) {
    for (let pair = 0; pair < pairs; pair++) {
      const angle = frequencies[pair] * position;
      slice[start + 2 * pair] = amplitude * Math.cos(angle) + spread * noise.gaussian();
      slice[start + 2 * pair + 1] = amplitude * Math.sin(angle) + spread * noise.gaussian();
    }
    if (headDim % 2 === 1) {
      const angle = frequencies[pairs] * position + phase;
      slice[start + headDim - 1] = amplitude * Math.cos(angle) + spread * noise.gaussian();
    }
  }
}

/** A tensor, one `[rows, width]` slice at a time. */
function fillSlices(
  layout: Layout,
  fill: (slice: Float32Array, batch: number, head: number) => void,
): Float32Array {
  const values = new Float32Array(countOf(layout));
  const size = layout.rows * layout.width;
  for (let batch = 0; batch < layout.batch; batch++) {
    for (let head = 0; head < layout.heads; head++) {
      const start = offsetIn(layout, batch, head, 0);
      fill(values.subarray(start, start + size), batch, head);
    }
  }
  return values;
}
