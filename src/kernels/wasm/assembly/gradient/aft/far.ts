import { carriedOf } from "../../aft-chunks";
import { Call } from "../../call";
import { exp2 } from "../../softmax";
import { Back } from "./words";

/**
 * Adds to the sums of keys, numbers `first … end-1` of their rows, what rows bring whose windows they are beyond: sums over the rows from
 * some on, and unless the call is causal up to some. What a sum of so many terms rounds away is carried on (Kahan 1965, doi
 * 10.1145/363707.363723).
 */
export function addFarRows(call: usize, first: i32, end: i32): void {
  const length = Call.length(call);
  const window = Call.window(call);
  for (let i: usize = <usize>first << 2; i < <usize>end << 2; i += 16) {
    let sum = f32x4.splat(0), carried = f32x4.splat(0);
    for (let key = length - 1, row = length - 1; key >= 0; key--) {
      for (; row >= key + window; row--) {
        const term = f32x4.sub(alongOf(call, row, i), carried);
        const total = f32x4.add(sum, term);
        carried = carriedOf(total, sum, term);
        sum = total;
      }
      addTo(call, key, i, sum);
    }
    if (Call.causal(call)) continue;
    sum = f32x4.splat(0);
    carried = f32x4.splat(0);
    for (let key = 0, row = 0; key < length; key++) {
      for (; row <= key - window; row++) {
        const term = f32x4.sub(alongOf(call, row, i), carried);
        const total = f32x4.add(sum, term);
        carried = carriedOf(total, sum, term);
        sum = total;
      }
      addTo(call, key, i, sum);
    }
  }
}

/** What a row brings to a key without a bias. */
@inline
function alongOf(call: usize, row: i32, i: usize): v128 {
  const largest = v128.load32_splat(Call.leftMaxima(call) + (<usize>row << 3));
  return f32x4.mul(exp2(f32x4.neg(largest)), v128.load(Back.along(Call.gradient(call), row) + i));
}

@inline
function addTo(call: usize, key: i32, i: usize, sum: v128): void {
  const at = Back.sums(Call.gradient(call), key) + i;
  v128.store(at, f32x4.add(v128.load(at), sum));
}
