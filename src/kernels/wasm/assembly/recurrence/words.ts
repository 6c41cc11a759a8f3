import {
  CHANNEL_ROW_running, PLACE_beta, PLACE_dt, PLACE_fixedLog, PLACE_g, PLACE_gates, PLACE_k, PLACE_kept, PLACE_out, PLACE_q, PLACE_v, QUERY_ROW, RECURRENCE_beta,
  RECURRENCE_bonus, RECURRENCE_byChannel, RECURRENCE_channels, RECURRENCE_d, RECURRENCE_decay, RECURRENCE_decayPerChannel,
  RECURRENCE_decayRow, RECURRENCE_decays, RECURRENCE_decayWeights, RECURRENCE_dt, RECURRENCE_erase, RECURRENCE_erased,
  RECURRENCE_erasing, RECURRENCE_fixedLogs, RECURRENCE_g, RECURRENCE_gateBytes, RECURRENCE_gates, RECURRENCE_heads, RECURRENCE_k, RECURRENCE_keys,
  RECURRENCE_length, RECURRENCE_offsets, RECURRENCE_out, RECURRENCE_output, RECURRENCE_ownGates, RECURRENCE_packedDecays, RECURRENCE_packedWrites,
  RECURRENCE_panels, RECURRENCE_parts, RECURRENCE_place, RECURRENCE_q, RECURRENCE_queries, RECURRENCE_readsBefore, RECURRENCE_rows,
  RECURRENCE_scale, RECURRENCE_scores, RECURRENCE_segments, RECURRENCE_segmentTokens, RECURRENCE_skip, RECURRENCE_slices,
  RECURRENCE_state, RECURRENCE_stateBytes, RECURRENCE_states, RECURRENCE_stepwise, RECURRENCE_tokens, RECURRENCE_totalAt,
  RECURRENCE_before, RECURRENCE_joined, RECURRENCE_unit, RECURRENCE_v, RECURRENCE_valueDim, RECURRENCE_values, RECURRENCE_width, RECURRENCE_write,
  RECURRENCE_decayLogits, RECURRENCE_kept, RECURRENCE_keptBytes, RECURRENCE_keptChunks, RECURRENCE_writeLogits,
  RECURRENCE_writePerChannel, RECURRENCE_writes, RECURRENCE_writesOut, RECURRENCE_writeWeights, TOKEN_FLOATS,
} from "../generated/layout";

/** A prepared recurrence: 32-bit words at `r`, written by the host. */
export class Recurrence {
  @inline static heads(r: usize): i32 { return load<i32>(r, RECURRENCE_heads); }
  @inline static slices(r: usize): i32 { return load<i32>(r, RECURRENCE_slices); }
  @inline static length(r: usize): i32 { return load<i32>(r, RECURRENCE_length); }
  @inline static d(r: usize): i32 { return load<i32>(r, RECURRENCE_d); }
  /** d up to a multiple of 16: rows of queries and keys have zeros there. */
  @inline static channels(r: usize): i32 { return load<i32>(r, RECURRENCE_channels); }
  @inline static valueDim(r: usize): i32 { return load<i32>(r, RECURRENCE_valueDim); }
  /** Bytes of a row of the state, of values and of output: whole panels. What is beyond `valueDim` is never written out. */
  @inline static rowBytes(r: usize): usize { return load<u32>(r, RECURRENCE_width) << 2; }
  @inline static decay(r: usize): i32 { return load<i32>(r, RECURRENCE_decay); }
  @inline static decayPerChannel(r: usize): bool { return load<i32>(r, RECURRENCE_decayPerChannel) != 0; }
  /** The decay's weights, and floats between their rows. */
  @inline static decayWeights(r: usize): usize { return load<u32>(r, RECURRENCE_decayWeights); }
  @inline static decayRow(r: usize): i32 { return load<i32>(r, RECURRENCE_decayRow); }
  /** A logarithm for each head; a number for each channel that is added to W k. */
  @inline static fixedLogs(r: usize): usize { return load<u32>(r, RECURRENCE_fixedLogs); }
  @inline static offsets(r: usize): usize { return load<u32>(r, RECURRENCE_offsets); }
  @inline static write(r: usize): i32 { return load<i32>(r, RECURRENCE_write); }
  @inline static writePerChannel(r: usize): bool { return load<i32>(r, RECURRENCE_writePerChannel) != 0; }
  @inline static writeWeights(r: usize): usize { return load<u32>(r, RECURRENCE_writeWeights); }
  @inline static erase(r: usize): i32 { return load<i32>(r, RECURRENCE_erase); }
  /** Whether a token reads the state before it is written, and itself by `bonus`. */
  @inline static readsBefore(r: usize): bool { return load<i32>(r, RECURRENCE_readsBefore) != 0; }
  @inline static bonus(r: usize): f32 { return load<f32>(r, RECURRENCE_bonus); }
  @inline static unit(r: usize): i32 { return load<i32>(r, RECURRENCE_unit); }
  @inline static scale(r: usize): f32 { return load<f32>(r, RECURRENCE_scale); }
  @inline static skip(r: usize): f32 { return load<f32>(r, RECURRENCE_skip); }
  /** Whether chunks are made channel by channel, as they are unless each token has one decay, writes one number and reads after that. */
  @inline static byChannel(r: usize): bool { return load<i32>(r, RECURRENCE_byChannel) != 0; }
  /** Whether tokens are taken one after the other, because a chunk would be wider than a head. */
  @inline static stepwise(r: usize): bool { return load<i32>(r, RECURRENCE_stepwise) != 0; }
  /** States of slices, or of segments of all slices: S `[d, width]`, and `totalAt` bytes further what is left of a state before it. */
  @inline static state(r: usize, index: i32): usize { return <usize>load<u32>(r, RECURRENCE_states) + <usize>index * load<u32>(r, RECURRENCE_stateBytes); }
  @inline static totalAt(r: usize): usize { return load<u32>(r, RECURRENCE_totalAt); }
  @inline static segments(r: usize): i32 { return load<i32>(r, RECURRENCE_segments); }
  @inline static segmentTokens(r: usize): i32 { return load<i32>(r, RECURRENCE_segmentTokens); }
  /** Whether outputs are written: a pass that only leaves states for a backward pass writes none. */
  @inline static writesOut(r: usize): bool { return load<i32>(r, RECURRENCE_writesOut) != 0; }
  /** Whether states before chunks are kept, and bytes of one. */
  @inline static keeps(r: usize): bool { return load<u32>(r, RECURRENCE_kept) != 0; }
  @inline static keptBytes(r: usize): usize { return load<u32>(r, RECURRENCE_keptBytes); }
}

