import {
  ACTIVATION_tanh, CALL_activation, CALL_after, CALL_angles, CALL_before, CALL_bias, CALL_biasBytes, CALL_blocks,
  CALL_blockTokens, CALL_cachesPerHead, CALL_causal, CALL_cell, CALL_cellChannels, CALL_cellHeads, CALL_cellWeightBytes,
  CALL_cellWeights, CALL_channels, CALL_checksValues, CALL_d, CALL_factor, CALL_filterCount, CALL_filters, CALL_filtersPacked,
  CALL_finite, CALL_firstQuery, CALL_form, CALL_fourier, CALL_gradient, CALL_hashed, CALL_k, CALL_keptMaximum, CALL_keptOutput, CALL_keptTotal,
  CALL_keyBiases, CALL_keys, CALL_keyWidth, CALL_kvHeads, CALL_length, CALL_map, CALL_mapFactor, CALL_mapPanelCount,
  CALL_mapPanels, CALL_mapWeights, CALL_mapWidth, CALL_masks, CALL_leftMaxima, CALL_maxima, CALL_morePacked, CALL_moreWeights, CALL_normaliser,
  CALL_out, CALL_packed, CALL_packedWeights, CALL_packsKeys, CALL_phases, CALL_places, CALL_pooledKeys, CALL_pooledValues,
  CALL_projection, CALL_q, CALL_rank, CALL_readerOutputs, CALL_readerQueries, CALL_readers, CALL_recurrence, CALL_ring, CALL_routed, CALL_rowAt, CALL_rowBiases, CALL_rowKeys, CALL_rowNumber, CALL_rowNumbers, CALL_score, CALL_scoreBytes, CALL_scoreRow, CALL_segments, CALL_selection,
  CALL_segmentTokens, CALL_sharers, CALL_slice, CALL_slices, CALL_splits, CALL_stateBytes, CALL_states, CALL_sums, CALL_tableRow,
  CALL_imageNearest, CALL_imageSide, CALL_imageWidth, CALL_taps, CALL_tapsBefore, CALL_tasks, CALL_tokens, CALL_turns, CALL_turnsHalves, CALL_v, CALL_valueDim, CALL_weightBytes,
  CALL_weighted, CALL_weightFactor, CALL_weightRows, CALL_weights, CALL_weightStart, CALL_width, CALL_window, PANEL_BYTES,
  SCORE_BYTES, SCORE_limit, SCORE_one, SCORE_slope, SCORE_start, SLICE_BYTES, TASK_IN_ORDER,
} from "./generated/layout";

/**
 * One call of the module: 32-bit words at `call`, written by the host. Pointers are bytes. Nothing is kept in the module
 * itself, so that any number of calls and threads may share it.
 */
