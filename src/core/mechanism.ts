/**
 * The mathematics of an attention variant, with its parameters filled in: plain data, and all that kernels
 * see of it. Its other fields are declared by its kind, in `mechanisms/<kind>/declare.ts`.
 */
export interface Mechanism {
  readonly kind: string;
  /**
   * The variant that it is of, for programs in other languages, which know some by name. Kernels of this project know none.
   */
  readonly declaredAs?: { readonly variant: string; readonly params: Readonly<Record<string, unknown>> };
}
