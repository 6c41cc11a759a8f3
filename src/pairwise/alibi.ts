import type { Bias } from "./bias.ts";

/**
 * ALiBi: a score loses `slope · |i - j|`, each head with a slope of its own. Press, Smith, Lewis 2021, arXiv
 * 2108.12409; bidirectional by the distance, which the paper leaves open.
 */
export function alibi(): Bias {
  return {
    text: "alibi",
    bind({ head, heads }) {
      const slope = alibiSlope(head, heads);
      return {
        at: (query, key) => -slope * Math.abs(query - key),
        of: (distance) => -slope * Math.abs(distance),
      };
    },
  };
}

/**
 * `2^(-8(h+1)/H)` where the number of heads is a power of two; otherwise the slopes of the power below, then
 * every second one of twice that power.
 */
export function alibiSlope(head: number, heads: number): number {
  const power = 2 ** Math.floor(Math.log2(heads));
  if (head < power) return 2 ** ((-8 * (head + 1)) / power);
  return 2 ** ((-8 * (2 * (head - power) + 1)) / (2 * power));
}
