import {
  MOST_VALUES, STEP_adds, STEP_along, STEP_before, STEP_best, STEP_bestScores, STEP_bias, STEP_biasSums, STEP_by, STEP_bySums, STEP_centres, STEP_channels, STEP_codes,
  STEP_factor, STEP_kind, STEP_leftOut, STEP_less, STEP_logAlong, STEP_logSign, STEP_logSums, STEP_members, STEP_of, STEP_ofSums, STEP_order, STEP_ownKeys,
  STEP_packed, STEP_packedValues, STEP_partialBytes, STEP_partials, STEP_rest, STEP_rowMeans, STEP_scale, STEP_segmentRows, STEP_segments, STEP_shares,
  STEP_size, STEP_starts, STEP_sums, STEP_to, STEP_valueSums, STEP_values, STEP_width,
} from "./generated/layout";

/** A step of a chain: 32-bit words at `step`, written by the host. Each kind uses those that it needs; a matrix is 0 if there is none. */
export class Step {
  @inline static kind(step: usize): i32 { return load<i32>(step, STEP_kind); }
  /** What it is made of: queries, or the left side of a product. 0 for queries that are the unit vectors. */
  @inline static of(step: usize): usize { return load<u32>(step, STEP_of); }
  /** Keys, or the right side of a product. 0 for keys that are the unit vectors. */
  @inline static by(step: usize): usize { return load<u32>(step, STEP_by); }
  /** Values and the results that they make, up to `MOST_VALUES`. */
  @inline static values(step: usize, index: i32): usize { return index < MOST_VALUES ? load<u32>(step + (<usize>index << 2), STEP_values) : 0; }
  @inline static to(step: usize, index: i32 = 0): usize { return load<u32>(step + (<usize>index << 2), STEP_to); }
  /** What is added to the scores of each key: one column. */
  @inline static bias(step: usize): usize { return load<u32>(step, STEP_bias); }
  /** Where `ln Σ_j exp(score_j)` of each row goes, and what it is to be taken from, if anything. */
  @inline static logSums(step: usize): usize { return load<u32>(step, STEP_logSums); }
  @inline static less(step: usize): usize { return load<u32>(step, STEP_less); }
  /** Keys `[key / PANEL_KEYS, channels, PANEL_KEYS]`: their own channels times the factor, and behind them the bias if there is one. */
  @inline static packed(step: usize): usize { return load<u32>(step, STEP_packed); }
  @inline static channels(step: usize): i32 { return load<i32>(step, STEP_channels); }
  /** Scores: their scale times log2(e). */
  @inline static factor(step: usize): f32 { return load<f32>(step, STEP_factor); }
  /** Floats of a row of unnormalised output: the widths of all values, up to whole panels. */
  @inline static width(step: usize): i32 { return load<i32>(step, STEP_width); }
  /** Query i attends the first `(i + 1 + before) / size` keys alone; all if size is 0. Means: rows of a segment, or 0 if balanced. Blocks: their rows. Inverses: iterations. */
  @inline static size(step: usize): i32 { return load<i32>(step, STEP_size); }
  /** Convolutions: rows of values before the first row of the result. Clusters: 1 in the last round. */
  @inline static before(step: usize): i32 { return load<i32>(step, STEP_before); }
  /** Rows of a segment, how many segments there are, and the partial result of each. */
  @inline static segmentRows(step: usize): i32 { return load<i32>(step, STEP_segmentRows); }
  @inline static segments(step: usize): i32 { return load<i32>(step, STEP_segments); }
  @inline static partial(step: usize, segment: i32): usize {
    return <usize>load<u32>(step, STEP_partials) + <usize>segment * load<u32>(step, STEP_partialBytes);
  }
  @inline static partialBytes(step: usize): usize { return load<u32>(step, STEP_partialBytes); }
  /** Clusters: which one each row is in, i32; the code of each row and of each centre, u64. */
  @inline static members(step: usize): usize { return load<u32>(step, STEP_members); }
  @inline static codes(step: usize): usize { return load<u32>(step, STEP_codes); }
  @inline static centres(step: usize): usize { return load<u32>(step, STEP_centres); }
  /** The rows whose codes the centres are at first: one row of a matrix. */
  @inline static starts(step: usize): usize { return load<u32>(step, STEP_starts); }
  /** Rows by their clusters, i32. */
  @inline static order(step: usize): usize { return load<u32>(step, STEP_order); }
  /** The best `size` keys of each cluster, i32, and their scores, f64. */
  @inline static best(step: usize): usize { return load<u32>(step, STEP_best); }
  @inline static bestScores(step: usize): usize { return load<u32>(step, STEP_bestScores); }
  /** How many best keys of each cluster its mean does not attend to. */
  @inline static leftOut(step: usize): i32 { return load<i32>(step, STEP_leftOut); }
  /** Blocks: the keys behind those of `by`. */
  @inline static ownKeys(step: usize): usize { return load<u32>(step, STEP_ownKeys); }
  /** What the other keys make of each cluster, a matrix, and the share of its weight that the best keys have, f32. */
  @inline static rest(step: usize): usize { return load<u32>(step, STEP_rest); }
  @inline static shares(step: usize): usize { return load<u32>(step, STEP_shares); }
  /** Where the maximum of each row, in powers of 2, and the factor of its weights are left or found, two f32 a row; 0 if they are not. */
  @inline static sums(step: usize): usize { return load<u32>(step, STEP_sums); }
  /** Products: whether they are added to the result. */
  @inline static adds(step: usize): bool { return load<i32>(step, STEP_adds) != 0; }
  /** Gradients: what comes to each result. */
  @inline static along(step: usize, index: i32 = 0): usize { return load<u32>(step + (<usize>index << 2), STEP_along); }
  /** Matrices to which the gradients of what a step read are added; 0 if nobody asks for them. */
  @inline static ofSums(step: usize): usize { return load<u32>(step, STEP_ofSums); }
  @inline static bySums(step: usize): usize { return load<u32>(step, STEP_bySums); }
  @inline static biasSums(step: usize): usize { return load<u32>(step, STEP_biasSums); }
  @inline static valueSums(step: usize, index: i32): usize { return load<u32>(step + (<usize>index << 2), STEP_valueSums); }
  /** What comes to the log-sums of rows, if they have a gradient, and the sign that it has in the mean of a row; those means, two f32 a row. */
  @inline static logAlong(step: usize): usize { return load<u32>(step, STEP_logAlong); }
  @inline static logSign(step: usize): f32 { return load<f32>(step, STEP_logSign); }
  @inline static rowMeans(step: usize): usize { return load<u32>(step, STEP_rowMeans); }
  /** The factor on products, which scores have besides log2(e). */
  @inline static scale(step: usize): f32 { return load<f32>(step, STEP_scale); }
  /** Values `[key / PANEL_KEYS, columns, PANEL_KEYS]`. */
  @inline static packedValues(step: usize, index: i32): usize { return load<u32>(step + (<usize>index << 2), STEP_packedValues); }
}
