import type { Normaliser } from "./normaliser.ts";

/** Ways in which scores become weights. Softmax with a sink is softmax. */
export const NORMALISERS = ["softmax", "relu", "sigmoid"] as const;
export type NormaliserName = (typeof NORMALISERS)[number];

/** What the weights of a row depend on besides its scores. */
export interface RowNumbers {
  readonly normaliser: NormaliserName;
  /** The number of every row, if it does not depend on how many keys the row attends. */
  readonly number: number;
  /** The number of a row of so many keys; null if all are the same. */
  readonly of: ((keys: number) => number) | null;
}

/** The unit of scores: powers of 2, which are cheaper than those of e, unless no power is taken. */
export function scoreUnit(normaliser: Normaliser | undefined): number {
  return normaliser?.kind === "relu" ? 1 : Math.LOG2E;
}

/** Softmax without a sink is softmax whose sink has score -∞. */
export function rowNumbersOf(normaliser: Normaliser | undefined): RowNumbers {
  switch (normaliser?.kind) {
    case undefined:
      return { normaliser: "softmax", number: Number.NEGATIVE_INFINITY, of: null };
    case "sink":
      return { normaliser: "softmax", number: inPowersOf2(normaliser.logit), of: null };
    case "relu": {
      const { alpha } = normaliser;
      // A row without keys is 0.
      const of = alpha === 0 ? null : (keys: number) => (keys === 0 ? 0 : keys ** -alpha);
      return { normaliser: "relu", number: 1, of };
    }
    case "sigmoid": {
      const { bias } = normaliser;
      if (bias !== null) return { normaliser: "sigmoid", number: inPowersOf2(-bias), of: null };
      return { normaliser: "sigmoid", number: 0, of: (keys) => (keys === 0 ? 0 : Math.log2(keys)) };
    }
    default:
      return normaliser satisfies never;
  }
}

/** The largest float32 number: infinity less infinity would be NaN. */
const MOST = 2 ** 127 * (2 - 2 ** -23);

function inPowersOf2(score: number): number {
  return Math.max(-MOST, Math.min(MOST, score * Math.LOG2E));
}