/** What one thread writes, in its scratch `s`. Rows of a number a channel lie `QUERY_ROW` bytes apart, scores `SCORE_ROW`. */
export class Scratch {
  @inline static place(r: usize, s: usize): usize { return s + load<u32>(r, RECURRENCE_place); }
  /** What reads the state, what is written into it, and what asks it for what to erase. */
  @inline static queries(r: usize, s: usize): usize { return s + load<u32>(r, RECURRENCE_queries); }
  @inline static keys(r: usize, s: usize): usize { return s + load<u32>(r, RECURRENCE_keys); }
  @inline static erasing(r: usize, s: usize): usize { return s + load<u32>(r, RECURRENCE_erasing); }
  /** ln α of each channel, and then α; and what k is multiplied by. */
  @inline static decays(r: usize, s: usize): usize { return s + load<u32>(r, RECURRENCE_decays); }
  @inline static writes(r: usize, s: usize): usize { return s + load<u32>(r, RECURRENCE_writes); }
  /** W k of each channel, where a backward pass needs it. */
  @inline static keepsLogits(r: usize): bool { return load<u32>(r, RECURRENCE_decayLogits) != 0; }
  @inline static decayLogits(r: usize, s: usize): usize { return s + load<u32>(r, RECURRENCE_decayLogits); }
  @inline static writeLogits(r: usize, s: usize): usize { return s + load<u32>(r, RECURRENCE_writeLogits); }
  /** Scores of queries and of what erases, with decays. */
  @inline static scores(r: usize, s: usize): usize { return s + load<u32>(r, RECURRENCE_scores); }
  @inline static erased(r: usize, s: usize): usize { return s + load<u32>(r, RECURRENCE_erased); }
  @inline static panels(r: usize, s: usize): usize { return s + load<u32>(r, RECURRENCE_panels); }
  /** `[TOKEN_CHUNK, width]`: output, and values without what is erased. */
  @inline static output(r: usize, s: usize): usize { return s + load<u32>(r, RECURRENCE_output); }
  @inline static values(r: usize, s: usize): usize { return s + load<u32>(r, RECURRENCE_values); }
  /** A vector of a number a token. */
  @inline static tokens(r: usize, s: usize, row: i32): usize { return s + load<u32>(r, RECURRENCE_tokens) + (<usize>(row * TOKEN_FLOATS) << 2); }
  /** A vector of a number a channel. */
  @inline static row(r: usize, s: usize, row: i32): usize { return s + load<u32>(r, RECURRENCE_rows) + <usize>row * QUERY_ROW; }
  @inline static running(r: usize, s: usize): usize { return Scratch.row(r, s, CHANNEL_ROW_running); }
  @inline static parts(r: usize, s: usize): usize { return s + load<u32>(r, RECURRENCE_parts); }
  /** States: what a segment has written by itself, what was before it, and the two together. */
  @inline static state(r: usize, s: usize): usize { return s + load<u32>(r, RECURRENCE_state); }
  @inline static before(r: usize, s: usize): usize { return s + load<u32>(r, RECURRENCE_before); }
  @inline static joined(r: usize, s: usize): usize { return s + load<u32>(r, RECURRENCE_joined); }
}

