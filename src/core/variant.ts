import { printable, UsageError, unknownName } from "./errors.ts";
import type { Mechanism } from "./mechanism.ts";
import { completeParameters, type Parameters, type ParameterValues, type ValuesOf } from "./parameters.ts";

/** One attention variant: a sentence of mathematics with its parameters and its source. */
export interface Variant {
  readonly id: string;
  readonly title: string;
  readonly aliases: readonly string[];
  /** What sort of variant it is, such as `sparse`: `--variants @sparse` chooses all that have the tag. */
  readonly tags: readonly string[];
  /** The paper, with what is different here where anything is. */
  readonly source: string;
  readonly params: Parameters;
  mechanism(values: ParameterValues): Mechanism;
  exponent(values: ParameterValues): number;
}

/** What every kind of variant is declared by. */
export interface Declaration<P extends Parameters> {
  id: string;
  title: string;
  aliases?: readonly string[];
  tags?: readonly string[];
  source: string;
  params: P;
  /** The exponent of N that the work tends to, by the mathematics. */
  exponent: (values: ValuesOf<P>) => number;
}

/** A variant with every parameter filled in. */
export interface ParameterizedVariant {
  readonly id: string;
  readonly params: ParameterValues;
  readonly mechanism: Mechanism;
  readonly exponent: number;
}

/** Fills in a variant's parameters; refuses what the declaration does not allow. */
export function parameterize(
  variant: Variant,
  overrides: Readonly<Record<string, unknown>>,
): ParameterizedVariant {
  const { id } = variant;
  const params = completeParameters(id, variant.params, overrides);
  try {
    return { id, params, mechanism: variant.mechanism(params), exponent: variant.exponent(params) };
  } catch (thrown) {
    // A pattern knows what is wrong with it, but not whose it is.
    throw thrown instanceof UsageError ? new UsageError(`${id}: ${thrown.message}`) : thrown;
  }
}

/** The variant of this id or alias. Refuses an unknown one and lists the known. */
export function findVariant(variants: readonly Variant[], name: string): Variant {
  const found = variants.find((variant) => variant.id === name || variant.aliases.includes(name));
  if (found === undefined) {
    throw unknownName(
      "variant",
      name,
      variants.map((variant) => variant.id),
    );
  }
  return found;
}

/** Completes a declaration: `build` makes the mechanism of the values that the parameters have. */
export function declareVariant<P extends Parameters>(
  declaration: Declaration<P>,
  build: (values: ValuesOf<P>) => Mechanism,
): Variant {
  const { id, title, aliases = [], tags = [], source, params, exponent } = declaration;
  if (!/^[a-z][a-z0-9-]*$/.test(id)) {
    throw new UsageError(
      `variant: id must be lower-case letters, digits and hyphens, got '${printable(id, 60)}'`,
    );
  }
  const unfit = tags.find((tag) => !/^[a-z][a-z0-9-]*$/.test(tag));
  if (unfit !== undefined) {
    throw new UsageError(
      `variant ${id}: tags must be lower-case letters, digits and hyphens, got '${printable(unfit, 60)}'`,
    );
  }
  // The parameters were completed from this very declaration, so they have its types.
  const typed = (values: ParameterValues) => values as ValuesOf<P>;
  return {
    id,
    title,
    aliases,
    tags,
    source,
    params,
    mechanism: (values) => build(typed(values)),
    exponent: (values) => exponent(typed(values)),
  };
}
