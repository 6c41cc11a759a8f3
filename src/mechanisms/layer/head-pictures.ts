import type { HeadPicture, HeadPictures } from "../../core/head-pictures.ts";
import { bindBiases } from "../../pairwise/bind-biases.ts";
import { shiftsOf } from "../../pairwise/shift-bias.ts";
import type { ShiftedBias } from "./as-convolution.ts";

/** Tokens that are drawn beyond the farthest at which a head looks. */
const MARGIN = 2;

/** Where heads that look a fixed shift away look from a token: softmax of their biases over all tokens. */
export function headPictures(bias: ShiftedBias, length: number, token: number): HeadPictures {
  const { width: imageWidth, side } = bias.shifts;
  const width = imageWidth ?? length;
  const height = length / width;
  const [row, column] = [Math.floor(token / width), token % width];
  const reach = Math.ceil(side / 2) + MARGIN;
  const [top, left] = [Math.max(0, row - reach), Math.max(0, column - reach)];
  const bottom = Math.min(height, row + reach + 1);
  const right = Math.min(width, column + reach + 1);
  const shifts = shiftsOf(bias.shifts);
  const bound = bindBiases(bias, { heads: shifts.length, causal: false });
  const heads = shifts.map((shift, head): HeadPicture => {
    const scores = Float64Array.from({ length }, (_, key) => bound[head].at(token, key));
    const most = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const powers = scores.map((score) => Math.exp(score - most));
    const total = powers.reduce((sum, one) => sum + one, 0);
    const seen = scores.indexOf(most);
    const weights = new Float64Array((bottom - top) * (right - left));
    for (let r = top; r < bottom; r++) {
      for (let c = left; c < right; c++) {
        weights[(r - top) * (right - left) + c - left] = powers[r * width + c] / total;
      }
    }
    return {
      head,
      shift,
      seen: { row: Math.floor(seen / width), column: seen % width, weight: powers[seen] / total },
      weights,
    };
  });
  return {
    isImage: imageWidth !== null,
    top,
    left,
    height: bottom - top,
    width: right - left,
    row: row - top,
    column: column - left,
    across: side,
    heads,
  };
}
