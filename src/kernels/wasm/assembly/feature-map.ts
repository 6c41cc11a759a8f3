import { Call } from "./call";
import { isScaled, makeFeatures, prepareRows } from "./features";
import {
  FEATURE_accumulate, FEATURE_join, FEATURE_pack, FEATURE_read, FEATURE_walk, FEATURE_walkOn, ITEM_BYTES, PANEL_KEYS,
  PANEL_QUERIES, QUERIES, QUERY_ROW,
} from "./generated/layout";
import { addScoresTile, scoresTile } from "./generated/micro";
import { Lane } from "./lane";
import { keyWeights, matchScales, openKeys, openQueries, queryWeights } from "./maps/favor";
import { packPanels } from "./pack";
import { Panel } from "./panel";
import { writeScaled } from "./rows";
import { addChunk, addPanels, addStates, clearState, divisorOf, inverseOf, panelScales, panelSums } from "./state";
import { addScores, addTriangle } from "./triangle";

/** Features of softmaxes whose weighted states are summed one after the other: a longer sum would be less exact than its divisor. */
const FEATURES_SUMMED: i32 = 64;

/**
 * Linear attention of one head: the items `from … to`, which threads share out. The tokens are cut into segments, each with a state
 * of its own, so that the sums are the same however many threads add them up. Features are made a panel of them at a time.
 *
 * Not causal: accumulate every segment's state, join them, and read the sum with every query. Causal: a query reads the
 * states of the segments before its own, its segment's state so far, and the triangle of its own chunk. One thread walks the
 * segments one after another (walkOn); several accumulate and join them first, and then walk them in any order.
 */
export function runFeatureItems(call: usize, lane: usize, from: usize, to: usize): void {
  for (let item = from; item < to; item += ITEM_BYTES) {
    const kind = load<i32>(item, 0);
    const operand = load<i32>(item, 4);
    if (kind == FEATURE_pack) packWeights(call);
    else if (kind == FEATURE_accumulate) accumulate(call, lane, operand);
    else if (kind == FEATURE_join) join(call, lane);
    else if (kind == FEATURE_read) read(call, lane, operand, load<i32>(item, 8));
    else if (kind == FEATURE_walk) walk(call, lane, operand);
    else if (kind == FEATURE_walkOn) walkOn(call, lane, operand);
  }
}

/** The weights of the head in panels, as `maps/project.ts` reads them. */
export function packWeights(call: usize): void {
  const d = Call.d(call);
  packPanels(Call.mapWeights(call), <usize>d << 2, Call.weightRows(call), d, Call.weightFactor(call), Call.packedWeights(call));
}

/** The state of one segment. */
function accumulate(call: usize, lane: usize, segment: i32): void {
  const state = Call.state(call, segment);
  clearState(call, state);
  takeTokens(call, lane, segment * Call.segmentTokens(call), segmentEnd(call, segment), state);
}

/** Adds tokens `first … end-1` to a state. */
export function takeTokens(call: usize, lane: usize, first: i32, end: i32, state: usize): void {
  while (first < end) {
    const count = openChunk(call, lane, first, min(QUERIES, end - first), state);
    for (let p = 0; p < Call.mapPanelCount(call); p++) {
      const panel = Call.mapPanel(call, p);
      keyFeatures(call, lane, panel, first, count, state);
      addChunk(call, lane, panel, first, count, state);
    }
    first += count;
  }
}

/** Not causal: state 0 becomes the sum of all. Causal: each state becomes the sum of those before it. */
function join(call: usize, lane: usize): void {
  const segments = Call.segments(call);
  if (!Call.causal(call)) {
    for (let s = 1; s < segments; s++) addStates(call, lane, Call.state(call, 0), Call.state(call, s), Call.state(call, 0));
    return;
  }
  for (let s = segments - 1; s > 0; s--) memory.copy(Call.state(call, s), Call.state(call, s - 1), Call.stateBytes(call));
  clearState(call, Call.state(call, 0));
  for (let s = 1; s < segments; s++) addStates(call, lane, Call.state(call, s - 1), Call.state(call, s), Call.state(call, s));
}

/** Queries `from … to-1` against the state of all keys. */
function read(call: usize, lane: usize, from: i32, to: i32): void {
  const state = Call.state(call, 0);
  for (let first = from; first < to; first += QUERIES) {
    const count = min(QUERIES, to - first);
    readAll(call, lane, first, count, state);
    writeChunk(call, lane, first, count);
    if (Call.sums(call) != 0) leaveInverses(call, lane, first, count);
  }
}

/** Sums and divisors of a chunk of queries that read one state. */
export function readAll(call: usize, lane: usize, first: i32, count: i32, state: usize): void {
  openReaders(call, lane, first, count, state, state);
  for (let p = 0; p < Call.mapPanelCount(call); p++) {
    const panel = Call.mapPanel(call, p);
    queryFeatures(call, lane, panel, first, count, state + Panel.scales(panel));
    readPanel(call, lane, panel, count, state + Panel.rows(panel), state + Panel.sums(panel), p == 0);
  }
}

/** One segment of a causal call, whose own place holds the sum of the states before it. */
function walk(call: usize, lane: usize, segment: i32): void {
  const end = segmentEnd(call, segment);
  const before = Call.state(call, segment);
  const local = Lane.local(lane);
  clearState(call, local);
  for (let first = segment * Call.segmentTokens(call); first < end; ) {
    const count = openChunk(call, lane, first, min(QUERIES, end - first), local);
    openReaders(call, lane, first, count, before, local);
    for (let p = 0; p < Call.mapPanelCount(call); p++) {
      const panel = Call.mapPanel(call, p);
      addPanels(call, lane, panel, before, local);
      queryFeatures(call, lane, panel, first, count, panelScales(lane, panel));
      readPanel(call, lane, panel, count, Lane.state(lane), panelSums(lane, panel), p == 0);
      keyFeatures(call, lane, panel, first, count, local);
      addChunk(call, lane, panel, first, count, local);
      if (isScaled(call)) matchScales(lane, panel, count, local + Panel.scales(panel), panelScales(lane, panel));
      addScores(lane, count, Panel.count(panel), p == 0);
    }
    addTriangle(call, lane, first, count);
    writeChunk(call, lane, first, count);
    if (Call.sums(call) != 0) leaveInverses(call, lane, first, count);
    first += count;
  }
}

