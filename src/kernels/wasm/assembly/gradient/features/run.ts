import { Call } from "../../call";
import { keysFrom, packWeights, queriesFrom } from "../../feature-map";
import { makeFeatures, prepareRows } from "../../features";
import {
  FEATURE_GRADIENT_ITEM_accumulate, FEATURE_GRADIENT_ITEM_join, FEATURE_GRADIENT_ITEM_joinAfter, FEATURE_GRADIENT_ITEM_keys,
  FEATURE_GRADIENT_ITEM_pack, FEATURE_GRADIENT_ITEM_queries, FEATURE_GRADIENT_ITEM_transpose, FEATURE_GRADIENT_ITEM_walk,
  FEATURE_GRADIENT_ITEM_walkOn, ITEM_BYTES, QUERIES, QUERY_ROW,
} from "../../generated/layout";
import { Lane } from "../../lane";
import { Panel } from "../../panel";
import { addNumbers } from "../../state";
import { slopesBack } from "./back";
import { openDouts, openValues, writeSlopes } from "./rows";
import { addTokens, columnBytes, panelBytes, readSlopes, readValues, transposeBack, transposePanel } from "./states";
import { addFromKeys, addFromQueries, openPairs } from "./triangle";
import { FeatureGradient } from "./words";

/**
 * The gradient of linear attention of one head: the items `from … to`, which threads share out. The slope of a pair's weight is
 * `(dout·v - dout·out) / Σw`, a product of numbers of the query and numbers of the key, so that a query's features get what the
 * state of the keys that it sees makes of its numbers, and a key's what the state of the queries that see it makes of its own.
 *
 * Segments are those of the forward pass, whatever the threads, and so are the sums. A causal segment goes from its last chunk to
 * its first, one panel of features after the other, with the states of keys before each chunk, which it has summed before.
 */
export function runFeatureGradientItems(call: usize, lane: usize, from: usize, to: usize): void {
  for (let item = from; item < to; item += ITEM_BYTES) {
    const kind = load<i32>(item, 0);
    const segment = load<i32>(item, 4);
    if (kind == FEATURE_GRADIENT_ITEM_pack) packWeights(call);
    else if (kind == FEATURE_GRADIENT_ITEM_transpose) transposeKeys(call);
    else if (kind == FEATURE_GRADIENT_ITEM_queries) goThroughQueries(call, lane, segment);
    else if (kind == FEATURE_GRADIENT_ITEM_join) join(call);
    else if (kind == FEATURE_GRADIENT_ITEM_keys) goThroughKeys(call, lane, segment);
    else if (kind == FEATURE_GRADIENT_ITEM_accumulate) accumulate(call, lane, segment);
    else if (kind == FEATURE_GRADIENT_ITEM_joinAfter) joinAfter(call);
    else if (kind == FEATURE_GRADIENT_ITEM_walk) walk(call, lane, segment, false);
    else if (kind == FEATURE_GRADIENT_ITEM_walkOn) walk(call, lane, segment, true);
  }
}

/** Not causal: the state of all keys, as queries read it. */
function transposeKeys(call: usize): void {
  const g = FeatureGradient.of(call);
  for (let p = 0; p < Call.mapPanelCount(call); p++) {
    const panel = Call.mapPanel(call, p);
    transposePanel(call, panel, FeatureGradient.left(g, 0), FeatureGradient.sums(g) + Panel.transposed(panel));
  }
}

/** Not causal: dq of a segment, and its state of queries. */
function goThroughQueries(call: usize, lane: usize, segment: i32): void {
  const g = FeatureGradient.of(call);
  const state = FeatureGradient.reverse(g, segment);
  const end = segmentEnd(call, segment);
  if (!FeatureGradient.adds(g)) memory.fill(state, 0, FeatureGradient.reverseBytes(g));
  for (let first = segment * Call.segmentTokens(call); first < end; first += QUERIES) {
    const count = min(QUERIES, end - first);
    openDouts(call, lane, first, count);
    prepareRows(call, queriesFrom(call, first), count, Lane.queryRows(lane), Lane.queries(lane));
    for (let p = 0; p < Call.mapPanelCount(call); p++) {
      const panel = Call.mapPanel(call, p);
      const at = Panel.transposed(panel);
      queryFeatures(call, lane, panel, first, count);
      readSlopes(call, lane, panel, Lane.douts(lane), count, FeatureGradient.sums(g) + at);
      addTokens(call, panel, Lane.douts(lane), Lane.queries(lane), count, state + at);
      writeQueries(call, lane, panel, first, count, segment, p > 0);
    }
  }
}

