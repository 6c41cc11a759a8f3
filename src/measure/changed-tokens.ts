import { randomStream } from "../core/random.ts";
import { rowOffset } from "../core/shape.ts";
import type { StepWindow } from "../core/step-window.ts";
import type { AttentionInputs } from "../core/tensors.ts";

/** Tokens before a window whose numbers change from pass to pass: the last, which windows attend, the first, and some others. */
const LAST = 64;
const FIRST = 16;
const OTHERS = 8;

/** What is other in one pass over a window than in the passes before. */
export interface ChangedTokens {
  /** Tokens before the window that have other numbers. */
  readonly before: readonly number[];
  /** Negates one element each of k and v, and in every other pass of q, of every changed token in every head. Undoes itself to the bit. */
  apply(): void;
}

/**
 * The changes of pass `pass`; none in pass 0. Every token of the window has other numbers in each pass, and so have some before it:
 * what is remembered of an earlier pass is wrong in this one.
 */
export function changedTokens(
  inputs: AttentionInputs,
  { first, steps }: StepWindow,
  pass: number,
): ChangedTokens {
  const { shape } = inputs;
  const { batch, heads, headDim } = shape;
  if (pass === 0) return { before: [], apply: () => {} };
  const random = randomStream(pass, first);
  const before = new Set<number>();
  for (let token = Math.max(0, first - LAST); token < first; token++) before.add(token);
  for (let token = 0; token < Math.min(FIRST, first); token++) before.add(token);
  for (let other = 0; other < OTHERS && first > 0; other++) before.add(random.below(first));
  const tokens = [...before, ...Array.from({ length: steps }, (_, step) => first + step)];
  return {
    before: [...before],
    apply() {
      for (const token of tokens) {
        for (let slice = 0; slice < batch * heads; slice++) {
          const at =
            rowOffset(shape, Math.floor(slice / heads), slice % heads, token) + ((pass + token) % headDim);
          // In every other pass q is as it was: what is remembered by q alone is then wrong, too.
          if (pass % 2 === 0) inputs.q[at] = -inputs.q[at];
          inputs.k[at] = -inputs.k[at];
          inputs.v[at] = -inputs.v[at];
        }
      }
    },
  };
}
