import { withInputs } from "../../laws/twins.ts";
import { isRectified, sameAs } from "./same-as.ts";

const scaled =
  (factor: number) =>
  (values: Float32Array): Float32Array =>
    values.map((x) => factor * x);

/**
 * Features of unit rows, and those that a factor multiplies by its power: what is added to a length or to a
 * sum does not count among numbers so large.
 */
export const lengthsCancel = sameAs(
  "longer queries and keys in the same directions change nothing",
  (feature) => feature.kind === "trigonometric" || feature.kind === "rolled" || isRectified(feature),
  (problem) => ({
    asked: withInputs(problem, { q: scaled(2 ** 12), k: scaled(2 ** 13) }),
    like: withInputs(problem, { q: scaled(2 ** 10), k: scaled(2 ** 10) }),
  }),
);

/** EfficientViT, Cai et al. 2022, arXiv 2205.14756: a rectifier leaves nothing of negative numbers. */
export const negativeQueries = sameAs(
  "queries without a positive channel are rows of zero",
  isRectified,
  (problem) => ({
    asked: withInputs(problem, { q: (values) => values.map((x) => -Math.abs(x)) }),
    like: problem,
    times: () => 0,
  }),
);

/** Scores, or exponents, of so much, past what `exp` takes in float64. */
const LARGE_LOGITS = 1e4;

/**
 * Choromanski et al. 2020, arXiv 2009.14794, lemma 1, as softmaxes: published forms, which add ε to features
 * relative to the largest exponent of all, give the mean of v here.
 */
export const largeLogits = sameAs(
  "rows stay right where scores are in the ten thousands",
  (feature) => feature.kind === "favor",
  (problem) => {
    const { headDim } = problem.shape;
    const scale = problem.mechanism.scale ?? 1 / Math.sqrt(headDim);
    const factor = 2 ** Math.round(Math.log2(LARGE_LOGITS / (scale * Math.sqrt(headDim))) / 2);
    const large = withInputs(problem, { q: scaled(factor), k: scaled(factor) });
    return { asked: large, like: large };
  },
);