/** The same, and leaves the next segment the sum that it begins with. */
function walkOn(call: usize, lane: usize, segment: i32): void {
  if (segment == 0) clearState(call, Call.state(call, 0));
  walk(call, lane, segment);
  if (segment + 1 < Call.segments(call)) {
    addStates(call, lane, Call.state(call, segment), Lane.local(lane), Call.state(call, segment + 1));
  }
}

@inline
function segmentEnd(call: usize, segment: i32): i32 {
  return min(Call.length(call), (segment + 1) * Call.segmentTokens(call));
}

@inline
export function keysFrom(call: usize, first: i32): usize { return Call.k(call) + (<usize>(first * Call.d(call)) << 2); }

@inline
export function queriesFrom(call: usize, first: i32): usize { return Call.q(call) + (<usize>(first * Call.d(call)) << 2); }

/** Opens a chunk of keys that a state is to take in: how many it takes together, `count` at most. */
@inline
export function openChunk(call: usize, lane: usize, first: i32, count: i32, state: usize): i32 {
  if (isScaled(call)) return openKeys(call, lane, keysFrom(call, first), count, state);
  prepareRows(call, keysFrom(call, first), count, Lane.keyRows(lane), Lane.features(lane));
  return count;
}

/** Opens a chunk of queries that read the sum of two states, which may be the same one. */
@inline
export function openReaders(call: usize, lane: usize, first: i32, count: i32, a: usize, b: usize): void {
  if (isScaled(call)) openQueries(call, lane, queriesFrom(call, first), count, a, b);
  else prepareRows(call, queriesFrom(call, first), count, Lane.queryRows(lane), Lane.queries(lane));
}

/** φ(K) of an opened chunk, into the lane. */
@inline
export function keyFeatures(call: usize, lane: usize, panel: usize, first: i32, count: i32, state: usize): void {
  if (isScaled(call)) keyWeights(call, lane, panel, count, state);
  else makeFeatures(call, lane, panel, keysFrom(call, first), Lane.keyRows(lane), first, count, Lane.features(lane));
}

/** φ(Q) of an opened chunk, into the lane; `scales` are those of the state that it reads. */
@inline
export function queryFeatures(call: usize, lane: usize, panel: usize, first: i32, count: i32, scales: usize): void {
  if (isScaled(call)) queryWeights(call, lane, panel, count, scales);
  else makeFeatures(call, lane, panel, queriesFrom(call, first), Lane.queryRows(lane), first, count, Lane.queries(lane));
}

/** How many features of a panel are summed one after the other. */
@inline
export function blockOf(call: usize, panel: usize): i32 { return isScaled(call) ? FEATURES_SUMMED : Panel.count(panel); }

/** Sums and divisors of a chunk of queries, whose φ(Q) is in the lane: φ(Q)·S and φ(Q)·z + ε; adds to those of panels before. */
function readPanel(call: usize, lane: usize, panel: usize, count: i32, state: usize, sums: usize, begins: bool): void {
  const features = Panel.count(panel);
  const rowBytes: usize = <usize>Call.width(call) << 2;
  const block = blockOf(call, panel);
  for (let f = 0; f < features; f += block) {
    const here = min(block, features - f);
    const rows = state + <usize>f * rowBytes;
    const adds = !begins || f > 0;
    for (let r = 0; r < count; r += PANEL_QUERIES) {
      const query = Lane.queries(lane) + <usize>r * QUERY_ROW + (<usize>f << 2);
      const output = Lane.output(lane) + <usize>r * rowBytes;
      for (let i: usize = 0; i < rowBytes; i += PANEL_KEYS << 2) {
        if (adds) addScoresTile(count - r, query, rows + i, rowBytes, output + i, rowBytes, here);
        else scoresTile(count - r, query, rows + i, rowBytes, output + i, rowBytes, here);
      }
    }
  }
  for (let r = 0; r < count; r++) {
    const at = Lane.divisors(lane) + (<usize>r << 2);
    const before = begins ? Call.factor(call) : load<f32>(at);
    store<f32>(at, divisorOf(Lane.queries(lane) + <usize>r * QUERY_ROW, sums, Panel.rowBytes(panel)) + before);
  }
}

/** Divides a chunk's sums and writes them out. */
export function writeChunk(call: usize, lane: usize, first: i32, count: i32): void {
  const valueDim = Call.valueDim(call);
  const rowBytes: usize = <usize>Call.width(call) << 2;
  for (let r = 0; r < count; r++) {
    const inverse = inverseOf(load<f32>(Lane.divisors(lane) + (<usize>r << 2)));
    writeScaled(Lane.output(lane) + <usize>r * rowBytes, valueDim, inverse, Call.out(call) + (<usize>((first + r) * valueDim) << 2));
  }
}

/** Leaves what a chunk's sums were multiplied by, for a gradient. */
function leaveInverses(call: usize, lane: usize, first: i32, count: i32): void {
  const to = Call.sums(call) + (<usize>first << 2);
  for (let at: usize = 0; at < <usize>count << 2; at += 4) store<f32>(to + at, inverseOf(load<f32>(Lane.divisors(lane) + at)));
}
