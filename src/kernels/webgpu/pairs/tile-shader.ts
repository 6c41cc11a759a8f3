import type { NormaliserName } from "../../../pairwise/row-numbers.ts";
import type { Storage } from "../gpu/storage.ts";
import { exponentialsText } from "../wgsl/exponentials.ts";
import { gridIndex } from "../wgsl/grid.ts";
import { rowsText } from "../wgsl/rows.ts";
import { component, each } from "../wgsl/text.ts";
import { uniformText } from "../wgsl/uniform.ts";
import { CALL } from "./call.ts";
import { EMPTY, factorText } from "./normalise.ts";
import { stagingText } from "./staging.ts";
import { columnsOf, SQUARE, squaresAcross, THREAD, TILE_ROWS, type TileSize } from "./tile-size.ts";
import { weighingText } from "./weighing-text.ts";

/** What a shader is made for. */
export interface TileShader {
  readonly size: TileSize;
  readonly headDim: number;
  readonly valueDim: number;
  /** How q and k are stored, and how v and the output are. */
  readonly rows: Storage;
  readonly values: Storage;
  readonly biased: boolean;
  readonly normaliser: NormaliserName;
  readonly builtInPowers: boolean;
}

/** Where a dispatch finds what it reads and writes. */
export const BINDINGS = { call: 0, q: 1, k: 2, v: 3, plan: 4, output: 5, parts: 6, biases: 7 } as const;

const ROWS = THREAD.rows;

/**
 * One item a workgroup: its rows over a part of their keys, tile by tile, with an online softmax. A thread has 8 rows × 4 keys
 * of the scores, and the same rows × 4 columns of each block of the output, in variables of their own: arrays of them
 * would be memory to some drivers.
 */
