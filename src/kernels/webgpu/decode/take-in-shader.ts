import { gridIndex, gridOf } from "../wgsl/grid.ts";
import { quadsOf, type StepShape } from "./step-shape.ts";
import { NOWHERE, TABLES, TEAM, TOKEN } from "./token-words.ts";
import { turnedText } from "./turned-text.ts";

const THREADS = 64;

export const TAKE_IN_BINDINGS = {
  token: 0,
  tables: 1,
  newKeys: 2,
  newValues: 3,
  keys: 4,
  values: 5,
  tokenAt: 6,
  angles: 7,
} as const;

/**
 * Puts the keys and values of tokens `[kvSlices, count, width]` into their slots of every cache, keys turned: a thread for four
 * columns of a token in a cache.
 */
export function takeInShader({ headDim, valueDim, turn, biased }: StepShape): string {
  const [keyQuads, valueQuads] = [quadsOf(headDim), quadsOf(valueDim)];
  const B = TAKE_IN_BINDINGS;
  return `@group(0) @binding(${B.token}) var<storage, read> token: array<u32>;
@group(0) @binding(${B.tables}) var<storage, read> tables: array<u32>;
@group(0) @binding(${B.newKeys}) var<storage, read> newKeys: array<f32>;
@group(0) @binding(${B.newValues}) var<storage, read> newValues: array<f32>;
@group(0) @binding(${B.keys}) var<storage, read_write> keys: array<vec4f>;
@group(0) @binding(${B.values}) var<storage, read_write> values: array<vec4f>;
${biased ? `@group(0) @binding(${B.tokenAt}) var<storage, read_write> tokenAt: array<u32>;` : ""}
${turn === null ? "" : `@group(0) @binding(${B.angles}) var<storage, read> angles: array<f32>;`}
${turnedText({ at: (index) => `newKeys[${index}]`, headDim, turn })}
fn valueQuad(start: u32, quad: u32) -> vec4f {
  var x = vec4f();
  for (var i = 0u; i < 4u; i++) {
    let column = 4u * quad + i;
    if (column < ${valueDim}u) { x[i] = newValues[start + column]; }
  }
  return x;
}
@compute @workgroup_size(${THREADS})
fn main(
  @builtin(local_invocation_index) thread: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) all: vec3u,
) {
  let index = ${gridIndex("id", "all")} * ${THREADS}u + thread;
  let count = token[${TOKEN.count}];
  let quad = index % ${keyQuads + valueQuads}u;
  let arrived = (index / ${keyQuads + valueQuads}u) % count;
  let slice = index / ${keyQuads + valueQuads}u / count;
  if (slice >= tables[${TABLES.slices}]) { return; }
  let team = ${TABLES.words}u + slice * tables[${TABLES.teamsPerSlice}] * ${TEAM.words}u;
  let slot = token[${TOKEN.words}u + tables[team + ${TEAM.schedule}u] * count + arrived];
  if (slot == ${NOWHERE}u) { return; }
  let row = tables[team + ${TEAM.firstRow}u] + slot;
  let start = tables[team + ${TEAM.kvSlice}u] * count + arrived;
  let taken = token[${TOKEN.first}] + arrived;
  if (quad < ${keyQuads}u) {
    keys[row * ${keyQuads}u + quad] = quadOf(start * ${headDim}u, quad, taken);
  } else {
    let column = quad - ${keyQuads}u;
    values[row * ${valueQuads}u + column] = valueQuad(start * ${valueDim}u, column);
  }
${biased ? "  if (quad == 0u) { tokenAt[row] = taken; }" : ""}
}
`;
}

/** Workgroups for so many tokens in every cache. */
export function takeInGroups(
  { headDim, valueDim }: StepShape,
  slices: number,
  tokens: number,
): readonly [x: number, y: number, z: number] {
  return [...gridOf(Math.ceil((slices * tokens * (quadsOf(headDim) + quadsOf(valueDim))) / THREADS)), 1];
}
