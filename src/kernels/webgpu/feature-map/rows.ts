import { gridIndex } from "../wgsl/grid.ts";
import { rowsText } from "../wgsl/rows.ts";
import { component, each } from "../wgsl/text.ts";
import {
  addedProducts,
  addedWhere,
  clearedSums,
  operandsText,
  sumOf,
  TILE,
  turnedRows,
} from "../wgsl/tile-product.ts";
import { CALL_TEXT } from "./call-uniform.ts";
import { EXPONENTS } from "./exponents.ts";
import { featuresText, mapGround } from "./maps.ts";
import { peaksText } from "./peaks.ts";
import type { FeatureShaders } from "./shaders.ts";
import { stateIndex } from "./state-layout.ts";

/** Bindings of the rows. */
export const ROWS = { call: 0, q: 1, k: 2, v: 3, states: 4, before: 5, tops: 6, table: 7, out: 8 } as const;

/**
 * Rows of the output, 64 by 64 columns of v or two such blocks: what the state of all keys, or of those in
 * earlier segments, gives, and in a causal call what the segment's own keys give, in tiles of 64 up to the
 * diagonal. Rows of a tile are those whose positions are 64 in a row from a multiple of 64 on, so that tiles
 * and segments begin together whatever queries there are.
 */
export function rowsShader(shaders: FeatureShaders): string {
  const { map, queries, keys, values, state, causal, blocks } = shaders;
  const { scaled } = map;
  const groups = Math.ceil(state.columnBlocks / blocks);
  return `${CALL_TEXT}
${mapGround(map, ROWS.table)}
${rowsText({ ...queries, name: "q", binding: ROWS.q })}
${featuresText(map, "q")}
${causal ? `${rowsText({ ...keys, name: "k", binding: ROWS.k })}\n${featuresText(map, "k")}` : ""}
${causal ? rowsText({ ...values, name: "v", binding: ROWS.v }) : ""}
@group(0) @binding(${ROWS.states}) var<storage, read> states: array<vec4f>;
${scaled ? `@group(0) @binding(${ROWS.before}) var<storage, read> before: array<vec4f>;` : ""}
${scaled && causal ? `@group(0) @binding(${ROWS.tops}) var<storage, read> tops: array<vec4f>;` : ""}
${rowsText({ ...values, name: "out", binding: ROWS.out, access: "read_write" })}
${operandsText(blocks)}
${causal ? "var<workgroup> notFinite: atomic<u32>;" : ""}
${scaled ? `${EXPONENTS}\n${peaksText(map, causal)}` : ""}
${helpers(shaders)}
@compute @workgroup_size(${TILE.threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) all: vec3u,
  @builtin(local_invocation_index) lid: u32) {
  let tx = lid % 16u;
  let ty = lid / 16u;
  let group = ${gridIndex("id", "all")};
  let shift = i32(call.length) - i32(call.queries);
  let firstTile = ${causal ? "(shift - select(0, 63, shift < 0)) / 64" : "0"};
  let tiles = u32((${causal ? "i32(call.length)" : "i32(call.queries)"} + 63) / 64 - firstTile);
  let columns = (group % ${groups}u) * ${blocks}u;
  let tile = i32((group / ${groups}u) % tiles);
  let slice = group / (${groups}u * tiles);
  if (slice >= (call.slices / call.kvHeads) * call.heads) { return; }
  // The position of the tile's first row in a causal call, and otherwise the row; and the row there, which may be none.
  let first = (firstTile + tile) * 64;
  let firstRow = ${causal ? "first - shift" : "first"};
  let entry = slice / call.heads;
  let kvSlice = entry * call.kvHeads + (slice % call.heads) * call.kvHeads / call.heads;
  let queryBase = i32(slice * call.queries) + firstRow;
  let keyBase = kvSlice * call.length;
  let segment = ${causal ? "u32(max(first, 0)) / call.segment" : "0u"};
  let place = kvSlice * call.segments + segment;
  ${clearedSums("o", blocks)}
  var total0 = vec4f();
  var total1 = vec4f();
${causal ? "  if (first >= 0) {" : ""}
${scaled ? "  find_peaks(lid, queryBase, firstRow, first, keyBase, place);" : ""}
${readState(shaders)}
${causal ? readKeys(shaders) : ""}
${causal ? "  }" : ""}
  workgroupBarrier();
  left[tx * ${TILE.quads}u + ty * 2u] = total0;
  left[tx * ${TILE.quads}u + ty * 2u + 1u] = total1;
  workgroupBarrier();
  if (lid < ${TILE.quads}u) {
    var sum = vec4f();
    for (var part = 0u; part < 16u; part++) { sum += left[part * ${TILE.quads}u + lid]; }
    right[lid] = sum + call.epsilon;
  }
  workgroupBarrier();
  let divisor0 = right[ty * 2u];
  let divisor1 = right[ty * 2u + 1u];
${each(TILE.rowsEach, (i) => {
  const divisor = `divisor${i >> 2}.${component(i)}`;
  const row = `i32(ty * 8u + ${i}u)`;
  return `  if (firstRow + ${row} >= 0 && firstRow + ${row} < i32(call.queries)) {
${each(blocks, (b) => {
  const quad = `(columns + ${b}u) * ${TILE.quads}u + tx`;
  return `    store_out(u32(queryBase + ${row}), ${quad}, quotient(${sumOf("o", i, b)}, ${divisor}));`;
})}
  }`;
})}
}
fn quotient(x: vec4f, by: f32) -> vec4f {
  // 0 where no feature of any key is above 0.
  if ((bitcast<u32>(by) & 0x7fffffffu) == 0u) { return x; }
  return x / by;
}
fn query(base: i32, row: u32, firstRow: i32, first: i32, quad: u32) -> vec4f {
  let at = firstRow + i32(row);
  if (at < 0 || at >= i32(call.queries)) { return vec4f(); }
  // Where a call is not causal a tile counts rows, which stand at the last keys.
  let position = ${causal ? "first + i32(row)" : "at + i32(call.length) - i32(call.queries)"};
  return features_q(u32(base + i32(row)), u32(position + i32(call.origin)), quad);
}`;
}

