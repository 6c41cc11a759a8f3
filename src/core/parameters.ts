import { printable, textOf, UsageError, unknownName } from "./errors.ts";

/** The value of a variant's parameter; `null` is "none", for optional parameters. */
export type ParameterValue = number | string | boolean | null;
export type ParameterValues = Readonly<Record<string, ParameterValue>>;

/** One parameter of a variant: its meaning, its range, and how the checks use it. */
export type Parameter<V extends ParameterValue = ParameterValue> =
  | NumberParameter<V>
  | ChoiceParameter<V>
  | TextParameter<V>;

interface Described<V> {
  readonly default: V;
  readonly unit: string;
  readonly meaning: string;
  /** A small value that leaves the pattern sparse at lengths of a few dozen, used by the checks. */
  readonly probe: V;
  /**
   * The value at which the pattern attends everything at this length, beside these values of the others;
   * undefined if none does. A law that the checks verify.
   */
  readonly fullAt?: (length: number, others: ParameterValues) => V | undefined;
  /** Whether it says how edges are drawn, and so says nothing where a call gives them; omitted if not. */
  readonly drawsEdges?: true;
  /** Whether it is the width of the image that tokens are pixels of: unless set, that of an input that is one. */
  readonly imageWidth?: true;
}

/** A number from `least` on. */
interface NumberParameter<V> extends Described<V> {
  readonly integer: boolean;
  readonly least: number;
  /** The largest; that of exact integers if omitted. */
  readonly most?: number;
  /** Whether it may be "none". */
  readonly optional: boolean;
}

/** One of a few words, or true or false. */
interface ChoiceParameter<V> extends Described<V> {
  readonly choices: readonly V[];
}

/** A text of a form of its own, such as a list of pairs. */
interface TextParameter<V> extends Described<V> {
  readonly form: RegExp;
  /** The form in words, with an example. */
  readonly rule: string;
}

/** What a value may consist of that is a text: it is part of names, and of files, where it is no number. */
export const WRITTEN = {
  form: /^(?![\d.]+(e-?\d+)?$)[a-z0-9][a-z0-9:,.-]{0,79}$/,
  rule: "at most 80 lower-case letters, digits and any of :,.-, not a number",
} as const;

export type Parameters = Readonly<Record<string, Parameter>>;

/** The values that a set of declared parameters takes. */
export type ValuesOf<P extends Parameters> = {
  readonly [Name in keyof P]: P[Name] extends Parameter<infer V> ? V : never;
};

interface Details<V> {
  unit: string;
  meaning: string;
  least?: number;
  most?: number;
  probe?: V;
  fullAt?: (length: number, others: ParameterValues) => V | undefined;
  drawsEdges?: true;
  imageWidth?: true;
}

/** An integer parameter. */
export function int(value: number, details: Details<number>): Parameter<number> {
  return numeric(value, { integer: true, optional: false }, details);
}

/** An integer parameter that may be "none", and is unless it is set or has a `usual` value. */
export function optionalInt({
  usual = null,
  ...details
}: Details<number | null> & { usual?: number | null }): Parameter<number | null> {
  return numeric(usual, { integer: true, optional: true }, details);
}

/** A real parameter. */
export function real(value: number, details: Details<number>): Parameter<number> {
  return numeric(value, { integer: false, optional: false }, details);
}

/** A real parameter that is "none" unless it is set. */
export function optionalReal(details: Details<number | null>): Parameter<number | null> {
  return numeric(null, { integer: false, optional: true }, details);
}

function numeric<V extends number | null>(
  value: V,
  { integer, optional }: Pick<NumberParameter<V>, "integer" | "optional">,
  details: Details<V>,
): Parameter<V> {
  const { unit, meaning, least = 0, most, probe = value, fullAt, drawsEdges, imageWidth } = details;
  return {
    default: value,
    integer,
    least,
    ...(most !== undefined && { most }),
    optional,
    unit,
    meaning,
    probe,
    ...(fullAt && { fullAt }),
    ...(drawsEdges && { drawsEdges }),
    ...(imageWidth && { imageWidth }),
  };
}

/** The least of a number that may be as far below zero as any. */
export const ANY_NUMBER = -Number.MAX_SAFE_INTEGER;

