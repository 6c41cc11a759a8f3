/**
 * Rotary positions: pair t of the channels of q and k turns by `position · base^(-2t/d)`, so that a score
 * depends on how far apart query and key are. v is not turned. Su et al. 2021, arXiv 2104.09864.
 */
export interface Turn {
  /** Pair t is channels 2t and 2t + 1 (RoFormer, GPT-J), or t and t + d/2 (GPT-NeoX, LLaMA). */
  readonly layout: TurnLayout;
  readonly base: number;
}

export type TurnLayout = (typeof TURN_LAYOUTS)[number];

export const TURN_LAYOUTS = ["interleaved", "half"] as const;

/** The two channels of pair t in a head of width d. */
export function channelsOf({ layout }: Turn, pair: number, headDim: number): readonly [number, number] {
  return layout === "interleaved" ? [2 * pair, 2 * pair + 1] : [pair, pair + headDim / 2];
}

/** Radians by which pair t turns per token. */
export function turnPerToken({ base }: Turn, pair: number, headDim: number): number {
  return base ** ((-2 * pair) / headDim);
}

/** Why heads of this width cannot be turned; null if they can. */
export function whyNotTurned(headDim: number): string | null {
  return headDim % 2 === 0
    ? null
    : `rope turns channels in pairs, and needs an even head dimension, got ${headDim}`;
}
