import {
  BACKWARD_afterColumns, BACKWARD_batch, BACKWARD_dbeta, BACKWARD_ddecay, BACKWARD_ddt, BACKWARD_dg, BACKWARD_dk, BACKWARD_dout,
  BACKWARD_douts, BACKWARD_dq, BACKWARD_dv, BACKWARD_dwrite, BACKWARD_given, BACKWARD_moreProducts, BACKWARD_ofErasing, BACKWARD_ofKeys,
  BACKWARD_ofLogs, BACKWARD_ofQueries, BACKWARD_ofReads, BACKWARD_ofValues, BACKWARD_ofWrites, BACKWARD_pairedProducts, BACKWARD_pairedRows, BACKWARD_pairedValues, BACKWARD_plainErasing, BACKWARD_plainKeys,
  BACKWARD_plainQueries, BACKWARD_products, BACKWARD_shares, BACKWARD_span, BACKWARD_stateColumns, BACKWARD_sumBytes, BACKWARD_sums, BACKWARD_tailAt, BACKWARD_spanStates,
  BACKWARD_valuePanels, BACKWARD_writeSumsAt, BACKWARD_written, DECAY_given, DECAY_none, DECAY_fixed,
} from "../../generated/layout";
import { Recurrence } from "../words";

/** The gradient of a prepared recurrence: words that follow those of the recurrence at `r`. */
export class Backward {
  /** Tokens that are gone back over together: a chunk, or a part of one. */
  @inline static span(r: usize): i32 { return load<i32>(r, BACKWARD_span); }
  @inline static batch(r: usize): i32 { return load<i32>(r, BACKWARD_batch); }
  /** Where the rows of a slice are, in a tensor of `width` numbers a token. */
  @inline static dout(r: usize, slice: i32): usize { return rowsOf(r, BACKWARD_dout, slice, Recurrence.valueDim(r)); }
  @inline static dq(r: usize, slice: i32): usize { return rowsOf(r, BACKWARD_dq, slice, Recurrence.d(r)); }
  @inline static dk(r: usize, slice: i32): usize { return rowsOf(r, BACKWARD_dk, slice, Recurrence.d(r)); }
  @inline static dv(r: usize, slice: i32): usize { return rowsOf(r, BACKWARD_dv, slice, Recurrence.valueDim(r)); }
  @inline static dg(r: usize, slice: i32): usize {
    return rowsOf(r, BACKWARD_dg, slice, Recurrence.decayPerChannel(r) ? Recurrence.d(r) : 1);
  }
  @inline static dbeta(r: usize, slice: i32): usize { return rowsOf(r, BACKWARD_dbeta, slice, 1); }
  @inline static ddt(r: usize, slice: i32): usize { return rowsOf(r, BACKWARD_ddt, slice, 1); }
  @inline static ddecay(r: usize): usize { return load<u32>(r, BACKWARD_ddecay); }
  @inline static dwrite(r: usize): usize { return load<u32>(r, BACKWARD_dwrite); }
  /**
   * What a segment of a slice adds to the gradients of weights: rows of `channels` numbers for the decay, `tailAt` bytes further
   * those of A and b, a row each, and at `writeSumsAt` rows for the write.
   */
  @inline static sums(r: usize, index: i32): usize { return <usize>load<u32>(r, BACKWARD_sums) + <usize>index * Backward.sumBytes(r); }
  @inline static sumBytes(r: usize): usize { return load<u32>(r, BACKWARD_sumBytes); }
  @inline static tailAt(r: usize): usize { return load<u32>(r, BACKWARD_tailAt); }
  @inline static writeSumsAt(r: usize): usize { return load<u32>(r, BACKWARD_writeSumsAt); }
  /** Whether decays follow from anything that has a gradient. */
  @inline static learnsDecays(r: usize): bool {
    const decay = Recurrence.decay(r);
    return decay != DECAY_none && decay != DECAY_fixed;
  }
  @inline static givesDecays(r: usize): bool { return Recurrence.decay(r) == DECAY_given; }
}

