import { Call } from "../call";
import {
  GRADIENT_adds, GRADIENT_biasAt, GRADIENT_biasBytes, GRADIENT_biasSums, GRADIENT_blocks, GRADIENT_dk, GRADIENT_dq, GRADIENT_dtable, GRADIENT_dv, GRADIENT_groups, GRADIENT_joined, GRADIENT_kept,
  GRADIENT_ofKeys, GRADIENT_ofQueries, GRADIENT_out, GRADIENT_packedValues, GRADIENT_partialKeys, GRADIENT_partialValues, GRADIENT_queryFactor, GRADIENT_ranges,
  GRADIENT_refines, GRADIENT_segments, GRADIENT_sums, GRADIENT_tableAdds, GRADIENT_tables, GRADIENT_turnedKeys, GRADIENT_width, IN_PLACE, KEY_BLOCK,
} from "../generated/layout";

/**
 * The gradient of one head of attention over tiles: 32-bit words at `g`, written by the host. Of the call's own words `out` is
 * where dout is, and `width` the width of a row of dv's sums.
 */
export class Gradient {
  /** What the forward pass left: out `[queries, valueDim]`, or 0 if its product with dout is 0 in every row, and of each row its maximum and what its weights are multiplied by. */
  @inline static out(g: usize): usize { return load<u32>(g, GRADIENT_out); }
  @inline static sums(g: usize): usize { return load<u32>(g, GRADIENT_sums); }
  /** The gradients: dq `[queries, d]`, dk `[length, d]`, dv `[length, valueDim]`. */
  @inline static dq(g: usize): usize { return load<u32>(g, GRADIENT_dq); }
  @inline static dk(g: usize): usize { return load<u32>(g, GRADIENT_dk); }
  @inline static dv(g: usize): usize { return load<u32>(g, GRADIENT_dv); }
  /** Where scores are given: the gradients of the head's table, rows as the table has them, and whether other batch entries have brought theirs. */
  @inline static dtable(g: usize): usize { return load<u32>(g, GRADIENT_dtable); }
  @inline static tableAdds(g: usize): bool { return load<i32>(g, GRADIENT_tableAdds) != 0; }
  /** Whether the means of rows with one large weight are summed anew, of the products that they are taken from. */
  @inline static refines(g: usize): bool { return load<i32>(g, GRADIENT_refines) != 0; }
  /** Where gradients of queries are joined, if each group of tokens leaves its own in dq, by their places in its lists; 0 if not. */
  @inline static joined(g: usize): usize { return load<u32>(g, GRADIENT_joined); }
  /** Sums of dq between passes: `[queries, width]`. */
  @inline static kept(g: usize): usize { return load<u32>(g, GRADIENT_kept); }
  /** Floats of a row of dq's and dk's sums: d up to a whole panel. What lies beyond the former is never read. */
  @inline static width(g: usize): i32 { return load<i32>(g, GRADIENT_width); }
  /** What queries are multiplied by where they are brought in, as keys are by the call's factor; and what sums of dq and of dk are. */
  @inline static queryFactor(g: usize): f32 { return load<f32>(g, GRADIENT_queryFactor); }
  @inline static ofQueries(g: usize): f32 { return load<f32>(g, GRADIENT_ofQueries); }
  @inline static ofKeys(g: usize): f32 { return load<f32>(g, GRADIENT_ofKeys); }
  /** Values in natural order, `[key / PANEL_KEYS, valueDim, PANEL_KEYS]`, where keys are packed so; and turned keys `[length, d]`. */
  @inline static packedValues(g: usize): usize { return load<u32>(g, GRADIENT_packedValues); }
  @inline static turnedKeys(g: usize): usize { return load<u32>(g, GRADIENT_turnedKeys); }
  /** Where a segment keeps the sums of each block of keys: the number of one of the blocks of sums, or `IN_PLACE`, or `UNTOUCHED`. */
  @inline static table(g: usize, segment: i32): usize {
    return <usize>load<u32>(g, GRADIENT_tables) + (<usize>(segment * Gradient.blocks(g)) << 2);
  }
  @inline static blocks(g: usize): i32 { return load<i32>(g, GRADIENT_blocks); }
  @inline static segments(g: usize): i32 { return load<i32>(g, GRADIENT_segments); }
  /** Whether dk and dv have the gradients of other heads already, to which those of this one are added. */
  @inline static adds(g: usize): bool { return load<i32>(g, GRADIENT_adds) != 0; }
  /** Groups of rows: the task that opens each, in words, its first row there, and how many; and ranges of groups. */
  @inline static groups(g: usize): usize { return load<u32>(g, GRADIENT_groups); }
  @inline static ranges(g: usize): usize { return load<u32>(g, GRADIENT_ranges); }
  /** The sums of biases of a segment, from the margin before them on; 0 if biases have no gradient. */
  @inline static biasTable(g: usize, segment: i32): usize {
    const first: usize = load<u32>(g, GRADIENT_biasSums);
    return first == 0 ? 0 : first + <usize>segment * Gradient.biasBytes(g);
  }
  /** Where the sum of distance 0 is among those. */
  @inline static biasSums(g: usize, segment: i32): usize {
    return Gradient.biasTable(g, segment) + <usize>load<u32>(g, GRADIENT_biasAt);
  }
  @inline static biasBytes(g: usize): usize { return load<u32>(g, GRADIENT_biasBytes); }
}

/** Bytes of a row of dk's sums, and of dv's. */
@inline
export function keyBytes(g: usize): usize { return <usize>Gradient.width(g) << 2; }
@inline
export function valueBytes(call: usize): usize { return <usize>Call.width(call) << 2; }

/** Where a segment, of which this is the table, keeps the sum of dk of a key that it touches. */
export function keySum(g: usize, table: usize, key: i32): usize {
  const slot = load<i32>(table + (<usize>(key / KEY_BLOCK) << 2));
  if (slot == IN_PLACE) return Gradient.dk(g) + <usize>key * keyBytes(g);
  return <usize>load<u32>(g, GRADIENT_partialKeys) + <usize>(slot * KEY_BLOCK + key % KEY_BLOCK) * keyBytes(g);
}

/** The same of dv. */
export function valueSum(call: usize, g: usize, table: usize, key: i32): usize {
  const slot = load<i32>(table + (<usize>(key / KEY_BLOCK) << 2));
  if (slot == IN_PLACE) return Gradient.dv(g) + <usize>key * valueBytes(call);
  return <usize>load<u32>(g, GRADIENT_partialValues) + <usize>(slot * KEY_BLOCK + key % KEY_BLOCK) * valueBytes(call);
}
