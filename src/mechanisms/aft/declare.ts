import type { Mechanism } from "../../core/mechanism.ts";
import type { Parameters, ValuesOf } from "../../core/parameters.ts";
import { type Declaration, declareVariant, type Variant } from "../../core/variant.ts";

/**
 * `out_i = σ(q_i) ⊙ Σ_j e^{k_j + w_ij} ⊙ v_j / Σ_j e^{k_j + w_ij}`, channel by channel, over all j, or j ≤ i if
 * causal: an attention-free transformer, Zhai et al. 2021, arXiv 2105.14103, eq. 2. There is no scale.
 */
export interface Aft extends Mechanism {
  readonly kind: "aft";
  /** The position biases w; null if they are 0. */
  readonly biases: PositionBiases | null;
}

/**
 * `w_ij = u_i · v_j`: the inputs `aft.u` and `aft.v`, `[heads, length, rank]`, of deviation `scale`. With a
 * window above 0 it is 0 for `abs(i - j) >= window`, where keys are attended all the same.
 */
export interface PositionBiases {
  readonly rank: number;
  readonly scale: number;
  readonly window: number;
  readonly seed: number;
}

/** The names of those inputs. */
export const LEARNED = { ofQueries: "aft.u", ofKeys: "aft.v" } as const;

/** Whether a mechanism is an attention-free transformer. */
export function isAft(mechanism: Mechanism): mechanism is Aft {
  return mechanism.kind === "aft";
}

/** The keys `from … to - 1` of a row that a bias may be added to; the row reads keys up to `end`. */
export function biasedKeys(
  biases: PositionBiases | null,
  row: number,
  end: number,
): { readonly from: number; readonly to: number } {
  if (biases === null) return { from: end, to: end };
  if (biases.window === 0) return { from: 0, to: end };
  return { from: Math.max(0, row - biases.window + 1), to: Math.min(end, row + biases.window) };
}

/** Declares a variant whose keys weigh by themselves, and by their positions. */
export function aft<const P extends Parameters>(
  declaration: Declaration<P> & { biases: (values: ValuesOf<P>) => PositionBiases | null },
): Variant {
  return declareVariant(declaration, (values): Aft => ({ kind: "aft", biases: declaration.biases(values) }));
}
