import type { RoundLine } from "./result-lines.ts";

/**
 * What the schema makes of a parsed line if that is plainly a valid round; null if it is not, or if there is any doubt: then
 * the schema is asked. Nearly all lines of a file are rounds, and the schema takes several times as long as `JSON.parse`.
 * A test holds this to the schema.
 */
export function quickRound(value: unknown): RoundLine | null {
  if (typeof value !== "object" || value === null || (value as { type?: unknown }).type !== "round")
    return null;
  const told = value as { readonly [Field in keyof RoundLine]?: unknown };
  const { case: name, round, samples, calls, at_s, load, steal, warnings } = told;
  const { involuntary_switches: switches } = told;
  if (!(isText(name) && isCount(round) && isCount(calls) && calls > 0)) return null;
  if (!(isElapsed(at_s) && isElapsedOrNull(load) && isShareOrNull(steal))) return null;
  if (!(switches === null || isCount(switches))) return null;
  if (!(areSamples(samples) && areTexts(warnings))) return null;
  // In the order of the schema, whatever that of the file.
  const line: { -readonly [Field in keyof RoundLine]?: RoundLine[Field] } = {
    type: "round",
    case: name,
    round,
    samples,
    calls,
    at_s,
    load,
    steal,
    involuntary_switches: switches,
  };
  for (const field of SOMETIMES) {
    const seconds = told[field];
    if (seconds === undefined) continue;
    if (!isElapsed(seconds)) return null;
    line[field] = seconds;
  }
  line.warnings = warnings;
  return line as RoundLine;
}

/** What some rounds have, each a time or a number of threads. */
const SOMETIMES = [
  "wall_s",
  "processor_s",
  "threads_seen",
  "waited_s",
  "around_s",
  "device_s",
  "transfer_s",
  "select_s",
  "project_s",
] as const satisfies readonly (keyof RoundLine)[];

// The bounds of `quantities.ts`.

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= 20_000;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isElapsed(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= 1e9;
}

function isElapsedOrNull(value: unknown): value is number | null {
  return value === null || isElapsed(value);
}

function isShareOrNull(value: unknown): value is number | null {
  return value === null || value === 0 || (typeof value === "number" && value >= 1e-30 && value <= 1);
}

function areSamples(value: unknown): value is number[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  for (let at = 0; at < value.length; at++) {
    const one: unknown = value[at];
    if (!(typeof one === "number" && one >= 1e-12 && one <= 1e9)) return false;
  }
  return true;
}

function areTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText);
}