/** One of a few words, such as `union` or `heads`; the first is the default. */
export function choice<const C extends string>(
  choices: readonly [C, ...C[]],
  { unit = "choice", meaning, probe = choices[0] }: Pick<Details<C>, "meaning" | "probe"> & { unit?: string },
): Parameter<C> {
  const unfit = choices.find((one) => !/^[a-z][a-z0-9-]{0,39}$/.test(one));
  if (unfit !== undefined) {
    throw new UsageError(
      `choice: must be lower-case words of at most 40 letters, got '${printable(unfit, 60)}'`,
    );
  }
  return { default: choices[0], choices, unit, meaning, probe };
}

/** A text of a form of its own, such as `4:1,8:2`: `rule` says which in words. */
export function text(
  value: string,
  details: Omit<Details<string>, "least"> & { form: RegExp; rule: string },
): Parameter<string> {
  const { unit, meaning, form, rule, probe = value, fullAt } = details;
  return { default: value, form, rule, unit, meaning, probe, ...(fullAt && { fullAt }) };
}

/** True or false. */
export function flag(
  value: boolean,
  { meaning, probe = value }: Pick<Details<boolean>, "meaning" | "probe">,
): Parameter<boolean> {
  return { default: value, choices: [false, true], unit: "true or false", meaning, probe };
}

/**
 * The value that a text stands for, such as `64`, `none`, `heads`, `true` or `4:1,8:2`; undefined if it is not a
 * possible value.
 */
export function readValue(parameter: Parameter, text: string): ParameterValue | undefined {
  if ("choices" in parameter) {
    return parameter.choices.find(
      (one) => String(one) === text || (typeof one === "boolean" && `${Number(one)}` === text),
    );
  }
  if ("form" in parameter) return hasForm(parameter, text) ? text : undefined;
  if (text === "none") return null;
  const number = /^-?\d+(\.\d+)?(e-?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

function hasForm({ form }: TextParameter<ParameterValue>, value: string): boolean {
  return form.test(value) && WRITTEN.form.test(value);
}

/**
 * The declared parameters with `overrides` applied, and of `forms`, which are not part of a variant unless it
 * is given them, those that are not as usual. Refuses unknown names and values out of range.
 */
export function completeParameters(
  variant: string,
  parameters: Parameters,
  overrides: Readonly<Record<string, unknown>>,
  forms: Parameters = {},
): ParameterValues {
  const values: Record<string, ParameterValue> = {};
  for (const [name, parameter] of Object.entries(parameters)) values[name] = parameter.default;
  for (const [name, form] of Object.entries(forms)) {
    if (!Object.hasOwn(overrides, name)) continue;
    const value = checkValue(`${variant}.${name}`, form, overrides[name]);
    if (value !== form.default) values[name] = value;
  }
  for (const [name, value] of Object.entries(overrides)) {
    if (Object.hasOwn(forms, name)) continue;
    if (!Object.hasOwn(parameters, name)) {
      const known = [...Object.keys(parameters), ...Object.keys(forms)];
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
  if ("choices" in parameter) {
    const found = parameter.choices.find((one) => one === value);
    if (found !== undefined) return found;
    throw new UsageError(
      `${where} must be ${parameter.choices.join(" or ")}, got ${value === null ? "none" : printable(textOf(value))}`,
    );
  }
  if ("form" in parameter) {
    if (typeof value === "string" && hasForm(parameter, value)) return value;
    throw new UsageError(
      `${where} must be ${parameter.rule} (${WRITTEN.rule}), got ${value === null ? "none" : printable(textOf(value))}`,
    );
  }
  if (value === null && parameter.optional) return null;
  const kind = parameter.integer ? "an integer" : "a number";
  const { least: smallest, most: largest = Number.MAX_SAFE_INTEGER } = parameter;
  const fits =
    typeof value === "number" &&
    Math.abs(value) <= Number.MAX_SAFE_INTEGER &&
    (!parameter.integer || Number.isInteger(value)) &&
    value >= smallest &&
    value <= largest;
  if (!fits) {
    const none = parameter.optional ? ", or none" : "";
    const unit = parameter.unit === "" ? "" : ` (${parameter.unit})`;
    throw new UsageError(
      `${where} must be ${kind}${rangeText(smallest, largest)}${unit}${none}, got ${value === null ? "none" : printable(textOf(value))}`,
    );
  }
  return value;
}

/** The range of a number in words. */
function rangeText(least: number, most: number): string {
  if (most < Number.MAX_SAFE_INTEGER) return ` from ${least} to ${most}`;
  if (least === Number.MIN_VALUE) return " above 0";
  return least === ANY_NUMBER ? "" : ` of at least ${least}`;
}
