import { gridIndex } from "../wgsl/grid.ts";
import { each } from "../wgsl/text.ts";
import { TILE } from "../wgsl/tile-product.ts";
import { EXP2, NOT_FINITE } from "../wgsl/transcendental.ts";
import { CALL_TEXT } from "./call-uniform.ts";
import { NOTHING } from "./exponents.ts";
import type { FeatureShaders } from "./shaders.ts";

/** Bindings of the scan. `before`: the exponents of the sums that are left in the place of the segments' own. */
export const SCAN = { call: 0, states: 1, tops: 2, before: 3 } as const;

/** Threads of a workgroup. */
export const SCAN_THREADS = 64;

/**
 * In the place of each segment's state the sum of those before it, in a causal call; otherwise the sum of
 * all, in that of the first. A thread takes one quad of the states of a slice from the first to the last, so
 * that sums are the same however many there are.
 */
export function scanText(shaders: FeatureShaders): string {
  const { map, state, causal } = shaders;
  return `${CALL_TEXT}
${map.scaled ? `${NOT_FINITE}\n${EXP2}` : ""}
@group(0) @binding(${SCAN.states}) var<storage, read_write> states: array<vec4f>;
${map.scaled ? exponentBindings : ""}
@compute @workgroup_size(${SCAN_THREADS})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) all: vec3u,
  @builtin(local_invocation_index) lid: u32) {
  let thread = ${gridIndex("id", "all")} * ${SCAN_THREADS}u + lid;
  let slice = thread / ${state.quads}u;
  let at = thread % ${state.quads}u;
  if (slice >= call.slices) { return; }
  var sum = vec4f();
${map.scaled ? scaledSums(shaders) : plainSums(state.quads, causal)}
}`;
}

function plainSums(quads: number, causal: boolean): string {
  return `  for (var segment = 0u; segment < call.segments; segment++) {
    let to = (slice * call.segments + segment) * ${quads}u + at;
    var own = vec4f();
    if (segment < call.summed) { own = states[to]; }
${causal ? "    states[to] = sum;" : ""}
    sum += own;
  }
${causal ? "" : `  states[slice * call.segments * ${quads}u + at] = sum;`}`;
}

const exponentBindings = `
@group(0) @binding(${SCAN.tops}) var<storage, read> tops: array<f32>;
@group(0) @binding(${SCAN.before}) var<storage, read_write> before: array<vec4f>;`;

/** Sums whose exponents rise; the four of a total have each its own, those of a row of columns one. */
function scaledSums({ map, state, causal }: FeatureShaders): string {
  const features = map.blocks * TILE.rows;
  const four = each(4, (i) => `tops[top + ${i}u]`, ", ");
  return `  let isTotal = at >= ${state.totals}u;
  let feature = select(at / ${state.columnBlocks * TILE.quads}u, (at - ${state.totals}u) * 4u, isTotal);
  var exponent = vec4f(${NOTHING}.0);
  for (var segment = 0u; segment < call.segments; segment++) {
    let place = slice * call.segments + segment;
    let to = place * ${state.quads}u + at;
    let top = place * ${features}u + feature;
    let own = states[to];
    var other = vec4f(tops[top]);
    if (isTotal) { other = vec4f(${four}); }
${causal ? "    states[to] = sum;\n    if (isTotal) { before[top / 4u] = exponent; }" : ""}
    let most = max(exponent, other);
    sum = sum * exp2_4(exponent - most) + own * exp2_4(other - most);
    exponent = most;
  }
${
  causal
    ? ""
    : `  states[slice * call.segments * ${state.quads}u + at] = sum;
  if (isTotal) { before[(slice * call.segments * ${features}u + feature) / 4u] = exponent; }`
}`;
}
