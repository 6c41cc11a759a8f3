import type { Problem } from "../../core/problem.ts";
import { FLOAT_BYTES, layoutOf, offsetIn, shapeOf } from "../../core/shape.ts";
import { tensorNamed } from "../../core/tensors.ts";
import type { SoftmaxPattern } from "../../mechanisms/softmax-pattern/declare.ts";
import { type Dense, type Factors, LEARNED } from "../../mechanisms/synthesizer/declare.ts";
import { everything } from "../../pattern/band.ts";
import type { Runnable } from "../kernel.ts";
import { hiddenQueries } from "./hidden-queries.ts";
import { prepareTiles } from "./tile-kernel.ts";

/** What softmax attention of tables is to the tile kernel. */
const ATTENTION: SoftmaxPattern = { kind: "softmaxPattern", pattern: everything(), scale: 1 };

/**
 * Synthesizers whose logits are products: softmax attention whose keys, and whose queries unless they are made of q, are
 * what was learned, the same in all batch entries. Each entry is a call of the tile kernel.
 */
export function prepareTableAttention(
  problem: Problem,
  logits: Factors | Dense,
  output: Float32Array,
): Runnable {
  const { shape, inputs } = problem;
  const { batch, heads, length, headDim, valueDim } = shape;
  const dense = logits.kind === "dense";
  const width = dense ? headDim : logits.rank;
  const hidden = new Float32Array(dense ? heads * length * width : 0);
  const q = dense ? hidden : tensorNamed(inputs, LEARNED.ofQueries);
  const k = tensorNamed(inputs, dense ? LEARNED.ofHidden : LEARNED.ofKeys);
  const one = shapeOf({ batch: 1, heads, length, headDim: width, valueDim });
  const values = heads * length * valueDim;
  const entries = Array.from({ length: batch }, (_, entry) => {
    const own = (array: Float32Array): Float32Array => array.subarray(entry * values, (entry + 1) * values);
    const ofEntry = { shape: one, q, k, v: own(inputs.v) };
    return prepareTiles({ ...problem, shape: one, inputs: ofEntry }, ATTENTION, own(output));
  });
  const project = (entry: number): void => {
    const weights = tensorNamed(inputs, LEARNED.hidden);
    for (let head = 0; head < heads; head++) {
      const at = offsetIn(layoutOf(shape, "q"), entry, head, 0);
      const weightsAt = head * width * width;
      hiddenQueries(inputs.q, at, length, width, weights, weightsAt, hidden, head * length * width);
    }
  };
  const sumOf = (count: (one: Runnable) => number | null): number =>
    entries.reduce((sum, prepared) => sum + (count(prepared) ?? 0), 0);
  const projected = dense ? batch * heads * length : 0;
  return {
    run() {
      for (let entry = 0; entry < batch; entry++) {
        if (dense) project(entry);
        entries[entry].run();
      }
    },
    output: () => output,
    workspaceBytes: hidden.byteLength + sumOf(({ workspaceBytes }) => workspaceBytes),
    get executedFlops() {
      return sumOf(({ executedFlops }) => executedFlops) + 2 * projected * width ** 2;
    },
    get bytes() {
      // Tiles count the queries that are made. For each number of them a row of q and one of the matrix are read.
      return sumOf(({ bytes }) => bytes) + FLOAT_BYTES * projected * width * (2 * width - 1);
    },
    dispose() {},
  };
}
