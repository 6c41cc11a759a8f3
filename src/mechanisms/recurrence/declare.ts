import type { Mechanism } from "../../core/mechanism.ts";
import type { Parameters, ValuesOf } from "../../core/parameters.ts";
import { type Declaration, declareVariant, type Variant } from "../../core/variant.ts";

/**
 * A matrix S `[headDim, valueDim]` that is read with q, `out_t = scale · Sᵀ q_t`, after each token has been written into it:
 * `S ← diag(α_t) S; S ← S + k_t β_t (v_t - [erase] Sᵀ k_t)ᵀ`, from S = 0. Always causal, and there is no normaliser.
 */
export interface Recurrence extends Mechanism {
  readonly kind: "recurrence";
  /** α: what is left of the state. */
  readonly decay: Decay;
  /** β: how much of a token is written. */
  readonly write: Write;
  /**
   * Whether what k already reads from the state is taken away before v is written: from the state after its decay
   * (DeltaNet and its gated forms), or before it (RWKV-7); null if it is not.
   */
  readonly erase: "after-decay" | "before-decay" | null;
  /** A token reads the state before it was written, and itself by this factor (RWKV-6); null if it reads after that. */
  readonly bonus: number | null;
  /** Whether q and k are brought to length 1 first, `x / √(|x|² + 1e-6)`; RWKV-7 does so in its erasure alone. */
  readonly unit: "both" | "erasure" | null;
  /** The factor on what is read; 1/√headDim if null. */
  readonly scale: number | null;
  /** The factor by which v goes past the state to the output; 0 if none does. */
  readonly skip: number;
}

/** One factor a token of a head, or one a channel of k. */
export type Per = "token" | "channel";

/**
 * - `none`: 1.
 * - `retention`: `1 - 2^(-5-h)` of head h. Sun et al. 2023, arXiv 2307.08621.
 * - `lightning`: `ln α = -2^(-8(h+1)/H)`. Qin et al. 2024, arXiv 2401.04658.
 * - `logistic`: `ln α = ln σ(W k) / 16`. Yang et al. 2023, arXiv 2312.06635.
 * - `softplus`: `ln α = -A softplus(W k + b)`. Dao, Gu 2024, arXiv 2405.21060.
 * - `exponential`: `ln α = -exp(-6 + 5 (c / (d-1))^0.7 + W k)` of channel c. Peng et al. 2024, arXiv 2404.05892.
 * - `rwkv7`: `ln α = -e^(-1/2) σ(W k)`. Peng et al. 2025, arXiv 2503.14456.
 * - `given`: `ln α` is the input `g`, at most 0; -Infinity forgets everything.
 *
 * W is the input `decay`, `[kvHeads, rows, headDim]` with one row a token and headDim rows for channels; of `softplus`
 * `[kvHeads, rows, headDim + 2]`, each row w, A, b; one A a head is drawn.
 */
export type Decay =
  | { readonly form: "none" | "retention" | "lightning" }
  | {
      readonly form: "logistic" | "softplus";
      readonly per: Per;
      readonly stream: string;
      readonly seed: number;
    }
  | {
      readonly form: "exponential" | "rwkv7";
      readonly per: "channel";
      readonly stream: string;
      readonly seed: number;
    }
  | { readonly form: "given"; readonly per: Per };

/**
 * - `one`: 1.
 * - `logistic`: `σ(W k)`, W the input `write`, `[kvHeads, rows, headDim]`; per channel it is a vector beside k, as
 *   RWKV-7's η.
 * - `step`: Δ of a decay by `softplus(W k + b)`, the same as in that decay. Mamba-2.
 * - `given`: the input `beta`, from 0 to 1.
 * - `given-step`: Δ, of the decay too, is the input `dt`, above 0; A is that of the drawn weights.
 */
export type Write =
  | { readonly form: "one" | "step" | "given" | "given-step" }
  | { readonly form: "logistic"; readonly per: Per; readonly stream: string; readonly seed: number };

/** Whether a mechanism is a recurrence of matrices. */
export function isRecurrence(mechanism: Mechanism): mechanism is Recurrence {
  return mechanism.kind === "recurrence";
}

/** What a recurrence has unless it says otherwise. */
const USUAL = {
  kind: "recurrence",
  decay: { form: "none" },
  write: { form: "one" },
  erase: null,
  bonus: null,
  unit: null,
  scale: null,
  skip: 0,
} as const satisfies Recurrence;

/** Declares a variant that is a recurrence; what is omitted is the plainest. */
export function recurrence<const P extends Parameters>(
  declaration: Declaration<P> & { recurrence: (values: ValuesOf<P>) => Partial<Omit<Recurrence, "kind">> },
): Variant {
  return declareVariant(
    declaration,
    (values): Recurrence => ({ ...USUAL, ...declaration.recurrence(values) }),
  );
}
