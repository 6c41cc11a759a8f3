import { UsageError } from "../core/errors.ts";
import type { Typed } from "../text/units.ts";

/**
 * Options as the command line has them: words instead of values, except for switches and repeatable options.
 */
export type AsTyped<Options> = {
  readonly [Name in keyof Options]?: Options[Name] | Word<Options[Name]> | undefined;
};

type Word<Value> = boolean extends Value
  ? never
  : Value extends readonly unknown[] | undefined
    ? never
    : string;

/**
 * A value in the words of the command line, which are what is validated, so that both have the same rules: a
 * list is joined by commas. Refuses an empty list, since it could mean all or none.
 */
export function inWords(option: string, value: Typed | readonly Typed[] | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "object") return String(value);
  if (value.length > 0) return value.join(",");
  throw new UsageError(`${option}: must name something, got an empty list; omit the option`);
}
