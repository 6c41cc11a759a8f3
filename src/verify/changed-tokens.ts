import { layoutOf, offsetIn, QKV } from "../core/shape.ts";
import type { StepWindow } from "../core/step-window.ts";
import type { AttentionInputs } from "../core/tensors.ts";

/**
 * Tokens before a window whose numbers change from pass to pass: the last, which windows attend, the first,
 * and some of all others.
 */
const LAST = 64;
const FIRST = 16;
const EVERY = 16;
/** Passes after which changes come again. */
const SIZES = 2 ** 18;

/** What differs in one pass over a window from the passes before. */
export interface ChangedTokens {
  /** Tokens before the window that have other numbers. */
  readonly before: readonly number[];
  /**
   * Changes one element each of k and v, and in every other pass of q, of every changed token in every head.
   */
  apply(): void;
  /** Undoes that. */
  undo(): void;
}

/**
 * The changes of pass `pass`; none in pass 0. Every token of the window has different numbers in each pass,
 * and so do some before it: anything cached from an earlier pass is wrong in this one.
 */
export function changedTokens(
  inputs: AttentionInputs,
  { first, steps }: StepWindow,
  pass: number,
): ChangedTokens {
  const { shape } = inputs;
  if (pass === 0) return { before: [], apply: () => {}, undo: () => {} };
  const before: number[] = [];
  for (let token = 0; token < first; token++) {
    if (token < FIRST || token >= first - LAST || (token + pass) % EVERY === 0) before.push(token);
  }
  const tokens = [...before, ...Array.from({ length: steps }, (_, step) => first + step)];
  // In every other pass q is as it was: anything cached by q alone is then wrong as well.
  const names = pass % 2 === 0 ? QKV : (["k", "v"] as const);
  const changes = names.map((name) => {
    const layout = layoutOf(shape, name);
    const places = tokens.flatMap((token) =>
      Array.from(
        { length: layout.batch * layout.heads },
        (_, slice) => offsetIn(layout, 0, slice, token) + ((pass + token) % layout.width),
      ),
    );
    return { tensor: inputs[name], places };
  });
  const factor = -1 - (pass % SIZES) / SIZES;
  let saved: readonly Float32Array[] = [];
  return {
    before,
    apply() {
      saved = changes.map(({ tensor, places }) => Float32Array.from(places, (at) => tensor[at]));
      for (const { tensor, places } of changes) for (const at of places) tensor[at] *= factor;
    },
    undo() {
      for (const [index, { tensor, places }] of changes.entries()) {
        for (const [site, at] of places.entries()) tensor[at] = saved[index][site];
      }
    },
  };
}
