import { NOTHING, REACH } from "./exponents.ts";
import type { MapPlan } from "./plan.ts";

/**
 * Exponents of FAVOR+ in the shader of rows. Read as two softmaxes, of keys for each feature and of features
 * for each query, weights are `2^(b + m)`, b of the query's product with a feature and m of the feature's
 * sums, less the row's peak, the largest of them; and `2^(a - m)` of a key. m is the exponent of the state,
 * or that of the segment's own keys.
 *
 * Keys of a segment share an m, which is at least that of every one of them. If one exceeds what an earlier
 * row has seen by more than `REACH`, the products of that row might all be lost, and the powers of pairs are
 * added one by one: then the segment is not calm.
 */
export function peaksText({ quads, blocks }: MapPlan, causal: boolean): string {
  const features = blocks * 16;
  const most = causal ? "max(before[state + quad], top(place, quad))" : "before[state + quad]";
  return `
var<workgroup> peaks: array<f32, 128>;
${causal ? "var<workgroup> restless: atomic<u32>;\nvar<private> isCalm = true;" : ""}
fn weight_before(exponent: vec4f, row: u32, place: u32, quad: u32) -> vec4f {
  if (quad >= ${quads}u) { return vec4f(); }
  return power_by4(exponent, before[place * ${features}u + quad] - peaks[row]);
}
fn largest(x: vec4f) -> f32 { return max(max(x.x, x.y), max(x.z, x.w)); }
fn find_peaks(lid: u32, base: i32, firstRow: i32, first: i32, keyBase: u32, place: u32) {
  let state = place * ${features}u;
  let row = lid % 64u;
${causal ? calmText(quads) : ""}
  var peak = ${NOTHING * 2}.0;
  for (var quad = lid / 64u; quad < ${quads}u; quad += 2u) {
    let own = query(base, row, firstRow, first, quad);
    var most = ${most};
${causal ? "    if (!isCalm) { most = before[state + quad]; }" : ""}
    peak = max(peak, largest(own + most));
${
  causal
    ? `    if (!isCalm) {
      for (var i = 0u; i <= row; i++) { peak = max(peak, largest(own + numbers4(key(keyBase, u32(first) + i, quad)))); }
    }`
    : ""
}
  }
  peaks[lid] = peak;
  workgroupBarrier();
  if (lid < 64u) { peaks[lid] = ceil(max(peak, peaks[lid + 64u])); }
  workgroupBarrier();
}
${causal ? withinText(quads, features) : ""}`;
}

/** Finds out whether any feature of a key exceeds by far what the segment's first row has seen. */
function calmText(quads: number): string {
  return `  if (lid == 0u) { atomicStore(&restless, 0u); }
  workgroupBarrier();
  for (var quad = lid; quad < ${quads}u; quad += 128u) {
    let seen = max(before[state + quad], numbers4(key(keyBase, u32(first), quad)));
    if (any(top(place, quad) - seen > vec4f(${REACH}.0))) { atomicStore(&restless, 1u); }
  }
  workgroupBarrier();
  isCalm = atomicLoad(&restless) == 0u;
  workgroupBarrier();`;
}

/** Weights by the exponents of the segment's own keys; where it is not calm, what its powers are made of. */
function withinText(quads: number, features: number): string {
  return `
fn top(place: u32, quad: u32) -> vec4f { return tops[place * ${features}u + quad]; }
fn weight_within(exponent: vec4f, row: u32, place: u32, quad: u32) -> vec4f {
  if (quad >= ${quads}u) { return vec4f(select(NOTHING, 0.0, isCalm)); }
  if (isCalm) { return power_by4(exponent, top(place, quad) - peaks[row]); }
  return exponent;
}
fn weight_of_key(exponent: vec4f, place: u32, quad: u32) -> vec4f {
  if (quad >= ${quads}u || !isCalm) { return exponent; }
  return power_by4(exponent, -top(place, quad));
}`;
}
