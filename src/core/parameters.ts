import { printable, textOf, UsageError, unknownName } from "./errors.ts";

/** The value of a variant's parameter; `null` is "none", for parameters that may be left out. */
export type ParameterValue = number | null;
export type ParameterValues = Readonly<Record<string, ParameterValue>>;

/** One parameter of a variant: what it means, what it may be, and how the checks use it. */
export interface Parameter<V extends ParameterValue = ParameterValue> {
  readonly default: V;
  readonly integer: boolean;
  /** The least value allowed. */
  readonly least: number;
  readonly optional: boolean;
  readonly unit: string;
  readonly meaning: string;
  /** A small value that leaves the pattern sparse at lengths of a few dozen, used by the checks. */
  readonly probe: V;
  /** The value at which the pattern attends everything at this length: a law that the checks hold it to. */
  readonly fullAt?: (length: number) => number;
}
export type Parameters = Readonly<Record<string, Parameter>>;

/** The values that a set of declared parameters takes. */
export type ValuesOf<P extends Parameters> = {
  readonly [Name in keyof P]: P[Name] extends Parameter<infer V> ? V : never;
};

interface Details<V> {
  unit: string;
  meaning: string;
  least?: number;
  probe?: V;
  fullAt?: (length: number) => number;
}

/** An integer parameter. */
export function int(value: number, details: Details<number>): Parameter<number> {
  const { unit, meaning, least = 0, probe = value, fullAt } = details;
  return {
    default: value,
    integer: true,
    least,
    optional: false,
    unit,
    meaning,
    probe,
    ...(fullAt && { fullAt }),
  };
}

/** An integer parameter that is left out unless it is set. */
export function optionalInt(details: Details<number | null>): Parameter<number | null> {
  const { unit, meaning, least = 0, probe = null } = details;
  return { default: null, integer: true, least, optional: true, unit, meaning, probe };
}

/** A real parameter. */
export function real(value: number, details: Details<number>): Parameter<number> {
  const { unit, meaning, least = 0, probe = value } = details;
  return { default: value, integer: false, least, optional: false, unit, meaning, probe };
}

/** The declared parameters with `overrides` put in. Refuses unknown names and values out of range. */
export function completeParameters(
  variant: string,
  parameters: Parameters,
  overrides: Readonly<Record<string, unknown>>,
): ParameterValues {
  const values: Record<string, ParameterValue> = {};
  for (const [name, parameter] of Object.entries(parameters)) values[name] = parameter.default;
  for (const [name, value] of Object.entries(overrides)) {
    if (!Object.hasOwn(parameters, name)) {
      const known = Object.keys(parameters);
      if (known.length > 0) throw unknownName(`parameter of ${variant}`, name, known);
      throw new UsageError(
        `unknown parameter of ${variant} '${printable(name)}'; ${variant} has no parameters`,
      );
    }
    values[name] = checkValue(`${variant}.${name}`, parameters[name], value);
  }
  return values;
}

function checkValue(where: string, parameter: Parameter, value: unknown): ParameterValue {
  if (value === null && parameter.optional) return null;
  const kind = parameter.integer ? "an integer" : "a number";
  const fits =
    typeof value === "number" &&
    Math.abs(value) <= Number.MAX_SAFE_INTEGER &&
    (!parameter.integer || Number.isInteger(value)) &&
    value >= parameter.least;
  if (!fits) {
    const none = parameter.optional ? ", or none" : "";
    throw new UsageError(
      `${where} must be ${kind} of at least ${parameter.least} (${parameter.unit})${none}, got ${value === null ? "none" : printable(textOf(value))}`,
    );
  }
  return value;
}