/** Not causal: the states of all segments in place 0, and the same by features. */
function join(call: usize): void {
  const g = FeatureGradient.of(call);
  const all = FeatureGradient.reverse(g, 0);
  for (let s = 1; s < Call.segments(call); s++) addNumbers(all, FeatureGradient.reverse(g, s), all, FeatureGradient.reverseBytes(g));
  for (let p = 0; p < Call.mapPanelCount(call); p++) {
    const panel = Call.mapPanel(call, p);
    transposeBack(call, panel, all + Panel.transposed(panel), FeatureGradient.across(g) + Panel.transposed(panel));
  }
}

/** Not causal: dk and dv of a segment, of all heads that read its keys. */
function goThroughKeys(call: usize, lane: usize, segment: i32): void {
  const g = FeatureGradient.of(call);
  const end = segmentEnd(call, segment);
  for (let first = segment * Call.segmentTokens(call); first < end; first += QUERIES) {
    const count = min(QUERIES, end - first);
    openValues(call, lane, first, count);
    prepareRows(call, keysFrom(call, first), count, Lane.keyRows(lane), Lane.features(lane));
    for (let p = 0; p < Call.mapPanelCount(call); p++) {
      const panel = Call.mapPanel(call, p);
      const at = Panel.transposed(panel);
      keyFeatures(call, lane, panel, first, count);
      readValues(call, lane, panel, count, FeatureGradient.across(g) + at, p > 0);
      readSlopes(call, lane, panel, Lane.valueRows(lane), count, FeatureGradient.reverse(g, 0) + at);
      writeKeys(call, lane, panel, first, count, segment, p > 0);
    }
    writeValues(call, lane, first, count, false);
  }
}

/** Causal: the queries of a segment, into the place of its state; summed as walking it sums them. */
function accumulate(call: usize, lane: usize, segment: i32): void {
  const g = FeatureGradient.of(call);
  const state = FeatureGradient.reverse(g, segment);
  memory.fill(state, 0, FeatureGradient.reverseBytes(g));
  for (let first = lastChunk(call, segment); first >= segment * Call.segmentTokens(call); first -= QUERIES) {
    const count = min(QUERIES, segmentEnd(call, segment) - first);
    openDouts(call, lane, first, count);
    prepareRows(call, queriesFrom(call, first), count, Lane.queryRows(lane), Lane.queries(lane));
    for (let p = 0; p < Call.mapPanelCount(call); p++) {
      const panel = Call.mapPanel(call, p);
      queryFeatures(call, lane, panel, first, count);
      addTokens(call, panel, Lane.douts(lane), Lane.queries(lane), count, state + Panel.transposed(panel));
    }
  }
}

/** Causal: each state becomes the sum of those after it. */
function joinAfter(call: usize): void {
  const g = FeatureGradient.of(call);
  const bytes = FeatureGradient.reverseBytes(g);
  const last = Call.segments(call) - 1;
  for (let s = 0; s < last; s++) memory.copy(FeatureGradient.reverse(g, s), FeatureGradient.reverse(g, s + 1), bytes);
  memory.fill(FeatureGradient.reverse(g, last), 0, bytes);
  for (let s = last - 1; s >= 0; s--) {
    addNumbers(FeatureGradient.reverse(g, s + 1), FeatureGradient.reverse(g, s), FeatureGradient.reverse(g, s), bytes);
  }
}

/** Causal: all gradients of a segment, whose own place has the state of the queries after it. Leaves the one before what it begins with. */
function walk(call: usize, lane: usize, segment: i32, leaves: bool): void {
  const g = FeatureGradient.of(call);
  const after = FeatureGradient.reverse(g, segment);
  const begin = segment * Call.segmentTokens(call), end = segmentEnd(call, segment);
  if (leaves && segment == Call.segments(call) - 1) memory.fill(after, 0, FeatureGradient.reverseBytes(g));
  for (let p = 0; p < Call.mapPanelCount(call); p++) {
    const panel = Call.mapPanel(call, p);
    const at = Panel.transposed(panel);
    const bytes = panelBytes(call, panel);
    const local = Lane.local(lane);
    stackStates(call, lane, panel, segment);
    memory.fill(local, 0, bytes);
    for (let first = lastChunk(call, segment); first >= begin; first -= QUERIES) {
      const chunk = (first - begin) / QUERIES;
      addNumbers(after + at, local, Lane.state(lane), bytes);
      walkChunk(call, lane, panel, first, min(QUERIES, end - first), segment, Lane.stack(lane) + <usize>chunk * bytes, p > 0);
    }
    if (leaves && segment > 0) addNumbers(after + at, local, FeatureGradient.reverse(g, segment - 1) + at, bytes);
  }
}

