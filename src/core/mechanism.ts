/**
 * The mathematics of an attention variant, with its parameters filled in: plain data, all that kernels see of it. What else it
 * holds is declared by its kind, in `mechanisms/<kind>/declare.ts`.
 */
export interface Mechanism {
  readonly kind: string;
}
