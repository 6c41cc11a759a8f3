import type { Variant } from "./variant.ts";

/** Variants that are listed and drawn together. */
export interface Family {
  readonly id: string;
  /** What they have in common: one line without a full stop. */
  readonly summary: string;
}

/** The variants of a family, in the order in which they are listed. */
export function family(id: string, summary: string, variants: readonly Variant[]): readonly Variant[] {
  const own: Family = { id, summary };
  return variants.map((variant) => ({ ...variant, family: own }));
}

const plugIns: Family = { id: "plug-in", summary: "what came with --plugin" };

/** The family that a variant is listed under. */
export function familyOf({ family = plugIns }: Pick<Variant, "family">): Family {
  return family;
}
