import type { Problem } from "../../core/problem.ts";
import { elementCount, FLOAT_BYTES, kvHeadOf, layoutOf, offsetIn } from "../../core/shape.ts";
import { tensorNamed } from "../../core/tensors.ts";
import type { Runnable } from "../kernel.ts";
import type { WindowLayer } from "./windows.ts";

/** Rows taken together. */
export const CHUNK = 64;

/** How the windows of rows are brought into float64, for a product of a chunk of them at once. */
export interface BroughtIn {
  /** `[tokens, d]`: where they are brought to. */
  readonly tokens: Float64Array;
  /** Tokens from the window of a row to that of the next. */
  readonly step: number;
  /** Brings in the windows of `rows` rows from row `first` on, of values that begin at `valuesAt`. */
  bringIn(valuesAt: number, first: number, rows: number): void;
  /** Tokens of v that are read in one head of one batch entry. */
  tokensRead(): number;
}

/** A convolution in chunks of rows, head by head, whatever a window is. */
export function convolutionInChunks(
  { inputs, shape }: Problem,
  layer: WindowLayer,
  { tokens, step, bringIn, tokensRead }: BroughtIn,
  output: Float32Array,
): Runnable {
  const { batch, heads, length, valueDim: d } = shape;
  const [ofV, ofOutput] = [layoutOf(shape, "v"), layoutOf(shape, "output")];
  return {
    run() {
      for (let head = 0; head < heads; head++) {
        layer.load((name) => tensorNamed(inputs, name), head);
        for (let entry = 0; entry < batch; entry++) {
          const valuesAt = offsetIn(ofV, entry, kvHeadOf(shape, head), 0);
          for (let from = 0; from < length; from += CHUNK) {
            const rows = Math.min(CHUNK, length - from);
            bringIn(valuesAt, from, rows);
            layer.write(tokens, 0, rows, output, offsetIn(ofOutput, entry, head, from), step);
          }
        }
      }
    },
    output: () => output,
    workspaceBytes: tokens.byteLength + layer.bytes,
    executedFlops: batch * heads * length * layer.rowFlops,
    get bytes() {
      return FLOAT_BYTES * (batch * heads * tokensRead() * d + elementCount(shape, "output"));
    },
    dispose() {},
  };
}
