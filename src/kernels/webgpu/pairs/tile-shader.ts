import type { NormaliserName } from "../../../pairwise/row-numbers.ts";
import type { Storage } from "../gpu/storage.ts";
import { exponentialsText } from "../wgsl/exponentials.ts";
import { gridIndex } from "../wgsl/grid.ts";
import { rowsText } from "../wgsl/rows.ts";
import { each } from "../wgsl/text.ts";
import { uniformText } from "../wgsl/uniform.ts";
import { CALL } from "./call.ts";
import { finishText } from "./finish-text.ts";
import { EMPTY, factorText } from "./normalise.ts";
import { scoresText } from "./scores-text.ts";
import { columnsOf, SQUARE, squaresAcross, THREAD, TILE_ROWS, type TileSize } from "./tile-size.ts";
import { valuesText } from "./values-text.ts";
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

/**
 * One item a workgroup: its rows over a part of their keys, tile by tile, with an online softmax (Milakov and
 * Gimelshein 2018, arXiv 1805.02867). A thread has 8 rows × 4 keys of the scores, and the same rows × 4 columns
 * of each block of the output, in variables of their own: arrays of them would be memory to some drivers.
 */
export function tileShader(shader: TileShader): string {
  const { size, biased } = shader;
  const { blocks, shares } = columnsOf(shader.valueDim, size);
  const across = squaresAcross(size);
  const ofRows = (text: (row: number) => string): string => each(THREAD.rows, text);
  const outputs = (row: number): string => each(blocks, (b) => `var out${b}_${row} = vec4f();`, " ");
  return `${declarations(shader)}
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
  // The first row and key of this thread, and its four columns of a block of the output.
  let row = half * ${SQUARE}u + (thread % 32u) / 8u * ${THREAD.rows}u;
  let key = square % ${across}u * ${SQUARE}u + thread % 8u * ${THREAD.keys}u;
  let quad = key / 4u;
  let outQuad = ${shares === 1 ? "quad" : "thread % 8u"};

  if (thread < ${TILE_ROWS}u) {
    rowTokens[thread] = select(0u, tokenAt(plan[item + 1u], plan[item] + thread), thread < rows);
  }
  if (thread == 0u) { atomicStore(&notFinite, 0u); }
  workgroupBarrier();
${biased ? ofRows((i) => `  let bias${i} = biasesAt(head, rowTokens[row + ${i}u]);`) : ""}
${ofRows((i) => `  var most${i} = ${EMPTY}; var total${i} = 0.0; ${outputs(i)}`)}

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
${scoresText(shader)}
      // What each row attends of this thread's keys: nothing where it is skipped, nor of keys beyond the last one.
      let there = select(0u, (1u << u32(clamp(i32(count) - i32(key), 0, 4))) - 1u, isActive);
${ofRows((i) => `      var w${i} = there;`)}
      if (masked && isActive) {
${ofRows((i) => `        w${i} = attended(mask, row + ${i}u, key);`)}
      }
${weighingText(shader)}
${valuesText(shader)}
    }
  }
${finishText(shader)}
}
`;
}

function declarations(shader: TileShader): string {
  const { size, headDim, valueDim, rows, values, biased } = shader;
  const { blocks, columns, keys, shares } = columnsOf(valueDim, size);
  const stage = Math.max(
    (size.channels * (TILE_ROWS + size.keys)) / 4,
    (shares * keys * blocks * columns) / 4,
  );
  return `${uniformText("call", BINDINGS.call, CALL)}
${rowsText({ name: "q", binding: BINDINGS.q, width: headDim, storage: rows })}
${rowsText({ name: "k", binding: BINDINGS.k, width: headDim, storage: rows })}
${rowsText({ name: "v", binding: BINDINGS.v, width: valueDim, storage: values })}
@group(0) @binding(${BINDINGS.plan}) var<storage, read> plan: array<u32>;
${rowsText({ name: "output", binding: BINDINGS.output, width: valueDim, storage: values, access: "read_write" })}
@group(0) @binding(${BINDINGS.parts}) var<storage, read_write> parts: array<vec4f>;
// Channels of queries and keys, or keys of values.
var<workgroup> stage: array<vec4f, ${stage}>;
// Of each key the weights of all rows.
var<workgroup> weights: array<vec4f, ${(size.keys * TILE_ROWS) / 4}>;
// Of each row what its threads have: a number each, since a component of a vec4 may be written with its neighbours.
var<workgroup> ofThreads: array<f32, ${TILE_ROWS * (size.keys / 4 + 1)}>;
var<workgroup> ofRow: array<f32, ${TILE_ROWS}>;
var<workgroup> rowTokens: array<u32, ${TILE_ROWS}>;
var<workgroup> keyTokens: array<u32, ${size.keys}>;
var<workgroup> notFinite: atomic<u32>;
${exponentialsText(shader.builtInPowers)}
${factorText(shader.normaliser)}
fn tokenAt(list: u32, entry: u32) -> u32 {
  if (list == 0xffffffffu) { return entry; }
  return plan[call.tokensAt + list + entry];
}
// Which of the four keys from this one on a row of a tile attends: a bit each.
fn attended(mask: u32, row: u32, key: u32) -> u32 {
  return (plan[call.masksAt + mask + 1u + row * ${squaresAcross(size)}u + key / 32u] >> (key % 32u)) & 15u;
}
${biased ? biasDeclarations(size) : ""}`;
}

function biasDeclarations({ keys }: TileSize): string {
  return `@group(0) @binding(${BINDINGS.biases}) var<storage, read> biases: array<f32>;
var<workgroup> keyPlaces: array<i32, ${keys}>;
// Where a token lies on the line along which distances count.
fn placeOf(token: i32) -> i32 {
  if (call.placesAt == 0xffffffffu) { return token; }
  return i32(plan[call.placesAt + u32(token - call.firstPlaced)]);
}
// Where the biases of a row would be of a key whose place is 0.
fn biasesAt(head: u32, row: u32) -> i32 {
  return i32(head * call.biases) - call.leastBias - placeOf(i32(row + call.length) - i32(call.queries));
}`;
}
