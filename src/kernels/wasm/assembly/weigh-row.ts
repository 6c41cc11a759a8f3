import { Call } from "./call";
import { NORMALISER_relu, NORMALISER_softmax } from "./generated/layout";
import { exp2, joinMaxima, joinSums, rowMaximum, rowWeights } from "./softmax";
import { LEAST } from "./weigh";
import { rectifyRow } from "./weigh-relu";
import { logisticRow } from "./weigh-sigmoid";

/**
 * Turns the `count` scores of a row, at least one, into weights, and returns what their sum of values is to be multiplied by. Behind
 * them must be room for eight more. `numbers` are those of the rows, of which it has the one
 * `word` bytes on, or 0 if all have the same; `parts` is scratch.
 */
@inline
export function weighRow(call: usize, numbers: usize, word: usize, scores: usize, count: i32, parts: usize): f32 {
  const end: usize = scores + (<usize>count << 2);
  v128.store(end, f32x4.splat(-Infinity), 0);
  v128.store(end, f32x4.splat(-Infinity), 16);
  const columns = (count + 7) & ~7;
  const normaliser = Call.normaliser(call);
  if (normaliser == NORMALISER_softmax) return softmaxRow(scores, columns, Call.rowNumber(call), parts);
  const number = numbers == 0 ? Call.rowNumber(call) : load<f32>(numbers + word);
  if (normaliser == NORMALISER_relu) {
    rectifyRow(scores, columns);
    return number;
  }
  logisticRow(scores, columns, number);
  return 1;
}

/** The weights of softmax with a sink, whose score is -∞ if there is none. */
@inline
function softmaxRow(scores: usize, columns: i32, sink: f32, parts: usize): f32 {
  rowMaximum(scores, columns, parts);
  const largest = f32x4.extract_lane(joinMaxima(parts), 0);
  const maximum = sink > largest ? sink : largest;
  // Less a maximum of -∞, scores of -∞ would be NaN.
  rowWeights(scores, columns, f32x4.pmax(f32x4.splat(LEAST), f32x4.splat(maximum)), parts);
  const total = f32x4.extract_lane(joinSums(parts), 0);
  if (sink == -Infinity) return 1 / total;
  return 1 / (total + f32x4.extract_lane(exp2(f32x4.splat(sink - maximum)), 0));
}
