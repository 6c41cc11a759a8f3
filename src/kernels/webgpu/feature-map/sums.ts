import { gridIndex } from "../wgsl/grid.ts";
import { rowsText } from "../wgsl/rows.ts";
import { each } from "../wgsl/text.ts";
import { addedProducts, clearedSums, operandsText, sumOf, TILE } from "../wgsl/tile-product.ts";
import { CALL_TEXT } from "./call-uniform.ts";
import { EXPONENTS } from "./exponents.ts";
import { featuresText, mapGround } from "./maps.ts";
import type { FeatureShaders } from "./shaders.ts";
import { stateIndex } from "./state-layout.ts";

/** Bindings of the sums. */
export const SUMS = { call: 0, k: 1, v: 2, states: 3, tops: 4, table: 5 } as const;

/**
 * The state of each segment by itself, `Σ φ(k) vᵀ` and `Σ φ(k)`: a workgroup for 64 features by 64 columns of
 * v. Where features are powers of 2 their exponents are less the largest of the segment, which goes to
 * `tops`.
 */
export function sumsText({ map, keys, values, state }: FeatureShaders): string {
  const { scaled } = map;
  return `${CALL_TEXT}
${mapGround(map, SUMS.table)}
${scaled ? EXPONENTS : ""}
${rowsText({ ...keys, name: "k", binding: SUMS.k })}
${featuresText(map, "k")}
${rowsText({ ...values, name: "v", binding: SUMS.v })}
@group(0) @binding(${SUMS.states}) var<storage, read_write> states: array<vec4f>;
${scaled ? `@group(0) @binding(${SUMS.tops}) var<storage, read_write> tops: array<vec4f>;` : ""}
${operandsText(1)}
${scaled ? `var<workgroup> top: array<vec4f, ${TILE.quads}>;` : ""}
@compute @workgroup_size(${TILE.threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) all: vec3u,
  @builtin(local_invocation_index) lid: u32) {
  let tx = lid % 16u;
  let ty = lid / 16u;
  let group = ${gridIndex("id", "all")};
  let columns = group % ${state.columnBlocks}u;
  let block = (group / ${state.columnBlocks}u) % ${map.blocks}u;
  let at = group / ${state.columnBlocks * map.blocks}u;
  let segment = at % call.summed;
  let slice = at / call.summed;
  if (slice >= call.slices) { return; }
  let first = segment * call.segment;
  let end = min(call.length, first + call.segment);
  let base = slice * call.length;
${scaled ? largestExponents(map.blocks) : ""}
  ${clearedSums("s")}
  var total = vec4f();
  for (var token = first; token < end; token += ${TILE.terms}u) {
    workgroupBarrier();
    for (var i = lid; i < ${TILE.terms * TILE.quads}u; i += ${TILE.threads}u) {
      let own = token + i / ${TILE.quads}u;
      var features = vec4f();
      var value = vec4f();
      if (own < end) {
        let quad = block * ${TILE.quads}u + i % ${TILE.quads}u;
        features = features_k(base + own, own + call.origin, quad);
${scaled ? `        features = select(vec4f(), power_by4(features, -top[i % ${TILE.quads}u]), quad < ${map.quads}u);` : ""}
        value = load_v(base + own, columns * ${TILE.quads}u + i % ${TILE.quads}u);
      }
      left[i] = features;
      right[i] = value;
    }
    workgroupBarrier();
    ${addedProducts("s")}
    if (columns == 0u && lid < ${TILE.quads}u) {
      for (var term = 0u; term < ${TILE.terms}u; term++) { total += left[term * ${TILE.quads}u + lid]; }
    }
  }
  let to = (slice * call.segments + segment) * ${state.quads}u;
  let column = columns * ${TILE.quads}u + tx;
${each(TILE.rowsEach, (i) => `  states[to + ${stateIndex(state, `(block * 64u + ty * 8u + ${i}u)`, "column")}] = ${sumOf("s", i)};`)}
  if (columns == 0u && lid < ${TILE.quads}u) { states[to + ${state.totals}u + block * ${TILE.quads}u + lid] = total; }
}`;
}

/** The largest exponent of each feature in the segment, rounded up; a key of NaN counts for nothing in it. */
function largestExponents(blocks: number): string {
  return `  {
    let quad = block * ${TILE.quads}u + tx;
    var most = vec4f(NOTHING);
    for (var token = first + ty; token < end; token += 8u) { most = max(most, numbers4(load_k(base + token, quad))); }
    left[ty * ${TILE.quads}u + tx] = most;
    workgroupBarrier();
    if (lid < ${TILE.quads}u) {
      for (var part = 0u; part < 8u; part++) { most = max(most, left[part * ${TILE.quads}u + lid]); }
      top[lid] = ceil(most);
      if (columns == 0u) {
        tops[(slice * call.segments + segment) * ${blocks * TILE.quads}u + quad] = ceil(most);
      }
    }
    workgroupBarrier();
  }`;
}
