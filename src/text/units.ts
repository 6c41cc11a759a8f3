import { printable, UsageError } from "../core/errors.ts";
import { MAX_ELEMENTS } from "../core/shape.ts";

/** The most lengths that one list may name. */
const MAX_LENGTHS = 100;

/** A number, or as one types it. */
export type Typed = number | string;

/**
 * Lengths as typed: a comma-separated list of lengths and ranges, such as `1k,2k,5000` or `256..8192`. `k` is
 * 1024 and `M` 1024², and a range doubles from its first length as long as it does not pass its last. Sorted,
 * each once.
 */
export function parseLengths(option: string, text: string): number[] {
  const lengths = new Set<number>();
  for (const item of text.split(",")) {
    const [first, last = first, ...rest] = item.split("..");
    if (rest.length > 0) throw listError(option, "a range has two ends", item);
    const from = parseLength(option, first, LIST_ADVICE);
    const to = parseLength(option, last, LIST_ADVICE);
    if (!(from <= to)) throw listError(option, "a range must not run backwards", item);
    for (let length = from; length <= to; length *= 2) lengths.add(length);
  }
  if (lengths.size > MAX_LENGTHS) {
    throw new UsageError(`${option}: must be at most ${MAX_LENGTHS} lengths, got ${lengths.size}; omit some`);
  }
  return [...lengths].sort((a, b) => a - b);
}

const LIST_ADVICE = "write a list such as 1k,2k,5000 or a range such as 256..8192";

function listError(option: string, rule: string, item: string): UsageError {
  return new UsageError(`${option}: ${rule}, got '${printable(item, 40)}'; ${LIST_ADVICE}`);
}

/** One length as typed: `4096`, `4k` or `1M`. */
export function parseLength(
  option: string,
  value: Typed,
  advice = "write one such as 5000, 4k or 1M",
): number {
  const text = String(value);
  const match = /^(\d{1,10})([kKM]?)$/.exec(text.trim());
  const unit = match?.[2] === "M" ? 2 ** 20 : match?.[2] === "" ? 1 : 2 ** 10;
  const length = match === null ? Number.NaN : Number(match[1]) * unit;
  if (!(length >= 1 && length <= MAX_ELEMENTS)) {
    throw new UsageError(
      `${option}: a length must be a whole number from 1 to ${MAX_ELEMENTS}, got '${printable(text, 40)}'; ${advice}`,
    );
  }
  return length;
}

/** The longest time that may be asked for: a week. */
export const MOST_SECONDS = 7 * 24 * 3600;

/** Seconds as typed: `60s`, `500ms`, `2m`, `1h`, or a bare number of seconds. */
export function parseDuration(option: string, value: Typed): number {
  const text = String(value);
  const seconds = typeof value === "number" ? value : secondsIn(value);
  if (!(seconds > 0 && seconds <= MOST_SECONDS)) {
    throw new UsageError(
      `${option}: must be a time of more than 0 and at most 7 days such as 60s or 2m, got '${printable(text, 40)}'`,
    );
  }
  return seconds;
}

function secondsIn(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim());
  const units = { ms: 1e-3, s: 1, m: 60, h: 3600 } as const;
  return match === null ? Number.NaN : Number(match[1]) * units[(match[2] ?? "s") as keyof typeof units];
}

/** An integer as typed, within bounds. */
export function parseInteger(option: string, typed: Typed, least: number, most: number): number {
  const text = String(typed);
  const value = /^-?\d{1,16}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new UsageError(
      `${option}: must be an integer from ${least} to ${most}, got '${printable(text, 40)}'`,
    );
  }
  return value;
}

/** A share as typed, above 0 and below 1: `3%` or `0.03`. A bare `3` is refused, since it may mean either. */
export function parseShare(option: string, value: Typed): number {
  const text = String(value);
  const share = typeof value === "number" ? value : shareIn(value);
  if (!(share > 0 && share < 1)) {
    throw new UsageError(
      `${option}: must be a share above 0 and below 100% such as 3% or 0.03, got '${printable(text, 40)}'`,
    );
  }
  return share;
}

function shareIn(text: string): number {
  const match = /^(\d{1,3}(?:\.\d{1,12})?|\.\d{1,12})\s?(%?)$/.exec(text.trim());
  // Read with its exponent, so that 3% is exactly the number 0.03, which division does not guarantee.
  return match === null ? Number.NaN : Number(match[2] === "%" ? `${match[1]}e-2` : match[1]);
}
