import { printable, UsageError, unknownName } from "./errors.ts";
import { localExponent } from "./growth.ts";
import type { Mechanism } from "./mechanism.ts";
import { completeParameters, type Parameters, type ParameterValues, type ValuesOf } from "./parameters.ts";

/** One attention variant: a sentence of mathematics with its parameters and its source. */
export interface Variant {
  readonly id: string;
  readonly title: string;
  readonly aliases: readonly string[];
  /** What sort of variant it is, such as `sparse`: `--variants @sparse` chooses all with the tag. */
  readonly tags: readonly string[];
  /** The paper, and what is different here, if anything. */
  readonly source: string;
  readonly params: Parameters;
  /**
   * What it can be given besides its own parameters, as all of its kind can: part of its values only where
   * that is not as usual. Omitted if nothing.
   */
  readonly forms?: Parameters;
  mechanism(values: ParameterValues): Mechanism;
  /** The exponent with which the work of a pass grows about this length. */
  exponent(values: ParameterValues, length: number): number;
}

/** What a variant of any kind declares. */
export type Declaration<P extends Parameters> = Growing<P> & {
  id: string;
  title: string;
  aliases?: readonly string[];
  tags?: readonly string[];
  source: string;
  params: P;
};

/**
 * How the work of a pass grows, by the mathematics: as a power of N, or as something else, such as N log N.
 */
type Growing<P extends Parameters> =
  | {
      /** The exponent of N that the work tends to. */
      exponent: (values: ValuesOf<P>) => number;
      growth?: undefined;
    }
  | {
      exponent?: undefined;
      /** The work up to a factor, at any real length of more than one token. */
      growth: (length: number, values: ValuesOf<P>) => number;
    };

/** Tokens at which a growth is described by one exponent, if no length is given. */
const LONG = 2 ** 16;

/** A variant with every parameter filled in. */
export interface ParameterizedVariant {
  readonly id: string;
  readonly params: ParameterValues;
  readonly mechanism: Mechanism;
  /** The exponent of N that the work tends to: if it is not a power, that at 64k. */
  readonly exponent: number;
  /** The exponent with which the work grows about this length. */
  readonly exponentAt: (length: number) => number;
}

/** Fills in a variant's parameters; refuses what the declaration does not allow. */
export function parameterize(
  variant: Variant,
  overrides: Readonly<Record<string, unknown>>,
): ParameterizedVariant {
  const { id } = variant;
  const params = completeParameters(id, variant.params, overrides, variant.forms);
  const exponentAt = (length: number) => toldOf(id, () => variant.exponent(params, length));
  const mechanism = toldOf(id, () => variant.mechanism(params));
  return { id, params, mechanism, exponent: exponentAt(LONG), exponentAt };
}

/** A pattern or a growth knows what is wrong with it, but not which variant it belongs to. */
function toldOf<Value>(id: string, make: () => Value): Value {
  try {
    return make();
  } catch (thrown) {
    throw thrown instanceof UsageError ? new UsageError(`${id}: ${thrown.message}`) : thrown;
  }
}

/** The variant with this id or alias. Refuses an unknown one and lists those known. */
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

/**
 * Completes a declaration: `build` makes the mechanism from the values of the parameters, and from those of
 * `forms` that are not as usual.
 */
export function declareVariant<P extends Parameters>(
  declaration: Declaration<P>,
  build: (values: ValuesOf<P>, all: ParameterValues) => Mechanism,
  forms?: Parameters,
): Variant {
  const { id, title, aliases = [], tags = [], source, params, exponent, growth } = declaration;
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
  if ((exponent === undefined) === (growth === undefined)) {
    throw new UsageError(`${id}: must declare an exponent or a growth, and not both`);
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
    ...(forms && { forms }),
    mechanism: (values) => build(typed(values), values),
    exponent: (values, length) =>
      growth === undefined
        ? exponent(typed(values))
        : localExponent((at) => growth(at, typed(values)), length),
  };
}