/** Products of the queries' features with a state, and with its totals. */
function readState({ map, state, blocks }: FeatureShaders): string {
  const own = (row: string, quad: string): string => {
    const x = `query(queryBase, ${row}, firstRow, first, c + ${quad})`;
    return map.scaled ? `weight_before(${x}, ${row}, place, c + ${quad})` : x;
  };
  return `  let state = place * ${state.quads}u;
  for (var c = 0u; c < ${map.quads}u; c += 4u) {
    workgroupBarrier();
    ${turnedRows("left", 0, own)}
    for (var i = lid; i < ${TILE.terms * TILE.quads * blocks}u; i += ${TILE.threads}u) {
      let feature = c * 4u + i / ${TILE.quads * blocks}u;
      right[i] = state_quad(state, feature, columns * ${TILE.quads}u + i % ${TILE.quads * blocks}u);
    }
    workgroupBarrier();
    ${addedProducts("o", blocks)}
    let sum = states[state + ${state.totals}u + c + tx / 4u][tx % 4u];
    total0 = fma(left[tx * ${TILE.quads}u + ty * 2u], vec4f(sum), total0);
    total1 = fma(left[tx * ${TILE.quads}u + ty * 2u + 1u], vec4f(sum), total1);
  }`;
}

/** Products of the queries' features with those of the segment's keys, and of those with their values. */
function readKeys({ map, blocks }: FeatureShaders): string {
  const { scaled } = map;
  const ownQuery = (row: string, quad: string): string => {
    const x = `query(queryBase, ${row}, firstRow, first, c + ${quad})`;
    return scaled ? `weight_within(${x}, ${row}, place, c + ${quad})` : x;
  };
  const ownKey = (row: string, quad: string): string => {
    const x = `key(keyBase, begin + ${row}, c + ${quad})`;
    return scaled ? `weight_of_key(${x}, place, c + ${quad})` : x;
  };
  const isSeen = (i: number): string =>
    `begin + part * ${TILE.terms}u + term <= u32(first) + ty * 8u + ${i}u`;
  return `  if (lid == 0u) { atomicStore(&notFinite, 0u); }
  for (var begin = segment * call.segment; begin <= u32(first); begin += 64u) {
    ${clearedSums("s")}
    for (var c = 0u; c < ${map.quads}u; c += 4u) {
      workgroupBarrier();
      ${turnedRows("left", 0, ownQuery)}
      ${turnedRows("right", 1, ownKey)}
      workgroupBarrier();
      ${scaled ? `if (isCalm) {\n${addedProducts("s")}\n} else {\n${addedPowers()}\n}` : addedProducts("s")}
    }
    let own = vec4u(begin + tx * 4u) + vec4u(0u, 1u, 2u, 3u);
${each(TILE.rowsEach, (i) => {
  const sum = sumOf("s", i);
  return `    ${sum} = select(vec4f(), ${sum}, own <= vec4u(u32(first) + ty * 8u + ${i}u));
    total${i >> 2}.${component(i)} += (${sum}.x + ${sum}.y) + (${sum}.z + ${sum}.w);`;
})}
    // 16 keys at a time: the threads that have their weights lay them where all read them.
    for (var part = 0u; part < 4u; part++) {
      workgroupBarrier();
      if (tx / 4u == part) {
${each(4, (i) => {
  const c = component(i);
  const four = (from: number) => each(4, (r) => `${sumOf("s", from + r)}.${c}`, ", ");
  return `        left[((tx % 4u) * 4u + ${i}u) * ${TILE.quads}u + ty * 2u] = vec4f(${four(0)});
        left[((tx % 4u) * 4u + ${i}u) * ${TILE.quads}u + ty * 2u + 1u] = vec4f(${four(4)});`;
})}
      }
      for (var i = lid; i < ${TILE.terms * TILE.quads * blocks}u; i += ${TILE.threads}u) {
        let key = begin + part * ${TILE.terms}u + i / ${TILE.quads * blocks}u;
        var value = vec4f();
        let quad = columns * ${TILE.quads}u + i % ${TILE.quads * blocks}u;
        if (key < call.length) { value = load_v(keyBase + key, quad); }
        if (any(infinite_or_nan4(value))) { atomicStore(&notFinite, 1u); }
        right[i] = value;
      }
      workgroupBarrier();
      // A weight of 0 times NaN would be NaN.
      if (atomicLoad(&notFinite) == 0u) {
        ${addedProducts("o", blocks)}
      } else {
        ${addedWhere("o", blocks, isSeen)}
      }
    }
  }`;
}

