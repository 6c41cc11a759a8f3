import {
  LANE_attended, LANE_classKeys, LANE_classValues, LANE_divisors, LANE_exact, LANE_features, LANE_floors, LANE_keyPlaces, LANE_keyRows,
  LANE_best, LANE_counted, LANE_douts, LANE_keySums, LANE_means, LANE_order, LANE_products, LANE_rowSpans, LANE_starts, LANE_tileSpans,
  LANE_largest, LANE_local, LANE_made, LANE_mapScratch, LANE_marks, LANE_maximum, LANE_otherRows, LANE_output, LANE_own,
  LANE_panels, LANE_parts, LANE_powers, LANE_projected, LANE_queries, LANE_queryRows, LANE_rowPlaces, LANE_rows, LANE_scores,
  LANE_across, LANE_pairSums, LANE_rowSlopes, LANE_scratch, LANE_shown, LANE_slopes, LANE_spans, LANE_spare, LANE_stack, LANE_state, LANE_total, LANE_turned,
  LANE_valueRows,
} from "./generated/layout";

/** What one thread writes and no other: pointers to its scratch. Each kernel uses those that it has laid out. */
export class Lane {
  /** Queries, or their features: rows `QUERY_ROW` bytes apart. */
  @inline static queries(lane: usize): usize { return load<u32>(lane, LANE_queries); }
  /** Scores and then weights of a tile: rows `SCORE_ROW` bytes apart. */
  @inline static scores(lane: usize): usize { return load<u32>(lane, LANE_scores); }
  /** Unnormalised output, `[QUERIES, width]`. */
  @inline static output(lane: usize): usize { return load<u32>(lane, LANE_output); }
  @inline static maximum(lane: usize): usize { return load<u32>(lane, LANE_maximum); }
  @inline static total(lane: usize): usize { return load<u32>(lane, LANE_total); }
  /** First and last column of each panel of queries in the tile under way. */
  @inline static spans(lane: usize): usize { return load<u32>(lane, LANE_spans); }
  /** A panel of queries: -∞ for rows that attend nothing in the tile, and numbers of each row in 4 parts. */
  @inline static floors(lane: usize): usize { return load<u32>(lane, LANE_floors); }
  @inline static parts(lane: usize): usize { return load<u32>(lane, LANE_parts); }
  @inline static scratch(lane: usize): usize { return load<u32>(lane, LANE_scratch); }
  /** Packed keys of one residue class, and its values. */
  @inline static classKeys(lane: usize): usize { return load<u32>(lane, LANE_classKeys); }
  @inline static classValues(lane: usize): usize { return load<u32>(lane, LANE_classValues); }
  /** A panel of turned keys: rows `QUERY_ROW` bytes apart. Gathering: one turned row. */
  @inline static turned(lane: usize): usize { return load<u32>(lane, LANE_turned); }
  /** For each row of a group where the bias of a key at place 0 is, or its row of a table of scores, and for each column of a tile 4 times its key's place. */
  @inline static rowPlaces(lane: usize): usize { return load<u32>(lane, LANE_rowPlaces); }
  @inline static keyPlaces(lane: usize): usize { return load<u32>(lane, LANE_keyPlaces); }
  /** Powers of the queries in rows `QUERY_ROW` bytes apart, and for each row all bits where it is beyond their limit. */
  @inline static powers(lane: usize): usize { return load<u32>(lane, LANE_powers); }
  @inline static marks(lane: usize): usize { return load<u32>(lane, LANE_marks); }
  /**
   * Scores of a panel of queries without powers: rows `SCORE_ROW` bytes apart, and then the constants of tanh. Gathering: those
   * constants. Decoding: those, and then what each query adds to split scores.
   */
  @inline static exact(lane: usize): usize { return load<u32>(lane, LANE_exact); }
  /** Queries made of q: rows `QUERY_ROW` bytes apart. */
  @inline static projected(lane: usize): usize { return load<u32>(lane, LANE_projected); }
  /** Chunks up to which class keys and class values have been made, the last of them in a ring: one number. */
  @inline static made(lane: usize): usize { return load<u32>(lane, LANE_made); }
  /** Keys and values of a block of rows, relative to the largest key so far, and that: `[QUERIES, width]`, `[width / 2]`. */
  @inline static own(lane: usize): usize { return load<u32>(lane, LANE_own); }
  @inline static largest(lane: usize): usize { return load<u32>(lane, LANE_largest); }
  /** Features of a chunk of keys: rows `QUERY_ROW` bytes apart, and packed. */
  @inline static features(lane: usize): usize { return load<u32>(lane, LANE_features); }
  @inline static panels(lane: usize): usize { return load<u32>(lane, LANE_panels); }
  /** The state of a segment by itself, and with all segments before it. */
  @inline static local(lane: usize): usize { return load<u32>(lane, LANE_local); }
  @inline static state(lane: usize): usize { return load<u32>(lane, LANE_state); }
  @inline static divisors(lane: usize): usize { return load<u32>(lane, LANE_divisors); }
  /** What features of a chunk are made of, where it is not q and k themselves: rows `QUERY_ROW` bytes apart. */
  @inline static queryRows(lane: usize): usize { return load<u32>(lane, LANE_queryRows); }
  @inline static keyRows(lane: usize): usize { return load<u32>(lane, LANE_keyRows); }
  /** One row of a few numbers a channel. */
  @inline static mapScratch(lane: usize): usize { return load<u32>(lane, LANE_mapScratch); }
  /** Fourier transforms: rows of complex numbers. */
  @inline static rows(lane: usize): usize { return load<u32>(lane, LANE_rows); }
  @inline static otherRows(lane: usize): usize { return load<u32>(lane, LANE_otherRows); }
  @inline static spare(lane: usize): usize { return load<u32>(lane, LANE_spare); }
  /** Groups of tokens: what tells which pairs some group before has seen, rows of a number for each key; a bit for each pair of a tile. */
  @inline static shown(lane: usize): usize { return load<u32>(lane, LANE_shown); }
  @inline static attended(lane: usize): usize { return load<u32>(lane, LANE_attended); }
  /** Choosing: the best of each row of a group, as `best.ts` has them. */
  @inline static best(lane: usize): usize { return load<u32>(lane, LANE_best); }
  /** Rows in the order of the blocks that they chose, and where each block's begin. */
  @inline static order(lane: usize): usize { return load<u32>(lane, LANE_order); }
  @inline static starts(lane: usize): usize { return load<u32>(lane, LANE_starts); }
  /** The keys that each row of a group attends, and those within a tile. */
  @inline static rowSpans(lane: usize): usize { return load<u32>(lane, LANE_rowSpans); }
  @inline static tileSpans(lane: usize): usize { return load<u32>(lane, LANE_tileSpans); }
  /** Gradients: products of dout and values, and then gradients of logits, rows as those of scores, behind which they lie. */
  @inline static products(lane: usize): usize { return load<u32>(lane, LANE_products); }
  /** Rows of dout as those of queries; the product of each with its output; and sums of a panel of keys. */
  @inline static douts(lane: usize): usize { return load<u32>(lane, LANE_douts); }
  @inline static means(lane: usize): usize { return load<u32>(lane, LANE_means); }
  @inline static keySums(lane: usize): usize { return load<u32>(lane, LANE_keySums); }
  /** Gradients of feature maps: rows of values and a 1 behind each; the slopes of a panel of features; and those of the rows they are of. */
  @inline static valueRows(lane: usize): usize { return load<u32>(lane, LANE_valueRows); }
  @inline static slopes(lane: usize): usize { return load<u32>(lane, LANE_slopes); }
  @inline static rowSlopes(lane: usize): usize { return load<u32>(lane, LANE_rowSlopes); }
  /** The state of the queries that follow, `[features, width]`; and the transposed states of keys before each chunk of a segment. */
  @inline static across(lane: usize): usize { return load<u32>(lane, LANE_across); }
  @inline static stack(lane: usize): usize { return load<u32>(lane, LANE_stack); }
  /** Operations that were done, a float64. */
  @inline static counted(lane: usize): usize { return load<u32>(lane, LANE_counted); }
  /** Chains on the way back: of each row the sums that its mean is of, two f64. */
  @inline static pairSums(lane: usize): usize { return load<u32>(lane, LANE_pairSums); }
}
