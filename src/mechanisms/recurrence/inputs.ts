import type { RandomStream } from "../../core/random.ts";
import type { Derived, TensorSpec, TensorSpecs } from "../../core/tensor-spec.ts";
import type { Decay, Per, Recurrence, Write } from "./declare.ts";

/** Time steps are drawn between these, uniform in their logarithm, as Mamba initialises them. */
const STEPS = { least: 1e-3, most: 1e-1 } as const;
/** A is drawn between these. */
const RATES = { least: 1, most: 16 } as const;

/**
 * What a recurrence is given besides q, k and v: weights `decay` and `write` of the layer, from which its gates are made
 * of k, or the gates of each token themselves, `g`, `beta` and `dt`.
 */
export function recurrenceInputs({ decay, write }: Recurrence): TensorSpecs {
  return { ...decayInputs(decay), ...writeInputs(write) };
}

function decayInputs(decay: Decay): TensorSpecs {
  switch (decay.form) {
    case "none":
    case "retention":
    case "lightning":
      return {};
    case "given":
      return { g: gate(decay.per, (x) => -softplus(x) / 16, AT_MOST_0) };
    case "softplus":
      return {
        decay: {
          ...learned(decay.per, decay),
          dims: ["kvHeads", rowsOf(decay.per), { dim: "headDim", plus: 2 }],
          fill: timed,
          rowText: `rows of w, A and b: w from N(0, 1/headDim), A of a head from ${RATES.least} to ${RATES.most}, and b the inverse softplus of a time step from ${STEPS.least} to ${STEPS.most}`,
          tail: 2,
          must: POSITIVE_RATE,
        },
      };
    default:
      return { decay: learned(decay.per, decay) };
  }
}

function writeInputs(write: Write): TensorSpecs {
  switch (write.form) {
    case "one":
    case "step":
      return {};
    case "given":
      return { beta: gate("token", (x) => 1 / (1 + Math.exp(-x)), SHARE) };
    case "given-step":
      return { dt: gate("token", softplus, ABOVE_0) };
    default:
      return { write: learned(write.per, write) };
  }
}

/** What A must be: with another, states would grow. */
const POSITIVE_RATE = {
  hold: (x: number) => x > 0 && x < Number.POSITIVE_INFINITY,
  rule: "rows of w, A and b, with A finite and above 0",
  fromEnd: 2,
};
/** What gates must be. */
const AT_MOST_0 = { hold: (x: number) => x <= 0, rule: "a log of a decay, at most 0" };
const SHARE = { hold: (x: number) => x >= 0 && x <= 1, rule: "from 0 to 1" };
const ABOVE_0 = {
  hold: (x: number) => x > 0 && x < Number.POSITIVE_INFINITY,
  rule: "a time step, finite and above 0",
};

/** A gate of each token, drawn from within its domain. */
function gate(per: Per, domain: (x: number) => number, must: NonNullable<TensorSpec["must"]>): TensorSpec {
  return { dims: ["batch", "kvHeads", "length", per === "token" ? 1 : "headDim"], of: "token", domain, must };
}

/** Rows that are multiplied with k, so that a logit of a normal key has variance 1. */
function learned(per: Per, { stream, seed }: { readonly stream: string; readonly seed: number }): TensorSpec {
  return {
    dims: ["kvHeads", rowsOf(per), "headDim"],
    of: "weights",
    stream,
    seed,
    std: ({ headDim }) => 1 / Math.sqrt(headDim),
  };
}

function rowsOf(per: Per): number | Derived["dim"] {
  return per === "token" ? 1 : "headDim";
}

/**
 * Rows of w, A and b, of which all w are drawn first, then A, which a head has one of, then a time step for each row, of
 * which b is the inverse softplus.
 */
function timed(random: RandomStream, to: Float32Array, { headDim }: { readonly headDim: number }): void {
  const width = headDim + 2;
  for (let at = 0; at < to.length; at += width) {
    for (let i = 0; i < headDim; i++) to[at + i] = random.gaussian() / Math.sqrt(headDim);
  }
  const rate = RATES.least + (RATES.most - RATES.least) * random.uniform();
  for (let at = headDim; at < to.length; at += width) to[at] = rate;
  const range = Math.log(STEPS.most / STEPS.least);
  for (let at = headDim + 1; at < to.length; at += width) {
    const step = STEPS.least * Math.exp(range * random.uniform());
    to[at] = Math.log(Math.expm1(step));
  }
}

/** `ln(1 + e^x)`, whose power does not overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
