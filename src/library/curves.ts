import { printable, UsageError } from "../core/errors.ts";
import { findVariant, parameterize, type Variant } from "../core/variant.ts";
import { BASELINE } from "../record/schema/baseline.ts";
import { type ChosenVariant, settable } from "./settings.ts";

/** Values to go through, by variant and parameter; or as typed. */
export type Curves =
  | readonly string[]
  | Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

/** A parameter of one variant, and the values that it goes through, rising. */
export interface Curve {
  readonly variant: Variant;
  readonly parameter: string;
  readonly values: readonly number[];
  /** As typed, for messages. */
  readonly text: string;
}

/** The most values of one curve. */
const MOST_VALUES = 64;
/** Decimal digits of the values between the ends of a range that are no integers. */
const DIGITS = 3;

/** Curves as typed, such as `bigbird.random=1..64`. */
export function curveWords(curves: Curves | string | undefined = []): readonly string[] {
  if (typeof curves === "string") return [curves];
  if (isTyped(curves)) return curves;
  return Object.entries(curves).flatMap(([variant, parameters]) =>
    Object.entries(parameters).map(([name, values]) => `${variant}.${name}=${[values].flat().join(",")}`),
  );
}

function isTyped(curves: Curves): curves is readonly string[] {
  return Array.isArray(curves);
}

/**
 * Reads curves: `variant.parameter=` and values, a list of numbers and ranges. A range `16..1024` doubles from
 * its first number as long as it does not pass its last; `16..1024:5` is five numbers from one to the other,
 * evenly in logarithms. Refuses what is no number of that variant, and two curves of one variant.
 */
export function parseCurves(known: readonly Variant[], typed: readonly string[]): readonly Curve[] {
  const curves: Curve[] = [];
  for (const text of typed) {
    const curve = parseCurve(known, text.trim());
    const other = curves.find(({ variant }) => variant.id === curve.variant.id);
    if (other !== undefined) {
      throw refusal(
        text,
        `a variant has one curve in a run, got ${curve.variant.id}.${other.parameter} before; run the other by itself`,
      );
    }
    curves.push(curve);
  }
  return curves;
}

/** The names of variants with those of the curves; only these beside the baseline if none were named. */
export function namedWithCurves(named: string | undefined, curves: readonly Curve[]): string | undefined {
  if (curves.length === 0) return named;
  return [named ?? BASELINE, ...curves.map(({ variant }) => variant.id)].join(",");
}

/** The variants, one with a curve once for each of its values. */
export function alongCurves(
  chosen: readonly ChosenVariant[],
  curves: readonly Curve[],
): readonly ChosenVariant[] {
  return chosen.flatMap(({ variant, overrides }) => {
    const curve = curves.find((one) => one.variant.id === variant.id);
    if (curve === undefined) return [{ variant, overrides }];
    const { parameter, values, text } = curve;
    if (Object.hasOwn(overrides, parameter)) {
      throw refusal(text, `${variant.id}.${parameter} is also set by --set; omit one of them`);
    }
    return values.map((value) => {
      const along = { ...overrides, [parameter]: value };
      refuseUnfit(text, variant, along);
      return { variant, overrides: along };
    });
  });
}

function refuseUnfit(text: string, variant: Variant, overrides: ChosenVariant["overrides"]): void {
  try {
    parameterize(variant, overrides);
  } catch (thrown) {
    throw thrown instanceof UsageError ? refusal(text, thrown.message) : thrown;
  }
}

function parseCurve(known: readonly Variant[], text: string): Curve {
  const match = /^([^.=]+)\.([^.=]+)=(.+)$/.exec(text);
  if (match === null) {
    throw new UsageError(
      `--curve: must be variant.parameter=values such as local.window=16..1024, got '${printable(text, 60)}'`,
    );
  }
  const [, name, parameter, list] = match;
  const variant = findVariant(known, name);
  const declared = settable(variant, parameter);
  // Refuses the name, and lists those there are.
  if (declared === null) parameterize(variant, { [parameter]: 0 });
  if (declared === null || !("integer" in declared)) {
    throw refusal(text, `${variant.id}.${parameter} is no number, and has no curve; set it with --set`);
  }
  const values = new Set<number>();
  for (const item of list.split(",")) {
    for (const value of valuesOf(text, item.trim(), declared.integer)) values.add(value);
    if (values.size > MOST_VALUES) throw tooMany(text);
  }
  if (values.size < 2) {
    throw refusal(text, `must have two values or more, got ${[...values].join("")}; for one use --set`);
  }
  return { variant, parameter, values: [...values].sort((a, b) => a - b), text };
}

const NUMBER = String.raw`-?\d{1,20}(?:\.\d{1,20})?(?:e-?\d{1,3})?[kM]?`;
const ITEM = new RegExp(`^(?:${NUMBER}|(${NUMBER})\\.\\.(${NUMBER})(?::(\\d{1,10}))?)$`);

/** The values of an item of a list: a number, or a range. */
function valuesOf(text: string, item: string, integer: boolean): readonly number[] {
  const match = ITEM.exec(item);
  if (match === null) {
    throw refusal(
      text,
      `values must be numbers or ranges, got '${printable(item, 40)}'; write a range such as 16..1024 or 16..1024:5, or a list such as 16,64,256`,
    );
  }
  const [, first, last, points] = match;
  if (first === undefined) return [numberOf(item)];
  const [from, to] = [numberOf(first), numberOf(last)];
  if (!(from <= to)) throw refusal(text, `a range must not run backwards, got ${printable(item, 40)}`);
  if (!(from > 0)) {
    throw refusal(
      text,
      `a range must begin above 0, since it multiplies, got ${printable(item, 40)}; write a list such as 0,1,2,4`,
    );
  }
  return points === undefined ? doubled(text, from, to) : spaced(text, from, to, Number(points), integer);
}

function doubled(text: string, from: number, to: number): readonly number[] {
  const steps = Math.floor(Math.log2(to) - Math.log2(from) + 1e-9);
  if (!(steps < MOST_VALUES)) throw tooMany(text);
  return Array.from({ length: steps + 1 }, (_, step) => from * 2 ** step);
}

function spaced(text: string, from: number, to: number, points: number, integer: boolean): readonly number[] {
  if (!(points >= 2)) {
    throw refusal(text, `a range must have two points or more, got ${points}; for one value use --set`);
  }
  if (points > MOST_VALUES) throw tooMany(text);
  return Array.from({ length: points }, (_, step) => {
    if (step === 0) return from;
    if (step === points - 1) return to;
    const value = from * (to / from) ** (step / (points - 1));
    return integer ? Math.round(value) : Number(value.toPrecision(DIGITS));
  });
}

/** A number such as `64`, `0.5` or `4k`, which is 4096. */
function numberOf(text: string): number {
  const unit = text.endsWith("k") ? 2 ** 10 : text.endsWith("M") ? 2 ** 20 : 1;
  return unit * Number(unit === 1 ? text : text.slice(0, -1));
}

function tooMany(text: string): UsageError {
  return refusal(text, `must have at most ${MOST_VALUES} values; ask for a shorter range or fewer points`);
}

function refusal(text: string, rule: string): UsageError {
  return new UsageError(`--curve ${printable(text, 60)}: ${rule}`);
}