/** What the gates of a head are made with: vectors, and weights in panels. */
export class Gates {
  @inline static row(r: usize, s: usize, row: i32): usize { return Place.gates(r, s) + <usize>row * QUERY_ROW; }
  @inline static decays(r: usize, s: usize): usize { return Place.gates(r, s) + load<u32>(r, RECURRENCE_packedDecays); }
  @inline static writes(r: usize, s: usize): usize { return Place.gates(r, s) + load<u32>(r, RECURRENCE_packedWrites); }
}

/** Where the tokens of a slice are, which a lane keeps in its scratch. */
export class Place {
  @inline static q(r: usize, s: usize): usize { return load<u32>(Scratch.place(r, s), PLACE_q); }
  @inline static k(r: usize, s: usize): usize { return load<u32>(Scratch.place(r, s), PLACE_k); }
  @inline static v(r: usize, s: usize): usize { return load<u32>(Scratch.place(r, s), PLACE_v); }
  @inline static out(r: usize, s: usize): usize { return load<u32>(Scratch.place(r, s), PLACE_out); }
  @inline static g(r: usize, s: usize): usize { return load<u32>(Scratch.place(r, s), PLACE_g); }
  @inline static beta(r: usize, s: usize): usize { return load<u32>(Scratch.place(r, s), PLACE_beta); }
  @inline static dt(r: usize, s: usize): usize { return load<u32>(Scratch.place(r, s), PLACE_dt); }
  @inline static gates(r: usize, s: usize): usize { return load<u32>(Scratch.place(r, s), PLACE_gates); }
  /** Where the states before the chunks of the slice are kept. */
  @inline static kept(r: usize, s: usize): usize { return load<u32>(Scratch.place(r, s), PLACE_kept); }
  @inline static fixedLog(r: usize, s: usize): f32 { return load<f32>(Scratch.place(r, s), PLACE_fixedLog); }

  /** Points at a slice of tensors that have `tokens` tokens; 0 if they have one slice only. */
  static pointAt(r: usize, s: usize, slice: i32, tokens: i32): void {
    const place = Scratch.place(r, s);
    const numbers: usize = <usize>slice * tokens << 2;
    const rows = numbers * Recurrence.d(r), values = numbers * Recurrence.valueDim(r);
    store<u32>(place, <u32>(load<u32>(r, RECURRENCE_q) + rows), PLACE_q);
    store<u32>(place, <u32>(load<u32>(r, RECURRENCE_k) + rows), PLACE_k);
    store<u32>(place, <u32>(load<u32>(r, RECURRENCE_v) + values), PLACE_v);
    store<u32>(place, <u32>(load<u32>(r, RECURRENCE_out) + values), PLACE_out);
    store<u32>(place, <u32>(load<u32>(r, RECURRENCE_g) + (Recurrence.decayPerChannel(r) ? rows : numbers)), PLACE_g);
    store<u32>(place, <u32>(load<u32>(r, RECURRENCE_beta) + numbers), PLACE_beta);
    store<u32>(place, <u32>(load<u32>(r, RECURRENCE_dt) + numbers), PLACE_dt);
    // Those of every head if they stay as they are, and otherwise the lane's.
    const gates: usize = load<u32>(r, RECURRENCE_gates);
    const ofHead: usize = gates + <usize>(slice % Recurrence.heads(r)) * load<u32>(r, RECURRENCE_gateBytes);
    store<u32>(place, <u32>(gates == 0 ? s + load<u32>(r, RECURRENCE_ownGates) : ofHead), PLACE_gates);
    const kept: usize = load<u32>(r, RECURRENCE_kept);
    store<u32>(place, <u32>(kept + <usize>(slice * load<i32>(r, RECURRENCE_keptChunks)) * Recurrence.keptBytes(r)), PLACE_kept);
    const logs = Recurrence.fixedLogs(r);
    if (logs != 0) store<f32>(place, load<f32>(logs + (<usize>(slice % Recurrence.heads(r)) << 2)), PLACE_fixedLog);
  }
}
