import type * as z from "zod";
import { printable } from "../core/errors.ts";

type Issue = z.core.$ZodIssue;

/** What a value refused by a schema must be, as messages put it: `must be a text`. */
export function schemaRule(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${KINDS[issue.expected] ?? printable(issue.expected, 40)}`;
    case "too_big":
      return bound(issue.origin, issue.inclusive === false ? "less than" : "at most", issue.maximum);
    case "too_small":
      return bound(issue.origin, issue.inclusive === false ? "more than" : "at least", issue.minimum);
    case "invalid_value":
      return `must be ${issue.values.length > 1 ? "one of " : ""}${printable(issue.values.map(String).join(", "), 200)}`;
    case "unrecognized_keys":
      return `must not have ${printable(issue.keys.join(", "), 100)}`;
    case "invalid_union":
      return "must be of a known kind";
    case "custom":
      // These are our own words.
      return printable(issue.message);
    default:
      return "must have another form";
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "an object",
  record: "an object",
  null: "null",
};

/** Texts and lists have a length, numbers a value. */
function bound(origin: string, how: string, limit: number | bigint): string {
  const [one, many] = LENGTHS[origin] ?? ["", ""];
  const unit = Number(limit) === 1 ? one : many;
  return unit === "" ? `must be ${how} ${limit}` : `must have ${how} ${limit} ${unit}`;
}

const LENGTHS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  string: ["character", "characters"],
  array: ["entry", "entries"],
};
