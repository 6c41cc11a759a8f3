import { unknownName } from "../core/errors.ts";
import { type Family, familyOf } from "../core/family.ts";
import { nextLength } from "../core/next-length.ts";
import { costOf, parameterize, type Variant } from "../core/variant.ts";
import { gradientText } from "../mechanisms/gradient/told.ts";
import type { Kinds } from "../mechanisms/kinds.ts";
import { isDecoded } from "../mechanisms/why-undefined.ts";

/** A variant with what it costs, in words. */
export interface Listed {
  readonly variant: Variant;
  /** How the work of a pass grows, such as `N^2`. */
  readonly cost: string;
  /** What decoding keeps of the tokens so far, such as `keeps 129 keys`; `is not defined` if there is none. */
  readonly decoding: string;
  /** What it has gradients of, such as `of q, k, v, through the chosen keys`; `is not defined` if it has none. */
  readonly gradient: string;
}

/** A family with its variants. */
export interface ListedFamily extends Family {
  readonly variants: readonly Listed[];
}

/** Variants with their usual parameters, family by family; those of one family alone if it is named. */
export function listing(
  variants: readonly Variant[],
  kinds: Kinds,
  only: string | undefined,
): readonly ListedFamily[] {
  const byFamily = Map.groupBy(variants, (variant) => familyOf(variant).id);
  const known = [...byFamily.keys()];
  if (only !== undefined && !byFamily.has(only)) throw unknownName("family", only, known);
  return [...byFamily]
    .filter(([id]) => only === undefined || id === only)
    .map(([, members]) => ({
      ...familyOf(members[0]),
      variants: members.map((variant) => ({
        variant,
        cost: costOf(variant),
        decoding: stateOf(variant, kinds),
        gradient: gradientText(kinds.judged(parameterize(variant, {}))),
      })),
    }));
}

/** Tokens over which forgetting of a state is stated. */
const TOKENS = 4096;

function stateOf(variant: Variant, kinds: Kinds): string {
  const judged = kinds.judged(parameterize(variant, {}));
  const { mechanism, kind } = judged;
  if (kind.step === undefined || !isDecoded(judged)) return "is not defined";
  return kind.step.keeps(mechanism, nextLength(kind.pattern(mechanism), TOKENS));
}