export function tileShader(shader: TileShader): string {
  const { size, headDim, valueDim, rows, values, biased, normaliser } = shader;
  const { blocks, staged } = columnsOf(valueDim, size);
  const keyQuads = size.keys / 4;
  const across = squaresAcross(size);
  const stage = Math.max(size.channels * (TILE_ROWS / 4 + keyQuads), staged * blocks * keyQuads);
  const ofRows = (text: (row: number) => string): string => each(ROWS, text);
  const ofBlocks = (text: (block: number) => string, between = " "): string => each(blocks, text, between);
  return `${uniformText("call", BINDINGS.call, CALL)}
${rowsText({ name: "q", binding: BINDINGS.q, width: headDim, storage: rows })}
${rowsText({ name: "k", binding: BINDINGS.k, width: headDim, storage: rows })}
${rowsText({ name: "v", binding: BINDINGS.v, width: valueDim, storage: values })}
@group(0) @binding(${BINDINGS.plan}) var<storage, read> plan: array<u32>;
${rowsText({ name: "output", binding: BINDINGS.output, width: valueDim, storage: values, access: "read_write" })}
@group(0) @binding(${BINDINGS.parts}) var<storage, read_write> parts: array<vec4f>;
${biased ? `@group(0) @binding(${BINDINGS.biases}) var<storage, read> biases: array<f32>;` : ""}
// Channels of queries and keys, or keys of values.
var<workgroup> stage: array<vec4f, ${stage}>;
// Of each key the weights of all rows.
var<workgroup> weights: array<vec4f, ${size.keys * (TILE_ROWS / 4)}>;
// Of each row what its threads have: a number each, since a component of a vec4 may be written with its neighbours.
var<workgroup> ofThreads: array<f32, ${TILE_ROWS * (size.keys / 4 + 1)}>;
var<workgroup> ofRow: array<f32, ${TILE_ROWS}>;
var<workgroup> rowTokens: array<u32, ${TILE_ROWS}>;
var<workgroup> keyTokens: array<u32, ${size.keys}>;
${biased ? `var<workgroup> keyPlaces: array<i32, ${size.keys}>;` : ""}
var<workgroup> notFinite: atomic<u32>;
${exponentialsText(shader.builtInPowers)}
${factorText(normaliser)}
fn tokenAt(list: u32, entry: u32) -> u32 {
  if (list == 0xffffffffu) { return entry; }
  return plan[call.tokensAt + list + entry];
}
${biased ? PLACES : ""}
// Which of the four keys from this one on a row of a tile attends: a bit each.
fn attended(mask: u32, row: u32, key: u32) -> u32 {
  return (plan[call.masksAt + mask + 1u + row * ${across}u + key / 32u] >> (key % 32u)) & 15u;
}
fn sumOf(x: vec4f) -> f32 { return (x.x + x.y) + (x.z + x.w); }

@compute @workgroup_size(${size.threads})
fn main(
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) all: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let index = ${gridIndex("id", "all")};
  if (index >= call.count) { return; }
  let slice = plan[call.slicesAt + call.firstSlice + id.z];
  let head = slice % call.heads;
  let keyBase = (slice / call.heads * call.kvHeads + head * call.kvHeads / call.heads) * call.length;
  let rowBase = slice * call.queries;
  let item = call.itemsAt + index * 8u;
  let rows = plan[item + 2u];
  let endTask = plan[item + 4u];
  let keyFrom = plan[item + 5u];
  let partAt = plan[item + 7u];

  let square = thread / 32u;
  let half = square / ${across}u;
  // The first row and key of this thread, and what it has of a block of the output.
  let row = half * ${SQUARE}u + (thread % 32u) / 8u * ${ROWS}u;
  let key = square % ${across}u * ${SQUARE}u + thread % 8u * 4u;
  let quad = key / 4u;

  if (thread < ${TILE_ROWS}u) {
    rowTokens[thread] = select(0u, tokenAt(plan[item + 1u], plan[item] + thread), thread < rows);
  }
  if (thread == 0u) { atomicStore(&notFinite, 0u); }
  workgroupBarrier();
${biased ? ofRows((i) => `  let bias${i} = i32(head * call.biases) - call.leastBias - placeOf(i32(rowTokens[row + ${i}u] + call.length) - i32(call.queries));`) : ""}
${ofRows((i) => `  var most${i} = ${EMPTY}; var total${i} = 0.0; ${ofBlocks((b) => `var out${b}_${i} = vec4f();`)}`)}

  for (var task = plan[item + 3u]; task < endTask; task++) {
    let at = call.tasksAt + task * 4u;
    let firstKey = plan[at];
    let list = plan[at + 1u];
    let keyEnd = min(plan[at + 2u], plan[item + 6u]);
    let mask = plan[at + 3u];
    let masked = mask != 0xffffffffu;
    for (var begin = keyFrom; begin < keyEnd; begin += ${size.keys}u) {
      let count = min(${size.keys}u, keyEnd - begin);
      // The keys from the first to the last that some row of this thread's half attends.
      var hullFrom = 0u;
      var hullTo = select(0u, count, half * ${SQUARE}u < rows);
      if (masked) {
        let hull = plan[call.masksAt + mask] >> (half * 16u);
        hullFrom = hull & 255u;
        hullTo = (hull >> 8u) & 255u;
      }
      let squareFrom = key & ~${SQUARE - 1}u;
      let isActive = hullFrom < squareFrom + ${SQUARE}u && hullTo > squareFrom;
      // The last tile's tokens were last read before a barrier that all have passed.
      if (thread < count) {
        let token = tokenAt(list, firstKey + begin + thread);
        keyTokens[thread] = token;
${biased ? "        keyPlaces[thread] = placeOf(i32(token));" : ""}
      }
${ofRows((i) => `      var s${i} = vec4f();`)}
      for (var channel = 0u; channel < ${Math.ceil(headDim / 4)}u; channel += ${size.channels / 4}u) {
        workgroupBarrier();
${stagingText(size, headDim)}
        workgroupBarrier();
        if (isActive) {
          for (var c = 0u; c < ${size.channels}u; c++) {
            let swizzle = (c / 4u) * 2u;
            let a0 = stage[c * ${TILE_ROWS / 4}u + ((row / 4u) ^ swizzle)];
            let a1 = stage[c * ${TILE_ROWS / 4}u + ((row / 4u + 1u) ^ swizzle)];
            let b = stage[${(size.channels * TILE_ROWS) / 4}u + c * ${keyQuads}u + (quad ^ swizzle)];
${ofRows((i) => `            s${i} = fma(vec4f(${ofRow(i)}), b, s${i});`)}
          }
        }
      }
      // What each row attends of this thread's keys: nothing where it is skipped, nor of keys beyond the last one.
      let there = select(0u, (1u << u32(clamp(i32(count) - i32(key), 0, 4))) - 1u, isActive);
${ofRows((i) => `      var w${i} = there;`)}
      if (masked && isActive) {
${ofRows((i) => `        w${i} = attended(mask, row + ${i}u, key);`)}
      }
${biased ? biasText() : ""}
${weighingText(shader)}
      for (var first = 0u; first < count; first += ${staged}u) {
        workgroupBarrier();
        for (var at = thread; at < ${staged * blocks * keyQuads}u; at += ${size.threads}u) {
          let own = first + at / ${blocks * keyQuads}u;
          var x = vec4f();
          if (own < count) { x = load_v(keyBase + keyTokens[own], call.firstQuad + at % ${blocks * keyQuads}u); }
          stage[at] = x;
          if (masked && any(infinite_or_nan4(x))) { atomicStore(&notFinite, 1u); }
        }
        workgroupBarrier();
        if (first < hullTo && first + ${staged}u > hullFrom) {
          if (masked && atomicLoad(&notFinite) != 0u) {
            // Weight 0 would spread what is not finite to rows that do not attend it.
            for (var c = 0u; c < ${staged}u; c++) {
${weightsOf("first + c")}
${ofRows((i) => `              let w${i} = vec4<bool>((attended(mask, row + ${i}u, own) & 1u) != 0u);`)}
${eachBlock(blocks, keyQuads, (b, i) => `fma(vec4f(${ofRow(i)}), select(vec4f(), b${b}, w${i}), out${b}_${i})`)}
            }
          } else {
            for (var c = 0u; c < ${staged}u; c++) {
${weightsOf("first + c")}
${eachBlock(blocks, keyQuads, (b, i) => `fma(vec4f(${ofRow(i)}), b${b}, out${b}_${i})`)}
            }
          }
        }
      }
    }
  }
  // The state of each row: its sum of what threads have, and its maximum, which they all have, where nothing else is.
  workgroupBarrier();
${ofRows((i) => `  ofThreads[(row + ${i}u) * ${keyQuads + 1}u + quad] = total${i};`)}
  if (quad == 0u) {
${ofRows((i) => `    ofThreads[(row + ${i}u) * ${keyQuads + 1}u + ${keyQuads}u] = most${i};`)}
  }
  workgroupBarrier();
  let isPart = partAt != 0xffffffffu;
  let part = (id.z * call.parts + partAt) * ${partQuads(shader)}u;
  if (thread < rows) {
    var total = 0.0;
    for (var at = 0u; at < ${keyQuads}u; at++) { total += ofThreads[thread * ${keyQuads + 1}u + at]; }
    let most = ofThreads[thread * ${keyQuads + 1}u + ${keyQuads}u];
    if (isPart) {
      ofRow[thread] = 1.0;
      parts[part + thread * ${partQuads(shader)}u + ${blocks * keyQuads}u] = vec4f(most, total, 0.0, 0.0);
    } else { ofRow[thread] = factorOf(most, total, rowTokens[thread]); }
  }
${ofBlocks(
  (b) => `  workgroupBarrier();
${ofRows((i) => `  weights[(row + ${i}u) * ${keyQuads}u + quad] = out${b}_${i};`)}
  workgroupBarrier();
  for (var at = thread; at < rows * ${keyQuads}u; at += ${size.threads}u) {
    let own = at / ${keyQuads}u;
    let column = ${b * keyQuads}u + at % ${keyQuads}u;
    if (isPart) { parts[part + own * ${partQuads(shader)}u + column] = weights[at]; }
    else { store_output(rowBase + rowTokens[own], call.firstQuad + column, weights[at] * ofRow[own]); }
  }`,
  "\n",
)}
}
`;
}

