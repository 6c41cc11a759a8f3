import type { Mechanism } from "../../core/mechanism.ts";
import type { Parameters } from "../../core/parameters.ts";
import { type Declaration, declareVariant, type Variant } from "../../core/variant.ts";

/**
 * `out = Re(DFT_N(DFT_d'(v)))` of each head: `out[k, c] = Σ_n Σ_j v[n, j] cos(2π(n·k/N + j·c/d'))`, over all N tokens and
 * all d' channels of v, not normalised, so that it grows as √(N·d'). q and k are not read.
 */
export interface Fourier extends Mechanism {
  readonly kind: "fourier";
}

/** Whether a mechanism is the Fourier transform of its values. */
export function isFourier(mechanism: Mechanism): mechanism is Fourier {
  return mechanism.kind === "fourier";
}

/** Declares a variant that is the Fourier transform of its values. */
export function fourier<const P extends Parameters>(declaration: Declaration<P>): Variant {
  return declareVariant(declaration, (): Fourier => ({ kind: "fourier" }));
}
