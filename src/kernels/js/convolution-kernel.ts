import type { Problem } from "../../core/problem.ts";
import { elementCount, FLOAT_BYTES, kvHeadOf, layoutOf, offsetIn } from "../../core/shape.ts";
import { tensorNamed } from "../../core/tensors.ts";
import { type Convolution, tokensBefore } from "../../mechanisms/convolution/declare.ts";
import type { Runnable } from "../kernel.ts";
import { WindowLayer } from "./windows.ts";

/** Rows taken together. */
const CHUNK = 64;

/**
 * A convolution in chunks of rows: their tokens are brought into float64, with zeros outside the sequence, where
 * each row's window follows the one before by one token, so that a chunk is one product.
 */
export function prepareConvolution(problem: Problem, mechanism: Convolution, output: Float32Array): Runnable {
  const { inputs, shape, causal } = problem;
  const { batch, heads, length, valueDim: d } = shape;
  const before = tokensBefore(mechanism, causal);
  const used = {
    from: Math.max(0, before - (length - 1)),
    to: Math.min(mechanism.taps, length + before),
  };
  const more = used.to - used.from - 1;
  const tokens = new Float64Array((Math.min(CHUNK, length) + more) * d);
  const layer = new WindowLayer(mechanism, used, d, CHUNK);
  const [ofV, ofOutput] = [layoutOf(shape, "v"), layoutOf(shape, "output")];

  /** Tokens `first … first + count - 1`, of which some may lie outside the sequence. */
  const bringIn = (valuesAt: number, first: number, count: number): void => {
    for (let r = 0; r < count; r++) {
      const token = first + r;
      const at = valuesAt + token * d;
      if (token < 0 || token >= length) tokens.fill(0, r * d, (r + 1) * d);
      else for (let c = 0; c < d; c++) tokens[r * d + c] = inputs.v[at + c];
    }
  };

  return {
    run() {
      for (let head = 0; head < heads; head++) {
        layer.load((name) => tensorNamed(inputs, name), head);
        for (let entry = 0; entry < batch; entry++) {
          const valuesAt = offsetIn(ofV, entry, kvHeadOf(shape, head), 0);
          for (let from = 0; from < length; from += CHUNK) {
            const rows = Math.min(CHUNK, length - from);
            bringIn(valuesAt, from + used.from - before, rows + more);
            layer.write(tokens, 0, rows, output, offsetIn(ofOutput, entry, head, from));
          }
        }
      }
    },
    output: () => output,
    workspaceBytes: tokens.byteLength + layer.bytes,
    executedFlops: batch * heads * length * layer.rowFlops,
    get bytes() {
      let tokensRead = 0;
      for (let from = 0; from < length; from += CHUNK) {
        const first = from + used.from - before;
        const end = first + Math.min(CHUNK, length - from) + more;
        tokensRead += Math.max(0, Math.min(length, end) - Math.max(0, first));
      }
      return FLOAT_BYTES * (batch * heads * tokensRead * d + elementCount(shape, "output"));
    },
    dispose() {},
  };
}