/**
 * Where a key exceeds what rows before it have seen by far, the powers of all pairs by themselves: the same
 * numbers as those of their products, but for exponents that those would lose.
 */
function addedPowers(): string {
  const sums = each(TILE.rowsEach, (i) => {
    const sum = sumOf("s", i);
    const [own, c] = [i >> 2, component(i)];
    const exponent = `vec4i(wholeB) + vec4i(i32(wholeA${own}.${c}) - i32(peaks[ty * 8u + ${i}u]))`;
    return `${sum} = fma(vec4f(powerA${own}.${c}) * power_of_two(${exponent}), powerB, ${sum});`;
  });
  // An exponent as a whole number, and the power of the rest.
  const parted = (name: string, x: string): string => `let held${name} = held_exponent4(${x});
    let whole${name} = round(held${name});
    let power${name} = select(fraction_power_4(held${name} - whole${name}), ${x}, nan4(${x}));`;
  return `for (var term = 0u; term < ${TILE.terms}u; term++) {
    let a0 = left[term * ${TILE.quads}u + ty * 2u];
    let a1 = left[term * ${TILE.quads}u + ty * 2u + 1u];
    let b = right[term * ${TILE.quads}u + tx];
    ${parted("A0", "a0")}
    ${parted("A1", "a1")}
    ${parted("B", "b")}
${sums}
  }`;
}

/** What these texts call besides: four numbers of a state, and the features of a key. */
function helpers({ causal, state, map }: FeatureShaders): string {
  const key = `fn key(base: u32, position: u32, quad: u32) -> vec4f {
  if (position >= call.length) { return vec4f(); }
  return features_k(base + position, position + call.origin, quad);
}`;
  return `fn state_quad(state: u32, feature: u32, column: u32) -> vec4f {
  if (feature >= ${map.blocks * TILE.rows}u || column >= ${state.columnBlocks * TILE.quads}u) { return vec4f(); }
  return states[state + ${stateIndex(state, "feature", "column")}];
}
${causal ? key : ""}`;
}
