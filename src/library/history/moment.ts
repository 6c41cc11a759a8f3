import { printable, UsageError } from "../../core/errors.ts";

/** What an option says is a time, with its zone, or a day: ISO 8601 in UTC, as histories have it. */
export function momentOf(option: string, text: string): string {
  const time = FORM.test(text) ? Date.parse(text) : Number.NaN;
  const found = Number.isNaN(time) ? "" : new Date(time).toISOString();
  // Years beyond 9999 are written with a sign.
  if (/^\d{4}-/.test(found)) return found.replace(".000Z", "Z");
  throw new UsageError(
    `${option}: must be a day or a time with its zone, such as 2026-07-01T12:00:00Z, got ${printable(text, 40)}`,
  );
}

const FORM = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;
