import { FLOAT_BYTES } from "../../../core/shape.ts";
import { type Score, vectorsOf } from "../../../pairwise/score.ts";
import type { CallWords, ScratchPlan } from "../call.ts";
import { ACTIVATION, SCORE, SCORE_WORDS } from "../layout.ts";
import type { CallMemory } from "./call-memory.ts";

/** The call whose scores are made otherwise than by products. */
interface ScoredCall {
  readonly heads: number;
  readonly headDim: number;
  /** The factor that scores have in the call. */
  readonly unit: number;
  /** Whether a score must be as exact as its terms are, and not only as its differences to others. */
  readonly exact: boolean;
  /** A learned vector of all heads, by its name. */
  readonly vector: (name: string) => Float32Array;
}

/** What the scores of all heads are made with, one head behind the other. */
export interface HeadScores {
  readonly words: CallWords;
  /** Where the numbers of a head are. */
  ofHead(head: number): number;
  /** Writes a head's numbers as they are now. */
  refresh(head: number): void;
}

/** What a call says of scores that are products. */
export const PRODUCTS: CallWords = { activation: ACTIVATION.none, splits: 0, score: 0 };

/**
 * Of q and k numbers up to this size have their powers taken: of two channels both `1 + e^2q e^2k` multiplied
 * are no more than e^84, which float32 holds.
 */
const POWERS_LIMIT = 10.5;

/** Numbers of a packed key. */
export function packedChannels(score: Score | undefined, headDim: number): number {
  if (score === undefined || score.kind === "leaky") return headDim;
  return score.kind === "split" ? 1 : 2 * headDim + 1;
}

/** Makes room for what scores are made with. Returns what writes it, once there is memory. */
export function planScores(
  score: Score,
  { heads, headDim, unit, exact, vector }: ScoredCall,
  plan: ScratchPlan,
): (memory: CallMemory) => HeadScores {
  const rowFloats = Math.ceil(headDim / 8) * 8;
  const names = Object.keys(vectorsOf(score));
  const headWords = SCORE_WORDS + names.length * rowFloats;
  const at = plan.words(heads * headWords);
  return (memory) => {
    const start = memory.place(at);
    const headBytes = headWords * FLOAT_BYTES;
    const refresh = (head: number): void => {
      const own = memory.arena.floats(start + head * headBytes, headWords);
      let sum = 0;
      for (const [place, name] of names.entries()) {
        const learned = vector(name).subarray(head * headDim, (head + 1) * headDim);
        const scaled = own.subarray(SCORE_WORDS + place * rowFloats);
        for (let i = 0; i < headDim; i++) {
          scaled[i] = unit * learned[i];
          sum += scaled[i];
        }
        scaled.fill(0, headDim, rowFloats);
      }
      own[SCORE.start] = sum;
      own[SCORE.slope] = score.kind === "tanh" ? 0 : score.slope;
      // No number is as small as a limit below 0.
      own[SCORE.limit] = exact ? -1 : POWERS_LIMIT;
      own[SCORE.one] = 1;
    };
    for (let head = 0; head < heads; head++) refresh(head);
    return {
      words: {
        activation: activationOf(score),
        splits: Number(score.kind === "split"),
        scoreBytes: headBytes,
      },
      ofHead: (head) => start + head * headBytes,
      refresh,
    };
  };
}

function activationOf(score: Score): number {
  if (score.kind === "tanh") return ACTIVATION.tanh;
  // The larger of x and slope · x is the leaky x as long as the slope is at most 1.
  return score.slope <= 1 ? ACTIVATION.leaky : ACTIVATION.steep;
}