/** The states of keys before each chunk of a segment, transposed. */
function stackStates(call: usize, lane: usize, panel: usize, segment: i32): void {
  const bytes = panelBytes(call, panel);
  const before = Lane.state(lane), local = Lane.local(lane);
  transposePanel(call, panel, FeatureGradient.left(FeatureGradient.of(call), segment), before);
  memory.fill(local, 0, bytes);
  const last = lastChunk(call, segment);
  let to = Lane.stack(lane);
  for (let first = segment * Call.segmentTokens(call); ; first += QUERIES) {
    addNumbers(before, local, to, bytes);
    if (first == last) return;
    openValues(call, lane, first, QUERIES);
    prepareRows(call, keysFrom(call, first), QUERIES, Lane.keyRows(lane), Lane.features(lane));
    keyFeatures(call, lane, panel, first, QUERIES);
    addTokens(call, panel, Lane.valueRows(lane), Lane.features(lane), QUERIES, local);
    to += bytes;
  }
}

/** One chunk, with the state of keys before it; that of queries after it is the lane's state, and its own ones are added to `local`. */
function walkChunk(call: usize, lane: usize, panel: usize, first: i32, count: i32, segment: i32, before: usize, adds: bool): void {
  const others = adds || FeatureGradient.adds(FeatureGradient.of(call));
  const rowBytes = columnBytes(panel), valueBytes: usize = <usize>Call.width(call) << 2;
  openDouts(call, lane, first, count);
  openValues(call, lane, first, count);
  prepareRows(call, queriesFrom(call, first), count, Lane.queryRows(lane), Lane.queries(lane));
  prepareRows(call, keysFrom(call, first), count, Lane.keyRows(lane), Lane.features(lane));
  queryFeatures(call, lane, panel, first, count);
  keyFeatures(call, lane, panel, first, count);
  const finite = openPairs(call, lane, panel, count);

  readSlopes(call, lane, panel, Lane.douts(lane), count, before);
  addFromKeys(count, Lane.products(lane), Lane.features(lane), rowBytes, Lane.slopes(lane), QUERY_ROW, finite);
  writeQueries(call, lane, panel, first, count, segment, adds);

  readSlopes(call, lane, panel, Lane.valueRows(lane), count, Lane.state(lane));
  addFromQueries(count, Lane.products(lane), Lane.queries(lane), rowBytes, Lane.slopes(lane), QUERY_ROW, finite);
  writeKeys(call, lane, panel, first, count, segment, others);

  transposeBack(call, panel, Lane.state(lane), Lane.across(lane));
  readValues(call, lane, panel, count, Lane.across(lane), false);
  addFromQueries(count, Lane.scores(lane), Lane.douts(lane), valueBytes, Lane.output(lane), valueBytes, finite);
  writeValues(call, lane, first, count, others);

  addTokens(call, panel, Lane.douts(lane), Lane.queries(lane), count, Lane.local(lane));
}

@inline
function segmentEnd(call: usize, segment: i32): i32 { return min(Call.length(call), (segment + 1) * Call.segmentTokens(call)); }

/** The first token of a segment's last chunk. */
@inline
function lastChunk(call: usize, segment: i32): i32 { return (segmentEnd(call, segment) - 1) / QUERIES * QUERIES; }

/** φ(Q) of an opened chunk, and φ(K), into the lane. */
@inline
function queryFeatures(call: usize, lane: usize, panel: usize, first: i32, count: i32): void {
  makeFeatures(call, lane, panel, queriesFrom(call, first), Lane.queryRows(lane), first, count, Lane.queries(lane));
}
@inline
function keyFeatures(call: usize, lane: usize, panel: usize, first: i32, count: i32): void {
  makeFeatures(call, lane, panel, keysFrom(call, first), Lane.keyRows(lane), first, count, Lane.features(lane));
}

/** Takes the slopes of a panel back to q, and writes or adds them. */
@inline
function writeQueries(call: usize, lane: usize, panel: usize, first: i32, count: i32, segment: i32, adds: bool): void {
  const d = Call.d(call);
  slopesBack(call, lane, panel, queriesFrom(call, first), Lane.queryRows(lane), Lane.queries(lane), first, count, segment);
  writeSlopes(Lane.rowSlopes(lane), QUERY_ROW, count, d, FeatureGradient.dq(FeatureGradient.of(call)) + (<usize>(first * d) << 2), adds);
}

/** The same of k. */
@inline
function writeKeys(call: usize, lane: usize, panel: usize, first: i32, count: i32, segment: i32, adds: bool): void {
  const d = Call.d(call);
  slopesBack(call, lane, panel, keysFrom(call, first), Lane.keyRows(lane), Lane.features(lane), first, count, segment);
  writeSlopes(Lane.rowSlopes(lane), QUERY_ROW, count, d, FeatureGradient.dk(FeatureGradient.of(call)) + (<usize>(first * d) << 2), adds);
}

@inline
function writeValues(call: usize, lane: usize, first: i32, count: i32, adds: bool): void {
  const valueDim = Call.valueDim(call);
  const to = FeatureGradient.dv(FeatureGradient.of(call)) + (<usize>(first * valueDim) << 2);
  writeSlopes(Lane.output(lane), <usize>Call.width(call) << 2, count, valueDim, to, adds);
}
