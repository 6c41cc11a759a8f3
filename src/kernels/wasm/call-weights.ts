import { FLOAT_BYTES } from "../../core/shape.ts";
import { type AttentionInputs, tensorNamed } from "../../core/tensors.ts";
import { Arena } from "./arena.ts";
import { type Call, homeOf, type ScratchPlan } from "./call.ts";

/** Where inputs of a call besides q, k and v are, such as weights. */
export interface CallWeights {
  /** The address of an element of one of them. */
  at(name: string, element?: number): number;
  /** Copies those that are not read in place: before each call, since they may have changed. */
  refresh(): void;
}

/**
 * Inputs by their names: read in place where they lie in the memory of the call's tensors, as those that the
 * harness allocates do, and copied into scratch on each call otherwise.
 */
export function planWeights(
  inputs: AttentionInputs,
  output: Float32Array,
  names: readonly string[],
  plan: ScratchPlan,
): (call: Call) => CallWeights {
  const home = homeOf(inputs, output);
  const planned = names.map((name) => {
    const values = tensorNamed(inputs, name);
    const inPlace = home !== undefined && Arena.of([values]) === home;
    return { name, values, place: inPlace ? null : plan.words(values.length) };
  });
  return (call) => {
    const starts = new Map<string, number>();
    const copies: Array<{ readonly from: Float32Array; readonly to: Float32Array }> = [];
    for (const { name, values, place } of planned) {
      starts.set(name, place === null ? values.byteOffset : call.place(place));
      if (place !== null)
        copies.push({ from: values, to: call.arena.floats(call.place(place), values.length) });
    }
    return {
      at(name, element = 0) {
        const start = starts.get(name);
        if (start === undefined) throw new TypeError(`call: it was planned without ${name}`);
        return start + element * FLOAT_BYTES;
      },
      refresh() {
        for (const { from, to } of copies) to.set(from);
      },
    };
  };
}