@inline
function rowsOf(r: usize, word: usize, slice: i32, width: i32): usize {
  return <usize>load<u32>(r + word) + (<usize>slice * Recurrence.length(r) * width << 2);
}

/** What one thread writes on its way back, in its scratch `s`: rows of tokens lie `QUERY_ROW` bytes apart, products `SCORE_ROW`. */
export class Rows {
  /** k as it is given. */
  @inline static given(r: usize, s: usize): usize { return s + load<u32>(r, BACKWARD_given); }
  /** What reads, what is written by and what asks for what is erased, without decays; the lane's own rows get those. */
  @inline static queries(r: usize, s: usize): usize { return s + load<u32>(r, BACKWARD_plainQueries); }
  @inline static keys(r: usize, s: usize): usize { return s + load<u32>(r, BACKWARD_plainKeys); }
  @inline static erasing(r: usize, s: usize): usize { return s + load<u32>(r, BACKWARD_plainErasing); }
  @inline static douts(r: usize, s: usize): usize { return s + load<u32>(r, BACKWARD_douts); }
  /** What is written: v, without what is erased. */
  @inline static written(r: usize, s: usize): usize { return s + load<u32>(r, BACKWARD_written); }
  /** The gradients of those. */
  @inline static ofQueries(r: usize, s: usize): usize { return s + load<u32>(r, BACKWARD_ofQueries); }
  @inline static ofKeys(r: usize, s: usize): usize { return s + load<u32>(r, BACKWARD_ofKeys); }
  @inline static ofErasing(r: usize, s: usize): usize { return s + load<u32>(r, BACKWARD_ofErasing); }
  @inline static ofValues(r: usize, s: usize): usize { return s + load<u32>(r, BACKWARD_ofValues); }
  /** Gradients of ln α and of β, channel by channel. */
  @inline static ofLogs(r: usize, s: usize): usize { return s + load<u32>(r, BACKWARD_ofLogs); }
  /** What decays up to those of a token get of what it reads of the state before the chunk. */
  @inline static ofReads(r: usize, s: usize): usize { return s + load<u32>(r, BACKWARD_ofReads); }
  @inline static ofWrites(r: usize, s: usize): usize { return s + load<u32>(r, BACKWARD_ofWrites); }
  /** What is left of a token when a later one reads it: of a token as rows of scores; channel by channel of all tokens up to one. */
  @inline static shares(r: usize, s: usize): usize { return s + load<u32>(r, BACKWARD_shares); }
  /** Gradients of scores, and of what erases. */
  @inline static products(r: usize, s: usize): usize { return s + load<u32>(r, BACKWARD_products); }
  @inline static moreProducts(r: usize, s: usize): usize { return s + load<u32>(r, BACKWARD_moreProducts); }
  /** The state before a chunk and the gradient of that after it, `[valueDim, channels]`. */
  @inline static stateColumns(r: usize, s: usize): usize { return s + load<u32>(r, BACKWARD_stateColumns); }
  @inline static afterColumns(r: usize, s: usize): usize { return s + load<u32>(r, BACKWARD_afterColumns); }
  /**
   * Where something is erased: rows of two kinds in turn, `PANEL_QUERIES` of each, in which what is read and what is taken away
   * meet: dout and the gradients of what is written, queries and what asks, those with decays, and products of pairs.
   */
  @inline static pairedValues(r: usize, s: usize): usize { return s + load<u32>(r, BACKWARD_pairedValues); }
  @inline static pairedRows(r: usize, s: usize): usize { return s + load<u32>(r, BACKWARD_pairedRows); }
  @inline static pairedProducts(r: usize, s: usize): usize { return s + load<u32>(r, BACKWARD_pairedProducts); }
  /** States before the spans of a chunk, as they are kept. */
  @inline static states(r: usize, s: usize): usize { return s + load<u32>(r, BACKWARD_spanStates); }
  @inline static valuePanels(r: usize, s: usize): usize { return s + load<u32>(r, BACKWARD_valuePanels); }
}