export class Call {
  /** One head of the tensors: q `[queries, d]`, k `[length, d]`, v `[length, valueDim]`, out `[queries, valueDim]`. */
  @inline static q(call: usize): usize { return load<u32>(call, CALL_q); }
  @inline static k(call: usize): usize { return load<u32>(call, CALL_k); }
  @inline static v(call: usize): usize { return load<u32>(call, CALL_v); }
  @inline static out(call: usize): usize { return load<u32>(call, CALL_out); }
  @inline static length(call: usize): i32 { return load<i32>(call, CALL_length); }
  @inline static d(call: usize): i32 { return load<i32>(call, CALL_d); }
  @inline static valueDim(call: usize): i32 { return load<i32>(call, CALL_valueDim); }
  /** Floats of a row of output or state: the width of v up to a whole panel. What lies beyond the former is never read. */
  @inline static width(call: usize): i32 { return load<i32>(call, CALL_width); }
  /**
   * Floats of a row of keys in a cache: d and zeros up to a multiple of 8; those of values there are `width`. Gathering: of a row of
   * keys as scores read them.
   */
  @inline static keyWidth(call: usize): i32 { return load<i32>(call, CALL_keyWidth); }
  /** The scale of scores in their unit, log2(e)/√d for softmax; ε for feature maps. */
  @inline static factor(call: usize): f32 { return load<f32>(call, CALL_factor); }
  /** Keys in natural order, `[key / PANEL_KEYS, d, PANEL_KEYS]`. Gathering: prepared keys, see `gather-forms.ts`, or 0 if there are none. */
  @inline static keys(call: usize): usize { return load<u32>(call, CALL_keys); }
  /** The tasks of the head, `schedule.ts` has their format. */
  @inline static tasks(call: usize): usize { return load<u32>(call, CALL_tasks); }
  /** Lists of tokens, and where one begins; 0 for the list of all tokens. */
  @inline static list(call: usize, list: i32): usize {
    return list == TASK_IN_ORDER ? 0 : <usize>load<u32>(call, CALL_tokens) + (<usize>list << 2);
  }
  /** Spans and bits of partial tiles. */
  @inline static masks(call: usize): usize { return load<u32>(call, CALL_masks); }
  /** Whether every value is finite: begins as true, and whoever finds another clears it. */
  @inline static finite(call: usize): bool { return load<i32>(call, CALL_finite) != 0; }
  @inline static clearFinite(call: usize): void { store<i32>(call, 0, CALL_finite); }
  @inline static checksValues(call: usize): bool { return load<i32>(call, CALL_checksValues) != 0; }
  @inline static packsKeys(call: usize): bool { return load<i32>(call, CALL_packsKeys) != 0; }
  /** State of every row between passes: running maximum, sum of weights, unnormalised output `[queries, width]`, or 0: in out. */
  @inline static keptMaximum(call: usize): usize { return load<u32>(call, CALL_keptMaximum); }
  @inline static keptTotal(call: usize): usize { return load<u32>(call, CALL_keptTotal); }
  @inline static keptOutput(call: usize): usize {
    const kept: usize = load<u32>(call, CALL_keptOutput);
    return kept == 0 ? Call.out(call) : kept;
  }
  /** The token that query 0 is: keys less queries, for the last query is the last key. */
  @inline static firstQuery(call: usize): i32 { return load<i32>(call, CALL_firstQuery); }
  /** Where the cosines and sines of token 0 are, `turn.ts` has their format; 0 if q and k are not turned. */
  @inline static turns(call: usize): usize { return load<u32>(call, CALL_turns); }
  @inline static turnsHalves(call: usize): bool { return load<i32>(call, CALL_turnsHalves) != 0; }
  /** Where the bias of distance 0 is among those of all distances of a head, in the unit of scores; 0 if there is none. */
  @inline static bias(call: usize): usize { return load<u32>(call, CALL_bias); }
  /** Decoding: bytes between the biases of one head and those of the next. */
  @inline static biasBytes(call: usize): usize { return load<u32>(call, CALL_biasBytes); }
  /** Where the place of token 0 is among those of all tokens, 4 times each; 0 where tokens are their own places. */
  @inline static places(call: usize): usize { return load<u32>(call, CALL_places); }
  /** `NORMALISER_…`, and the number of each row that its weights depend on: the same for all where there is no table. */
  @inline static normaliser(call: usize): i32 { return load<i32>(call, CALL_normaliser); }
  @inline static rowNumbers(call: usize): usize { return load<u32>(call, CALL_rowNumbers); }
  @inline static rowNumber(call: usize): f32 { return load<f32>(call, CALL_rowNumber); }
  /** `ACTIVATION_…`: what scores are, if not the products of q and k. */
  @inline static activation(call: usize): i32 { return load<i32>(call, CALL_activation); }
  /** Whether a score is `act(a·q + b·k)` instead of `Σ_c w_c act(q_c + k_c)`. */
  @inline static splits(call: usize): bool { return load<i32>(call, CALL_splits) != 0; }
  /** Whether scores are made of powers of queries and keys, which `powers.ts` explains. */
  @inline static takesPowers(call: usize): bool { return Call.activation(call) == ACTIVATION_tanh; }
  /** Numbers of a packed key: d, or the one of a split score, or numbers, powers and a mark. */
  @inline static channels(call: usize): i32 { return load<i32>(call, CALL_channels); }
  /** What the scores of the head are made with, a `HeadScore`, and decoding, bytes from those of one head to those of the next. */
  @inline static score(call: usize): usize { return load<u32>(call, CALL_score); }
  @inline static scoreBytes(call: usize): usize { return load<u32>(call, CALL_scoreBytes); }
  /** What makes queries of q, `relu(W q)`: W in panels of its rows, as keys are packed; 0 if q are the queries. */
  @inline static projection(call: usize): usize { return load<u32>(call, CALL_projection); }
  /** Where scores are given, the table of the head is in the place of k: bytes of one of its rows, which is a query's. */
  @inline static tableRow(call: usize): usize { return load<u32>(call, CALL_tableRow); }
  /** Weights by channels: what the bias of a row and of a key are made of, `[length, rank]` each, and how far it reaches; 0 for all. */
  @inline static rank(call: usize): i32 { return load<i32>(call, CALL_rank); }
  @inline static window(call: usize): i32 { return load<i32>(call, CALL_window); }
  @inline static rowBiases(call: usize): usize { return load<u32>(call, CALL_rowBiases); }
  @inline static keyBiases(call: usize): usize { return load<u32>(call, CALL_keyBiases); }
  /** The largest key of each channel, for each chunk: up to its end, or of all. `[chunks, width / 2]` */
  @inline static maxima(call: usize): usize { return load<u32>(call, CALL_maxima); }
  /** Keys and values as they are summed, relative to those: `[length, width]`; 0 where each lane makes its own. */
  @inline static weighted(call: usize): usize { return load<u32>(call, CALL_weighted); }
  /** Chunks that a lane has room for. */
  @inline static ring(call: usize): i32 { return load<i32>(call, CALL_ring); }
  /** Sums of the chunks before each, and of each and those after it: `[chunks + 1, width]`. */
  @inline static before(call: usize): usize { return load<u32>(call, CALL_before); }
  @inline static after(call: usize): usize { return load<u32>(call, CALL_after); }
  /** Feature maps: a state for each segment of tokens, and their places. */
  @inline static state(call: usize, segment: i32): usize {
    return <usize>load<u32>(call, CALL_states) + <usize>segment * load<u32>(call, CALL_stateBytes);
  }
  @inline static stateBytes(call: usize): usize { return load<u32>(call, CALL_stateBytes); }
  @inline static segments(call: usize): i32 { return load<i32>(call, CALL_segments); }
  @inline static segmentTokens(call: usize): i32 { return load<i32>(call, CALL_segmentTokens); }
  @inline static causal(call: usize): bool { return load<i32>(call, CALL_causal) != 0; }
  /** `MAP_…`, and its panels of features. */
  @inline static map(call: usize): i32 { return load<i32>(call, CALL_map); }
  @inline static mapPanel(call: usize, index: i32): usize { return <usize>load<u32>(call, CALL_mapPanels) + <usize>index * PANEL_BYTES; }
  @inline static mapPanelCount(call: usize): i32 { return load<i32>(call, CALL_mapPanelCount); }
  /** A factor that the map multiplies by, and the channels that it makes features of: d, or those that they are projected to. */
  @inline static mapFactor(call: usize): f32 { return load<f32>(call, CALL_mapFactor); }
  @inline static mapWidth(call: usize): i32 { return load<i32>(call, CALL_mapWidth); }
  /** Cosine and sine of every position. */
  @inline static angles(call: usize): usize { return load<u32>(call, CALL_angles); }
  /** What rows are multiplied by: `[weightRows, d]`, and the same times a factor in panels. */
  @inline static mapWeights(call: usize): usize { return load<u32>(call, CALL_mapWeights); }
  @inline static weightRows(call: usize): i32 { return load<i32>(call, CALL_weightRows); }
  @inline static weightFactor(call: usize): f32 { return load<f32>(call, CALL_weightFactor); }
  @inline static packedWeights(call: usize): usize { return load<u32>(call, CALL_packedWeights); }
  /** Decoding: heads of k and v, and bytes from the packed weights of one to those of the next. */
  @inline static pointAtHead(call: usize, slice: i32): void {
    if (Call.weightRows(call) == 0) return;
    const head: usize = <usize>(slice % load<i32>(call, CALL_kvHeads));
    store<u32>(call, <u32>(load<u32>(call, CALL_weightStart) + head * load<u32>(call, CALL_weightBytes)), CALL_packedWeights);
  }
  /** Decoding with a state: heads of q that read it. */
  @inline static sharers(call: usize): i32 { return load<i32>(call, CALL_sharers); }
  /** Decoding with keys and values: heads of q that read each cache, and caches of each head of k and v. */
  @inline static readers(call: usize): i32 { return load<i32>(call, CALL_readers); }
  @inline static cachesPerHead(call: usize): i32 { return load<i32>(call, CALL_cachesPerHead); }
  /** Bytes between the scores of one reader and those of the next: room for eight more than a row may have keys. */
  @inline static scoreRow(call: usize): usize { return load<u32>(call, CALL_scoreRow); }
  /** Gathering: where the keys of each row begin `[queries + 1]`, and the keys, both as `key-lists.ts` has them. */
  @inline static rowAt(call: usize): usize { return load<u32>(call, CALL_rowAt); }
  @inline static rowKeys(call: usize): usize { return load<u32>(call, CALL_rowKeys); }
  /** Gathering: bytes from the queries and outputs of one of `readers` heads to those of the next. */
  @inline static readerQueries(call: usize): usize { return load<u32>(call, CALL_readerQueries); }
  @inline static readerOutputs(call: usize): usize { return load<u32>(call, CALL_readerOutputs); }
  /** Recurrent cells: `CELL_…`; the heads of a batch entry; and the packed weights of each, see `learned-cell.ts`. */
  @inline static cell(call: usize): i32 { return load<i32>(call, CALL_cell); }
  @inline static cellHeads(call: usize): i32 { return load<i32>(call, CALL_cellHeads); }
  @inline static cellWeights(call: usize): usize { return load<u32>(call, CALL_cellWeights); }
  @inline static cellWeightBytes(call: usize): usize { return load<u32>(call, CALL_cellWeightBytes); }
  /** Channels of an item, a multiple of 8, or d. */
  @inline static cellChannels(call: usize): i32 { return load<i32>(call, CALL_cellChannels); }
  /** Convolutions: `FORM_…`, the taps that some row has a token for, and how many tokens before its own the first of them is. */
  @inline static form(call: usize): i32 { return load<i32>(call, CALL_form); }
  @inline static taps(call: usize): i32 { return load<i32>(call, CALL_taps); }
  /** Pixels in a row of an image; 0 if tokens are a sequence. */
  @inline static imageWidth(call: usize): i32 { return load<i32>(call, CALL_imageWidth); }
  /** Taps along each axis of an image. */
  @inline static imageSide(call: usize): i32 { return load<i32>(call, CALL_imageSide); }
  /** Whether the nearest pixel stands for what is outside of an image; zeros do if not. */
  @inline static imageNearest(call: usize): bool { return load<i32>(call, CALL_imageNearest) != 0; }
  @inline static tapsBefore(call: usize): i32 { return load<i32>(call, CALL_tapsBefore); }
  /** What the head has learned: taps, `[taps, d]` or `[taps, d, d]`, and a second layer, `[d, d]`, d being the width of v. */
  @inline static weights(call: usize): usize { return load<u32>(call, CALL_weights); }
  @inline static moreWeights(call: usize): usize { return load<u32>(call, CALL_moreWeights); }
  /** The same packed, `[column / PANEL_KEYS, taps · d, PANEL_KEYS]`. */
  @inline static packed(call: usize): usize { return load<u32>(call, CALL_packed); }
  @inline static morePacked(call: usize): usize { return load<u32>(call, CALL_morePacked); }
  /** Filters that a convolution is made of, 0 if it is not; of how many rows one after the other each is part; and all packed. */
  @inline static filters(call: usize): usize { return load<u32>(call, CALL_filters); }
  @inline static filterCount(call: usize): i32 { return load<i32>(call, CALL_filterCount); }
  @inline static phases(call: usize): i32 { return load<i32>(call, CALL_phases); }
  @inline static filtersPacked(call: usize): usize { return load<u32>(call, CALL_filtersPacked); }
  /** Groups of tokens that are chosen: a `Hashed` or a `Routed`, and 0 for the other. */
  @inline static hashed(call: usize): usize { return load<u32>(call, CALL_hashed); }
  @inline static routed(call: usize): usize { return load<u32>(call, CALL_routed); }
  /** Attention to what a rule chooses: the words of its rule. */
  @inline static selection(call: usize): usize { return load<u32>(call, CALL_selection); }
  /** Fourier transforms: what they were prepared with. */
  @inline static fourier(call: usize): usize { return load<u32>(call, CALL_fourier); }
  /**
   * Where softmax leaves the maximum of each row and what its weights are multiplied by, `[queries, 2]`, and linear attention what its
   * sums are, `[queries]`; 0 if nowhere. Weights by channels: the mean of each channel and the logarithm of its sum, `[queries, 2, width / 2]`,
   * or of all queries at once if nothing tells them apart; and the largest bias of each row in powers of 2, and the sum of `e^w` relative to it, `[queries, 2]`.
   */
  @inline static sums(call: usize): usize { return load<u32>(call, CALL_sums); }
  @inline static leftMaxima(call: usize): usize { return load<u32>(call, CALL_leftMaxima); }
  /** The words of a gradient: `gradient/words.ts`. */
  @inline static gradient(call: usize): usize { return load<u32>(call, CALL_gradient); }
  /** What a recurrence was prepared with: `recurrence/words.ts`. */
  @inline static recurrence(call: usize): usize { return load<u32>(call, CALL_recurrence); }
  /** Decoding means of blocks: those of a slice's keys and values, rows as in a cache, how many there may be, and tokens of a block. */
  @inline static pooledKeys(call: usize, slice: i32): usize {
    return <usize>load<u32>(call, CALL_pooledKeys) + <usize>slice * <usize>load<i32>(call, CALL_blocks) * (<usize>Call.keyWidth(call) << 2);
  }
  @inline static pooledValues(call: usize, slice: i32): usize {
    return <usize>load<u32>(call, CALL_pooledValues) + <usize>slice * <usize>load<i32>(call, CALL_blocks) * (<usize>Call.width(call) << 2);
  }
  @inline static blockTokens(call: usize): i32 { return load<i32>(call, CALL_blockTokens); }
  /** Decoding: caches or states of all batch entries, and the words of each, which `decode-softmax.ts` reads. */
  @inline static slices(call: usize): i32 { return load<i32>(call, CALL_slices); }
  @inline static slice(call: usize, index: i32): usize {
    return <usize>load<u32>(call, CALL_slice) + <usize>index * SLICE_BYTES;
  }
}

/** What one head's scores are made with: a few numbers, and its vectors in the unit of scores, each up to a multiple of 8 floats. */
export class HeadScore {
  /** The sum of w. */
  @inline static start(score: usize): f32 { return load<f32>(score, SCORE_start); }
  @inline static slope(score: usize): f32 { return load<f32>(score, SCORE_slope); }
  /** The largest number of q or k whose power is taken. */
  @inline static limit(score: usize): f32 { return load<f32>(score, SCORE_limit); }
  /** A vector of one channel, which is 1. */
  @inline static one(score: usize): usize { return score + SCORE_one; }
  /** w, or a. */
  @inline static first(score: usize): usize { return score + SCORE_BYTES; }
  /** b. */
  @inline static second(score: usize, d: i32): usize { return score + SCORE_BYTES + ((<usize>d + 7 & ~7) << 2); }
}
