import { Call } from "./call";
import {
  KEPT_block, KEPT_blocks, KEPT_capacity, KEPT_choice, KEPT_gateWeights, KEPT_keys, KEPT_meanValues, KEPT_most, KEPT_rule, KEPT_sums,
  KEPT_summaries, KEPT_summaryBytes, KEPT_values, KEPT_window,
} from "./generated/layout";

/**
 * What decoding by a rule keeps: 32-bit words at `Call.selection`, written by the host. Every head of k and v of a batch entry is a
 * slice: rows of keys and of values, filled up with zeros to a multiple of 8 floats, and rows that summarise its blocks.
 */
export class Kept {
  @inline static rule(call: usize): i32 { return load<i32>(Call.selection(call), KEPT_rule); }
  @inline static block(call: usize): i32 { return load<i32>(Call.selection(call), KEPT_block); }
  @inline static most(call: usize): i32 { return load<i32>(Call.selection(call), KEPT_most); }
  @inline static window(call: usize): i32 { return load<i32>(Call.selection(call), KEPT_window); }
  /** The first row of a slice's keys, and of its values. */
  @inline static keys(call: usize, slice: i32): usize {
    return rowsOf(call, KEPT_keys, slice, load<i32>(Call.selection(call), KEPT_capacity), <usize>Call.keyWidth(call) << 2);
  }
  @inline static values(call: usize, slice: i32): usize {
    return rowsOf(call, KEPT_values, slice, load<i32>(Call.selection(call), KEPT_capacity), <usize>Call.width(call) << 2);
  }
  /** Rows that queries are compared with: means of keys, or what is most in them and then what is least. */
  @inline static summaryBytes(call: usize): usize { return load<u32>(Call.selection(call), KEPT_summaryBytes); }
  @inline static summaries(call: usize, slice: i32): usize {
    return rowsOf(call, KEPT_summaries, slice, load<i32>(Call.selection(call), KEPT_blocks), Kept.summaryBytes(call));
  }
  /** Rows of means of values. */
  @inline static meanValues(call: usize, slice: i32): usize {
    return rowsOf(call, KEPT_meanValues, slice, load<i32>(Call.selection(call), KEPT_blocks), <usize>Call.width(call) << 2);
  }
  /** Sums of the block under way in float64: d of keys and then those of values. */
  @inline static sums(call: usize, slice: i32): usize {
    return rowsOf(call, KEPT_sums, slice, 1, <usize>(Call.d(call) + Call.valueDim(call)) << 3);
  }
  /** What was chosen for a head of q of a batch entry. */
  @inline static choice(call: usize, reader: i32): usize {
    return rowsOf(call, KEPT_choice, reader, 1, <usize>Kept.most(call) << 2);
  }
  /** Weights of the gates: `[3, heads, d]`, and their heads. */
  @inline static gateWeights(call: usize, row: i32): usize { return rowsOf(call, KEPT_gateWeights, row, 1, <usize>Call.d(call) << 2); }
}

/** Where rows of a slice begin. */
@inline
function rowsOf(call: usize, word: usize, slice: i32, rows: i32, rowBytes: usize): usize {
  return <usize>load<u32>(Call.selection(call) + word) + <usize>slice * <usize>rows * rowBytes;
}
