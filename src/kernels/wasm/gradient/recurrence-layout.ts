import { RECURRENCE } from "../recurrence-layout.ts";

/** What the module and its host agree on for gradients of recurrences; see `../recurrence-layout.ts`. */

/** Words of a gradient of a recurrence, without those of the recurrence. */
const OWN = [
  "dout",
  "dq",
  "dk",
  "dv",
  "dg",
  "dbeta",
  "ddt",
  "ddecay",
  "dwrite",
  "batch",
  "span",
  "sums",
  "sumBytes",
  "tailAt",
  "writeSumsAt",
  "given",
  "plainQueries",
  "plainKeys",
  "plainErasing",
  "douts",
  "written",
  "ofValues",
  "ofQueries",
  "ofKeys",
  "ofErasing",
  "ofLogs",
  "ofReads",
  "ofWrites",
  "shares",
  "products",
  "moreProducts",
  "stateColumns",
  "afterColumns",
  "valuePanels",
  "spanStates",
  "pairedValues",
  "pairedRows",
  "pairedProducts",
] as const;

/** 32-bit words of a prepared gradient, which follow those of its recurrence: `assembly/recurrence/gradient/words.ts` reads them. */
export const BACKWARD = Object.fromEntries(
  OWN.map((name, at) => [name, Object.keys(RECURRENCE).length + at]),
) as Readonly<Record<(typeof OWN)[number], number>>;

/** Tokens that are gone back over together where a token has one decay and erases, and keys of a chunk are much alike. */
export const ERASED_SPAN = 6;

/** Words of both. */
export const BACKWARD_WORDS = Object.keys(RECURRENCE).length + OWN.length;

/**
 * Kinds of items: a slice; what a segment of one leaves of the state's gradient; joining those; a segment, back from the
 * gradient after it; and adding up what weights of a head get.
 */
export const BACKWARD_ITEM = { slice: 0, sum: 1, join: 2, walk: 3, weights: 4 } as const;
