import { Call } from "../call";
import {
  HIDDEN_ITEM_back, HIDDEN_ITEM_make, HIDDEN_adds, HIDDEN_dhidden, HIDDEN_dq, HIDDEN_dweights, HIDDEN_hidden, HIDDEN_weights, ITEM_BYTES,
  PANEL_KEYS, PANEL_QUERIES, QUERIES, QUERY_ROW,
} from "../generated/layout";
import { scoresTile } from "../generated/micro";
import { Lane } from "../lane";
import { projectQueries } from "../learned-scores";
import { copyRows } from "../pack";
import { writeScaled } from "../rows";
import { addOuterRows, writeOuter } from "./outer";

/** What queries are made of in a layer of one head, `h = relu(W q)`, W `[d, d]`, and back: 32-bit words written by the host. */
class Hidden {
  /** h and its gradient, `[queries, d]`. */
  @inline static hidden(words: usize): usize { return load<u32>(words, HIDDEN_hidden); }
  @inline static dhidden(words: usize): usize { return load<u32>(words, HIDDEN_dhidden); }
  @inline static weights(words: usize): usize { return load<u32>(words, HIDDEN_weights); }
  @inline static dq(words: usize): usize { return load<u32>(words, HIDDEN_dq); }
  @inline static dweights(words: usize): usize { return load<u32>(words, HIDDEN_dweights); }
  /** Whether dW has what other batch entries have brought. */
  @inline static adds(words: usize): bool { return load<i32>(words, HIDDEN_adds) != 0; }
}

/** The items `from … to`, which threads share out: rows of h; rows of dq; rows of dW. */
export function runHiddenItems(call: usize, lane: usize, from: usize, to: usize): void {
  for (let item = from; item < to; item += ITEM_BYTES) {
    const kind = load<i32>(item, 0);
    const first = load<i32>(item, 4);
    const end = load<i32>(item, 8);
    if (kind == HIDDEN_ITEM_make) for (let row = first; row < end; row += QUERIES) makeRows(call, lane, row, min(QUERIES, end - row));
    else if (kind == HIDDEN_ITEM_back) for (let row = first; row < end; row += QUERIES) rowsBack(call, lane, row, min(QUERIES, end - row));
    else weightsBack(call, lane, first, end);
  }
}

function makeRows(call: usize, lane: usize, first: i32, rows: i32): void {
  const d = Call.d(call);
  const bytes: usize = <usize>d << 2;
  copyRows(Call.q(call) + <usize>first * bytes, bytes, rows, bytes, Lane.queries(lane), QUERY_ROW);
  projectQueries(call, lane, rows);
  const to = Hidden.hidden(Call.gradient(call)) + <usize>first * bytes;
  for (let r = 0; r < rows; r++) writeScaled(Lane.queries(lane) + <usize>r * QUERY_ROW, d, 1, to + <usize>r * bytes);
}

/** `dq = (dh where h > 0) W`, and leaves that of dh in its place. */
function rowsBack(call: usize, lane: usize, first: i32, rows: i32): void {
  const d = Call.d(call);
  const bytes: usize = <usize>d << 2;
  const words = Call.gradient(call);
  const hidden = Hidden.hidden(words) + <usize>first * bytes;
  const slopes = Hidden.dhidden(words) + <usize>first * bytes;
  // What comes to a unit that is shut goes no further.
  for (let i: usize = 0; i < <usize>rows * bytes; i += 4) if (!(load<f32>(hidden + i) > 0)) store<f32>(slopes + i, 0);
  copyRows(slopes, bytes, rows, bytes, Lane.queries(lane), QUERY_ROW);
  for (let i: usize = 0; i < bytes; i += PANEL_KEYS << 2) {
    for (let r = 0; r < rows; r += PANEL_QUERIES) {
      const row: usize = <usize>r * QUERY_ROW;
      scoresTile(rows - r, Lane.queries(lane) + row, Hidden.weights(words) + i, bytes, Lane.projected(lane) + row + i, QUERY_ROW, d);
    }
  }
  const dq = Hidden.dq(words) + <usize>first * bytes;
  for (let r = 0; r < rows; r++) writeScaled(Lane.projected(lane) + <usize>r * QUERY_ROW, d, 1, dq + <usize>r * bytes);
}

/** Rows `first … end - 1` of `dW = dhᵀ q`. */
function weightsBack(call: usize, lane: usize, first: i32, end: i32): void {
  const d = Call.d(call);
  const bytes: usize = <usize>d << 2;
  const words = Call.gradient(call);
  const sums = Lane.output(lane);
  for (let unit = first; unit < end; unit += PANEL_QUERIES) {
    const units = min(PANEL_QUERIES, end - unit);
    memory.fill(sums, 0, <usize>PANEL_QUERIES * QUERY_ROW);
    addOuterRows(lane, Hidden.dhidden(words) + (<usize>unit << 2), bytes, units, Call.q(call), bytes, d, Call.length(call), sums);
    writeOuter(sums, units, d, Hidden.dweights(words) + <usize>unit * bytes, Hidden.adds(words));
  }
}
