import { Call } from "../call";
import { SCORE_ROW } from "../generated/layout";
import { Lane } from "../lane";
import { isSet, spanEnd, spanStart } from "../mask";
import { exp2 } from "../softmax";
import { LEAST } from "../weigh";
import { Gradient } from "./words";

/**
 * The mean `Σ_j p_j (dout·v_j)` of a row is `dout·out`, of which roundings are others than those of its terms: where one weight is nearly
 * all, what is left of `dout·v_j` less it is little else. Such rows go through their keys twice, for the mean of those very terms first.
 */

/** The largest weight of a row is its factor: above this its mean is summed. */
const LARGE: f32 = 0.5;

export function isPeaked(call: usize, lane: usize, rows: i32): bool {
  if (!Gradient.refines(Call.gradient(call))) return false;
  for (let r = 0; r < rows; r++) if (load<f32>(Lane.total(lane) + (<usize>r << 2)) > LARGE) return true;
  return false;
}

/** Sums of a row: of its weighted terms, and of its weights, float64 each. */
export function clearMeans(lane: usize, rows: i32): void { memory.fill(Lane.parts(lane), 0, <usize>rows << 4); }

/** Adds a tile, whose keys are columns `low … high-1` of scores and of products. */
export function addToMeans(lane: usize, rows: i32, low: i32, high: i32, spans: usize, bits: usize, bitsRow: usize): void {
  for (let r = 0; r < rows; r++) {
    const maximum = max(LEAST, load<f32>(Lane.maximum(lane) + (<usize>r << 2)));
    const scores = Lane.scores(lane) + <usize>r * SCORE_ROW + (<usize>low << 2);
    const products = Lane.products(lane) + <usize>r * SCORE_ROW + (<usize>low << 2);
    const end = spans == 0 ? high - low : spanEnd(spans, r);
    const sums = Lane.parts(lane) + (<usize>r << 4);
    let sum = load<f64>(sums, 0), total = load<f64>(sums, 8);
    for (let key = spans == 0 ? 0 : spanStart(spans, r); key < end; key++) {
      if (bits != 0 && !isSet(bits + <usize>r * bitsRow, key)) continue;
      const at: usize = <usize>key << 2;
      const weight = <f64>f32x4.extract_lane(exp2(f32x4.splat(load<f32>(scores + at) - maximum)), 0);
      sum += weight * <f64>load<f32>(products + at);
      total += weight;
    }
    store<f64>(sums, sum, 0);
    store<f64>(sums, total, 8);
  }
}

/** Takes the means that have been summed. */
export function closeMeans(lane: usize, rows: i32): void {
  for (let r = 0; r < rows; r++) {
    const sums = Lane.parts(lane) + (<usize>r << 4);
    const total = load<f64>(sums, 8);
    if (total > 0) store<f32>(Lane.means(lane) + (<usize>r << 2), <f32>(load<f64>(sums, 0) / total));
  }
}
