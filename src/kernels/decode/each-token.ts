import { layoutOf, offsetIn } from "../../core/shape.ts";
import type { AttentionInputs } from "../../core/tensors.ts";

/**
 * Visits the key and value of tokens `from … to - 1`, head by head of k and v: where each begins. For prefills, which may
 * allocate; steps may not.
 */
export function eachToken(
  inputs: AttentionInputs,
  { from, to }: { readonly from: number; readonly to: number },
  visit: (slice: number, token: number, keyAt: number, valueAt: number) => void,
): void {
  const { batch, kvHeads } = inputs.shape;
  const [ofK, ofV] = [layoutOf(inputs.shape, "k"), layoutOf(inputs.shape, "v")];
  for (let slice = 0; slice < batch * kvHeads; slice++) {
    const [entry, kvHead] = [Math.floor(slice / kvHeads), slice % kvHeads];
    for (let token = from; token < to; token++) {
      visit(slice, token, offsetIn(ofK, entry, kvHead, token), offsetIn(ofV, entry, kvHead, token));
    }
  }
}
