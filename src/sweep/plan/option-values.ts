import { printable, UsageError } from "../../core/errors.ts";
import type { OptionForm, OptionValue } from "./plan.ts";

/** The most values of an axis. */
const MOST_VALUES = 10_000;

/** What a plan says of an option under `settings`, as `run` takes it. `where` names the option in messages. */
export function settingValue(where: string, form: OptionForm, value: unknown): OptionValue {
  if (!Array.isArray(value)) return form === "repeated" ? [word(where, value)] : single(where, form, value);
  if (form === "commas") return words(where, value).join(",");
  if (form === "repeated") return words(where, value);
  throw new UsageError(
    `${where}: must be one value, got a list of ${value.length}; a list is an axis, and belongs under grid`,
  );
}

/** What a plan says of an option under `grid`: one value, or a list of those that the grid goes through. */
export function axisValues(where: string, form: OptionForm, value: unknown): readonly (OptionValue | null)[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) {
    throw new UsageError(`${where}: must have a value, got an empty list; remove it`);
  }
  if (list.length > MOST_VALUES) {
    throw new UsageError(`${where}: must have at most ${MOST_VALUES} values, got ${list.length}`);
  }
  const values = list.map((one) => (one === null ? null : axisValue(where, form, one)));
  const seen = new Set<string>();
  for (const one of values) {
    const text = JSON.stringify(one);
    if (seen.has(text))
      throw new UsageError(`${where}: must have a value once, got ${printable(text, 60)} twice`);
    seen.add(text);
  }
  return values;
}

/** One value of an axis. One of no words is as if the option were left out, which null says. */
function axisValue(where: string, form: OptionForm, value: unknown): OptionValue | null {
  if (form === "repeated" && Array.isArray(value) && value.length === 0) return null;
  return settingValue(where, form, value);
}

function single(where: string, form: OptionForm, value: unknown): OptionValue {
  if (form !== "switch") return word(where, value);
  if (typeof value === "boolean") return value;
  throw new UsageError(`${where}: must be true or false, got ${told(value)}`);
}

function words(where: string, values: readonly unknown[]): readonly string[] {
  if (values.length === 0)
    throw new UsageError(`${where}: must name something, got an empty list; remove it`);
  return values.map((one) => word(where, one));
}

/** A number is the word that it is written as, so that 8 and "8" are the same. */
function word(where: string, value: unknown): string {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  if (typeof value === "string" && value.trim() !== "") return value.trim();
  throw new UsageError(`${where}: must be a text or a number, got ${told(value)}`);
}

function told(value: unknown): string {
  return printable(JSON.stringify(value) ?? String(value), 60);
}
