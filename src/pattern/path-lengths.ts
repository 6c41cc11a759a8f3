import type { Letters, Quantity, TableSize } from "../core/table-one.ts";

/** Layers that go so far if each goes up to `reach`; infinite if none gets anywhere. */
export function layersOver(distance: number, reach: number): number {
  if (distance <= 0) return 0;
  if (reach === Number.POSITIVE_INFINITY) return 1;
  return Math.ceil(distance / reach);
}

/** The path length `⌈distance / reach⌉` as a formula: `distance` as text, the reach by its letter. */
export function pathOver(
  distance: string,
  letter: string,
  reach: number,
  at: (size: TableSize) => number,
): Quantity {
  if (reach === Number.POSITIVE_INFINITY) return { text: "1", at };
  if (reach === 0) return { text: "∞", at };
  return { text: `⌈(${distance})/${letter}⌉`, letters: { [letter]: reach }, at };
}

/** Tokens of which some never meet, unless they are few: those of `together` tokens do at once. */
export function neverPast(together: number): Quantity {
  return { text: "∞", at: ({ length }) => (length <= together ? 1 : Number.POSITIVE_INFINITY) };
}

/** Two layers, by way of one that all meet; one if only those are left, of `together` tokens. */
export function twoPast(together: number, letters?: Letters): Quantity {
  return { text: "2", at: ({ length }) => (length <= together ? 1 : 2), ...(letters && { letters }) };
}

/**
 * A window of `window` keys on each side and every `stride`-th key, of which `others` more tokens are seen by all. Both
 * ways a path goes to the nearer class of residues, on a side that may lie outside the sequence; causal, it cannot turn.
 */
export function windowAndStride(window: number, stride: number, isCausal: boolean, others = 0): Quantity {
  const residue = layersOver(stride - 1, window);
  const letters = { s: stride, w: window };
  const within = (tokens: number) => layersOver(tokens - 1, window);
  const text = window === 0 ? "∞" : isCausal ? "⌈(s − 1)/w⌉ + 1" : "⌈s/2w⌉ + 2";
  return {
    text,
    letters,
    ...(!isCausal && { atMost: true }),
    at({ length }) {
      const tokens = length - others;
      if (tokens <= stride) return Math.max(1, within(tokens));
      if (!isCausal) return Math.min(within(tokens), layersOver(stride, 2 * window) + 2);
      const beyond = 1 + layersOver(Math.min(tokens - 1 - stride, stride - 1), window);
      return Math.max(residue, beyond);
    },
  };
}
