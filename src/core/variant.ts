import { printable, textOf, UsageError, unknownName } from "./errors.ts";
import type { Family } from "./family.ts";
import { localExponent, orderOf } from "./growth.ts";
import type { Mechanism } from "./mechanism.ts";
import { completeParameters, type Parameters, type ParameterValues, type ValuesOf } from "./parameters.ts";
import type { TableRow } from "./table-one.ts";

/** One attention variant: a sentence of mathematics with its parameters and its source. */
export interface Variant {
  readonly id: string;
  readonly title: string;
  /** What it does: one line without a full stop; the title, if it declares none. */
  readonly summary: string;
  /** Omitted by plug-ins' variants. */
  readonly family?: Family;
  readonly aliases: readonly string[];
  /** What sort of variant it is, such as `sparse`: `--variants @sparse` chooses all with the tag. */
  readonly tags: readonly string[];
  /** Its model in Long Range Arena, Tay et al. 2020, arXiv 2011.04006, as that paper's tables call it; omitted if none. */
  readonly arena?: string;
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
  /** Its row of Table 1 as far as its kind does not say it; omitted if the kind says all, or nothing is known. */
  table?(values: ParameterValues, causal: boolean): TableRow;
  /** The growth by its name, such as `N log N`; null, or omitted, if it is a power or has none. */
  order?(values: ParameterValues): string | null;
  /** Another variant that computes the same function in another way; null, or omitted, if none does. */
  twin?(values: ParameterValues): Twin | null;
}

/** A variant with all of its parameters. */
export interface Twin {
  readonly variant: string;
  readonly params: ParameterValues;
}

/** What a variant of any kind declares. */
export type Declaration<P extends Parameters> = Growing<P> & {
  id: string;
  title: string;
  /** One line of at most 80 characters, without a full stop; the title if omitted. */
  summary?: string;
  aliases?: readonly string[];
  tags?: readonly string[];
  arena?: string;
  source: string;
  params: P;
  /** Cells of its row in Table 1 that its kind cannot tell, or tells otherwise. */
  table?: (values: ValuesOf<P>, causal: boolean) => TableRow;
  /** Another variant that computes the same function in another way, with all of its parameters; null if none does. */
  twin?: (values: ValuesOf<P>) => Twin | null;
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
/** Tokens at which a power is still the same. */
const LONGER = 2 ** 24;

/** A variant with every parameter filled in. */
export interface ParameterizedVariant {
  readonly id: string;
  readonly params: ParameterValues;
  /** Those of them that say how edges are drawn, and nothing where a call gives them; omitted if none does. */
  readonly drawing?: readonly string[];
  readonly mechanism: Mechanism;
  /** The exponent of N that the work tends to: if it is not a power, that at 64k. */
  readonly exponent: number;
  /** The exponent with which the work grows about this length. */
  readonly exponentAt: (length: number) => number;
  /** Its row of Table 1, as far as the variant says it. */
  readonly table?: (causal: boolean) => TableRow;
}

/** Fills in a variant's parameters; refuses what the declaration does not allow. */
export function parameterize(
  variant: Variant,
  overrides: Readonly<Record<string, unknown>>,
): ParameterizedVariant {
  const { id } = variant;
  const params = completeParameters(id, variant.params, overrides, variant.forms);
  const exponentAt = (length: number) => toldOf(id, () => variant.exponent(params, length));
  const mechanism = { ...toldOf(id, () => variant.mechanism(params)), declaredAs: { variant: id, params } };
  const drawing = Object.keys(params).filter((name) => variant.params[name]?.drawsEdges);
  return {
    id,
    params,
    ...(drawing.length > 0 && { drawing }),
    mechanism,
    exponent: exponentAt(LONG),
    exponentAt,
    ...(variant.table && {
      table: (causal) => toldOf(id, () => variant.table?.(params, causal) ?? {}),
    }),
  };
}

/** How the work of a pass grows with the usual parameters: `N^2`, `N log N`, or `N^1.3 at 64k`. */
export function costOf(variant: Variant): string {
  const { params, exponent, exponentAt } = parameterize(variant, {});
  const order = variant.order?.(params) ?? null;
  return order ?? `N^${exponent}${exponent === exponentAt(LONGER) ? "" : " at 64k"}`;
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
  const {
    id,
    title,
    summary,
    aliases = [],
    tags = [],
    arena,
    source,
    params,
    exponent,
    growth,
    table,
    twin,
  } = declaration;
  if (!/^[a-z][a-z0-9-]*$/.test(id)) {
    throw new UsageError(
      `variant: id must be lower-case letters, digits and hyphens, got '${printable(id, 60)}'`,
    );
  }
  if (summary !== undefined && !isSummary(summary)) {
    throw new UsageError(
      `variant ${id}: summary must be one line of 1 to ${MOST_SUMMARY} characters without a full stop at its end, got '${printable(textOf(summary), 100)}'`,
    );
  }
  const unfit = tags.find((tag) => !/^[a-z][a-z0-9-]*$/.test(tag));
  if (unfit !== undefined) {
    throw new UsageError(
      `variant ${id}: tags must be lower-case letters, digits and hyphens, got '${printable(unfit, 60)}'`,
    );
  }
  if (arena !== undefined && !/^[^\p{C}]{1,40}$/u.test(arena)) {
    throw new UsageError(
      `variant ${id}: arena must be one line of 1 to 40 characters, got '${printable(textOf(arena), 60)}'`,
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
    summary: summary ?? title,
    aliases,
    tags,
    ...(arena !== undefined && { arena }),
    source,
    params,
    ...(forms && { forms }),
    mechanism: (values) => build(typed(values), values),
    exponent: (values, length) =>
      growth === undefined
        ? exponent(typed(values))
        : localExponent((at) => growth(at, typed(values)), length),
    ...(table && { table: (values, causal) => table(typed(values), causal) }),
    order: (values) => (growth === undefined ? null : orderOf((at) => growth(at, typed(values)))),
    ...(twin !== undefined && { twin: (values) => twin(typed(values)) }),
  };
}

const MOST_SUMMARY = 80;

/** Whether it fits into a row of a table. */
function isSummary(summary: unknown): boolean {
  return (
    typeof summary === "string" &&
    /^\S(.*\S)?$/u.test(summary) &&
    summary.length <= MOST_SUMMARY &&
    !summary.endsWith(".")
  );
}
