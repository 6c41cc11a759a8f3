import * as z from "zod";
import type { Place } from "../compare/place.ts";
import { device } from "../record/schema/device.ts";
import { environment } from "../record/schema/result-lines.ts";

/**
 * The lines of a history: a first line that says what the file is, one line an entry, and one for each change that was
 * accepted. Their order means nothing, and
 * the first line may be there again, so that git can merge two versions of the file by keeping the lines of both.
 * `docs/history.md` says the same in prose.
 */

/** Raised whenever a reader of the old form would misread the new one. */
export const HISTORY_SCHEMA_VERSION = 1;

/** Characters of a cell's name: far more than any plan makes. */
export const MOST_NAME = 2000;

/** Characters of why a change was accepted. */
export const MOST_REMARK = 1000;

const place = environment
  .pick({
    cpu: true,
    cores: true,
    cores_allowed: true,
    caches: true,
    memory_bytes: true,
    cpu_features: true,
    governor: true,
    on_battery: true,
    os: true,
    browser: true,
    node: true,
    v8: true,
    flags: true,
    kernels: true,
  } satisfies Record<Exclude<keyof Place, "devices">, true>)
  .extend({
    devices: z
      .array(
        device.pick({
          kernel: true,
          vendor: true,
          architecture: true,
          device: true,
          driver: true,
          toggles: true,
        }),
      )
      .optional(),
  });

function form(pattern: RegExp, rule: string) {
  return z.string().refine((text) => pattern.test(text), rule);
}

/** Four digits of a year, so that texts sort as times do. */
const moment = z
  .string()
  .refine(
    (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(text) && !Number.isNaN(Date.parse(text)),
    "must be a time in UTC, such as 2026-07-01T12:00:00Z",
  );

/** Seconds of a cell, by its name: its median, and the ends of the median's interval if it has one. */
const cells = z.custom<Readonly<Record<string, readonly [number] | readonly [number, number, number]>>>(
  (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    // Not `z.record`: a name may be one that objects have anyway.
    const entries = Object.entries(value);
    return entries.length > 0 && entries.every(([name, times]) => isName(name) && isTimes(times));
  },
  `must hold the median of each cell, or its median, low and high, from 1e-12 to 1e9 seconds, under names of 1 to ${MOST_NAME} characters, none of which is a control character`,
);

/** Whether a history takes the name of a cell: also other programs show it. */
export function isName(name: string): boolean {
  return name.length > 0 && name.length <= MOST_NAME && name.isWellFormed() && !/\p{Cc}/u.test(name);
}

function isTimes(times: unknown): boolean {
  if (!Array.isArray(times) || (times.length !== 1 && times.length !== 3)) return false;
  if (!times.every((one) => typeof one === "number" && one >= 1e-12 && one <= 1e9)) return false;
  return times.length === 1 || (times[1] <= times[0] && times[0] <= times[2]);
}

const historyHead = z.strictObject({
  type: z.literal("history"),
  schema: z.literal(HISTORY_SCHEMA_VERSION),
});

const commit = form(/^([0-9a-f]{40}|[0-9a-f]{64})$/, "must be 40 or 64 hexadecimal digits");

const entryLine = z.strictObject({
  type: z.literal("entry"),
  id: form(/^[0-9a-f]{16}$/, "must be 16 hexadecimal digits"),
  commit,
  committed: moment,
  measured: moment,
  source: z.enum(["run", "gate", "sweep"]),
  dirty: z.literal(true).optional(),
  class: form(/^[a-z0-9][a-z0-9-]{0,39}$/, "must be small letters, digits and dashes").optional(),
  place,
  cells,
});

/** Text of a person, on one line. */
const remark = z
  .string()
  .refine(
    (text) =>
      text.trim() !== "" && text.length <= MOST_REMARK && text.isWellFormed() && !/\p{Cc}/u.test(text),
    `must be of 1 to ${MOST_REMARK} characters, none of which is a control character`,
  );

const acceptedLine = z.strictObject({
  type: z.literal("accepted"),
  commit,
  cells: z
    .array(z.string().refine(isName, "must be the pattern of a cell's name"))
    .min(1)
    .readonly()
    .optional(),
  why: remark,
  accepted: moment,
});

export const historyLine = z.discriminatedUnion("type", [historyHead, entryLine, acceptedLine]);

export type EntryLine = z.infer<typeof entryLine>;
export type AcceptedLine = z.infer<typeof acceptedLine>;
export type HistoryLine = z.infer<typeof historyLine>;
