import { Call } from "../call";
import { SCORE_ROW } from "../generated/layout";
import { Lane } from "../lane";
import { spanEnd, spanStart } from "../mask";
import { Gradient } from "./words";

/**
 * Writes the gradients of the logits of a tile, whose columns `low … high-1` are keys from `origin` on, to the rows of their table, or
 * adds them to what other batch entries have brought: those of attended pairs alone. Rows are where their scores are, in another table.
 */
export function writeToTable(call: usize, lane: usize, rows: i32, low: i32, high: i32, origin: i32, spans: usize): void {
  const g = Call.gradient(call);
  const toTable = Gradient.dtable(g) - Call.k(call);
  const adds = Gradient.tableAdds(g);
  for (let r = 0; r < rows; r++) {
    const start = spans == 0 ? low : low + spanStart(spans, r);
    const end = spans == 0 ? high : low + spanEnd(spans, r);
    let from = Lane.products(lane) + <usize>r * SCORE_ROW + (<usize>start << 2);
    const scores: usize = <usize>load<u32>(Lane.rowPlaces(lane) + (<usize>r << 2));
    let to: usize = <usize>(<u32>(scores + toTable)) + (<usize>(origin + start) << 2);
    const last: usize = from + (<usize>(end - start) << 2);
    // Not a number more: what lies beyond may be another row's, and that another thread's.
    for (; from + 16 <= last; from += 16, to += 16) {
      const slopes = v128.load(from);
      v128.store(to, adds ? f32x4.add(v128.load(to), slopes) : slopes);
    }
    for (; from < last; from += 4, to += 4) store<f32>(to, adds ? load<f32>(to) + load<f32>(from) : load<f32>(from));
  }
}
