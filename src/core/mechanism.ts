/**
 * The mathematics of an attention variant, with its parameters filled in: plain data, and all that kernels
 * see of it. Its other fields are declared by its kind, in `mechanisms/<kind>/declare.ts`.
 */
export interface Mechanism {
  readonly kind: string;
}