/** Numbers of a part of a row, in fours: its columns of a slab, and then maximum and sum. */
export function partQuads({ size, valueDim }: Pick<TileShader, "size" | "valueDim">): number {
  return columnsOf(valueDim, size).blocks * (size.keys / 4) + 1;
}

/** Of the rows in a0 and a1, one. */
function ofRow(row: number): string {
  return `a${Math.floor(row / 4)}.${component(row)}`;
}

/** The weights that the rows of a thread have of a key. */
function weightsOf(key: string): string {
  const at = (quad: number) => `weights[own * ${TILE_ROWS / 4}u + ((row / 4u + ${quad}u) ^ swizzle)]`;
  return `              let own = ${key};
              let swizzle = (own / 4u) % 8u;
              let a0 = ${at(0)};
              let a1 = ${at(1)};`;
}

/** Adds key `c` of the staged values to every row of every block. */
function eachBlock(blocks: number, keyQuads: number, sum: (block: number, row: number) => string): string {
  return each(
    blocks,
    (b) => `              let b${b} = stage[c * ${blocks * keyQuads}u + ${b * keyQuads}u + quad];
${each(ROWS, (i) => `              out${b}_${i} = ${sum(b, i)};`)}`,
  );
}

/** Where a token lies on the line along which distances count. */
const PLACES = `fn placeOf(token: i32) -> i32 {
  if (call.placesAt == 0xffffffffu) { return token; }
  return i32(plan[call.placesAt + u32(token - call.firstPlaced)]);
}`;

function biasText(): string {
  const places = each(4, (c) => `keyPlaces[key + ${c}u]`, ", ");
  return `      if (isActive) {
        let places = vec4i(${places});
${each(ROWS, (i) => `        { let at = vec4u(places + bias${i}); s${i} += vec4f(${each(4, (c) => `biases[at.${component(c)}]`, ", ")}); }`)}
      }`;
}
