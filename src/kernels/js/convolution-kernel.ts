import type { Problem } from "../../core/problem.ts";
import { type Convolution, tokensBefore } from "../../mechanisms/convolution/declare.ts";
import type { Runnable } from "../kernel.ts";
import { CHUNK, convolutionInChunks } from "./convolution-rows.ts";
import { WindowLayer } from "./windows.ts";

/**
 * A convolution in chunks of rows: their tokens are brought into float64, with zeros outside the sequence, where
 * each row's window follows the one before by one token, so that a chunk is one product.
 */
export function prepareConvolution(problem: Problem, mechanism: Convolution, output: Float32Array): Runnable {
  const { inputs, shape, causal } = problem;
  const { length, valueDim: d } = shape;
  const before = tokensBefore(mechanism, causal);
  const used = {
    from: Math.max(0, before - (length - 1)),
    to: Math.min(mechanism.taps, length + before),
  };
  const more = used.to - used.from - 1;
  const tokens = new Float64Array((Math.min(CHUNK, length) + more) * d);
  const layer = new WindowLayer(mechanism, used, d, CHUNK);

  /** The tokens of the windows of rows from `row` on, of which some may lie outside the sequence. */
  const bringIn = (valuesAt: number, row: number, rows: number): void => {
    const first = row + used.from - before;
    for (let r = 0; r < rows + more; r++) {
      const token = first + r;
      const at = valuesAt + token * d;
      if (token < 0 || token >= length) tokens.fill(0, r * d, (r + 1) * d);
      else for (let c = 0; c < d; c++) tokens[r * d + c] = inputs.v[at + c];
    }
  };

  /** Tokens within the sequence, chunk by chunk. */
  const tokensRead = (): number => {
    let read = 0;
    for (let from = 0; from < length; from += CHUNK) {
      const first = from + used.from - before;
      const end = first + Math.min(CHUNK, length - from) + more;
      read += Math.max(0, Math.min(length, end) - Math.max(0, first));
    }
    return read;
  };

  return convolutionInChunks(problem, layer, { tokens, step: 1, bringIn, tokensRead }, output);
}
