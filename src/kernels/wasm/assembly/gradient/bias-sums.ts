import { PANEL_QUERIES, SCORE_ROW } from "../generated/layout";
import { Lane } from "../lane";
import { add } from "./keys";

/**
 * Adds the gradients of a panel's logits, in columns `from … to-1`, multiples of 8, to the sums of the biases that they read, which
 * are `gap` bytes further on. Columns are as `addBias` has them.
 */
export function addToBiases(
  lane: usize, gradients: usize, first: i32, rows: i32, origin: i32, inOrder: bool, from: i32, to: i32, gap: usize,
): void {
  const offset: usize = <usize>from << 2;
  for (let r = first; r < min(rows, first + PANEL_QUERIES); r++) {
    const biases: usize = <usize>(<u32>(<usize>load<u32>(Lane.rowPlaces(lane) + (<usize>r << 2)) + gap));
    const row = gradients + <usize>(r - first) * SCORE_ROW + offset;
    if (inOrder) add(row, <usize>(to - from) << 2, <usize>(<u32>(biases + (<usize>origin << 2) + offset)));
    else addOneByOne(row, Lane.keyPlaces(lane) + offset, to - from, biases);
  }
}

/** Several columns may read the same bias. */
function addOneByOne(row: usize, places: usize, count: i32, biases: usize): void {
  for (const end = row + (<usize>count << 2); row < end; row += 4) {
    const at = <usize>(<u32>(biases + <usize>load<u32>(places)));
    store<f32>(at, load<f32>(at) + load<f32>(row));
    places += 4;
  }
}
