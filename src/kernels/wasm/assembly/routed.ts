import { Call } from "./call";
import {
  PANEL_KEYS, QUERY_ROW, ROUTED_assigned, ROUTED_bitWords, ROUTED_centres, ROUTED_clusters, ROUTED_endCentre, ROUTED_factors,
  ROUTED_firstCentre, ROUTED_inverses, ROUTED_keyBits, ROUTED_keys, ROUTED_maxima, ROUTED_outputs, ROUTED_queries, ROUTED_round,
  ROUTED_segmentTokens, ROUTED_segments, ROUTED_slots, ROUTED_starts, ROUTED_sumBytes, ROUTED_sums, ROUTED_takerAt, ROUTED_takers,
  ROUTED_totals, ROUTED_units, ROUTED_window,
} from "./generated/layout";

/**
 * Tokens that centres take: 32-bit words at `routed`, written by the host. Rows are the queries and then the keys of a head. Roy et
 * al. 2020, arXiv 2003.05997.
 */
export class Routed {
  /** The rows that centres begin at, as float32 numbers. */
  @inline static starts(routed: usize): usize { return load<u32>(routed, ROUTED_starts); }
  @inline static clusters(routed: usize): i32 { return load<i32>(routed, ROUTED_clusters); }
  @inline static window(routed: usize): i32 { return load<i32>(routed, ROUTED_window); }
  /** All rows brought to length 1, packed; those of keys begin with a panel. */
  @inline static units(routed: usize): usize { return load<u32>(routed, ROUTED_units); }
  /** What brings each row to length 1: in float64, 0 for a row of zeros, and in float32 for packing. */
  @inline static inverses(routed: usize): usize { return load<u32>(routed, ROUTED_inverses); }
  @inline static factors(routed: usize): usize { return load<u32>(routed, ROUTED_factors); }
  /** The centre of each row in each round, `[rounds, 2 · length]`, and the round under way. */
  @inline static assigned(routed: usize): usize { return load<u32>(routed, ROUTED_assigned); }
  @inline static round(routed: usize): i32 { return load<i32>(routed, ROUTED_round); }
  /** Centres, rows `QUERY_ROW` bytes apart. */
  @inline static centre(routed: usize, centre: i32): usize { return <usize>load<u32>(routed, ROUTED_centres) + <usize>centre * QUERY_ROW; }
  /** Sums of the rows of each centre, and before them how many they are: float64 `[clusters, 1 + d]` for each segment of rows. */
  @inline static sums(routed: usize, segment: i32): usize {
    return <usize>load<u32>(routed, ROUTED_sums) + <usize>segment * <usize>load<u32>(routed, ROUTED_sumBytes);
  }
  /** Segments of the queries, and of the keys as many more. */
  @inline static segments(routed: usize): i32 { return load<i32>(routed, ROUTED_segments); }
  @inline static segmentTokens(routed: usize): i32 { return load<i32>(routed, ROUTED_segmentTokens); }
  /** The tokens that each centre takes, rising, `[clusters, window]`. */
  @inline static queries(routed: usize): usize { return load<u32>(routed, ROUTED_queries); }
  @inline static keys(routed: usize): usize { return load<u32>(routed, ROUTED_keys); }
  /** Where the takers of each query begin, `[length + 1]`, which centres they are, rising, and the query's place among all that are taken. */
  @inline static takerAt(routed: usize): usize { return load<u32>(routed, ROUTED_takerAt); }
  @inline static takers(routed: usize): usize { return load<u32>(routed, ROUTED_takers); }
  @inline static slots(routed: usize): usize { return load<u32>(routed, ROUTED_slots); }
  /** A bit for each centre that takes a key, `[length, bitWords]`. */
  @inline static keyBits(routed: usize): usize { return load<u32>(routed, ROUTED_keyBits); }
  @inline static bitWords(routed: usize): i32 { return load<i32>(routed, ROUTED_bitWords); }
  /** The centres under way, and the state of each query that they take: maxima, sums, and unnormalised output `[taken, width]`. */
  @inline static firstCentre(routed: usize): i32 { return load<i32>(routed, ROUTED_firstCentre); }
  @inline static endCentre(routed: usize): i32 { return load<i32>(routed, ROUTED_endCentre); }
  @inline static maxima(routed: usize): usize { return load<u32>(routed, ROUTED_maxima); }
  @inline static totals(routed: usize): usize { return load<u32>(routed, ROUTED_totals); }
  @inline static outputs(routed: usize): usize { return load<u32>(routed, ROUTED_outputs); }
}

/** Where a row of queries or keys begins. */
@inline
export function rowAt(call: usize, row: i32): usize {
  const bytes: usize = <usize>Call.d(call) << 2;
  const length = Call.length(call);
  return row < length ? Call.q(call) + <usize>row * bytes : Call.k(call) + <usize>(row - length) * bytes;
}

/** Packed rows of queries, and of keys. */
@inline
export function unitsOf(call: usize, ofKeys: bool): usize {
  const length = Call.length(call);
  const padded = (length + PANEL_KEYS - 1) / PANEL_KEYS * PANEL_KEYS;
  return Routed.units(Call.routed(call)) + (ofKeys ? <usize>padded * (<usize>Call.d(call) << 2) : 0);
}
