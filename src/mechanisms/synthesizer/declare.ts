import type { Mechanism } from "../../core/mechanism.ts";
import type { Parameters, ValuesOf } from "../../core/parameters.ts";
import { type Declaration, declareVariant, type Variant } from "../../core/variant.ts";

/**
 * `out_i = Σ_j softmax_j(B_ij) v_j`, over all j, or j ≤ i if causal: B is learned, or made of the query alone,
 * and no key is read. Tay et al. 2020, arXiv 2005.00743.
 */
export interface Synthesizer extends Mechanism {
  readonly kind: "synthesizer";
  readonly logits: Logits;
  readonly seed: number;
}

/** Where the logits B come from; what they are made of has one row a position. */
export type Logits = Table | Factors | Dense;

/** B is the input `synthesizer.r`, `[heads, length, length]`. */
export interface Table {
  readonly kind: "table";
}

/** `B = A Bᵀ`: the inputs `synthesizer.a` and `synthesizer.b`, `[heads, length, rank]`. */
export interface Factors {
  readonly kind: "factors";
  readonly rank: number;
}

/**
 * `B_i = W₂ relu(W₁ q_i)`: the inputs `synthesizer.w1`, `[heads, headDim, headDim]`, and `synthesizer.w2`,
 * `[heads, length, headDim]`.
 */
export interface Dense {
  readonly kind: "dense";
}

/** The names of those inputs. */
export const LEARNED = {
  table: "synthesizer.r",
  ofQueries: "synthesizer.a",
  ofKeys: "synthesizer.b",
  hidden: "synthesizer.w1",
  ofHidden: "synthesizer.w2",
} as const;

/** Whether a mechanism is a synthesizer. */
export function isSynthesizer(mechanism: Mechanism): mechanism is Synthesizer {
  return mechanism.kind === "synthesizer";
}

/** Declares a variant whose logits no product of q and k makes. */
export function synthesizer<const P extends Parameters>(
  declaration: Declaration<P> & {
    logits: (values: ValuesOf<P>) => Logits;
    seed: (values: ValuesOf<P>) => number;
  },
): Variant {
  return declareVariant(
    declaration,
    (values): Synthesizer => ({
      kind: "synthesizer",
      logits: declaration.logits(values),
      seed: declaration.seed(values),
    }),
  );
}
