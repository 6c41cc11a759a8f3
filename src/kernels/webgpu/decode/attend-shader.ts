import { exponentialsText } from "../wgsl/exponentials.ts";
import { each } from "../wgsl/text.ts";
import { BLOCK, quadsOf, type StepShape, THREADS } from "./step-shape.ts";
import { FINISHED, LEAST, overThreadsText } from "./sum-text.ts";
import { NOWHERE, ROW, TABLES, TEAM, TOKEN } from "./token-words.ts";
import { turnedText } from "./turned-text.ts";
import { componentOf, eachVector, WEIGHING } from "./weigh-text.ts";

export const ATTEND_BINDINGS = {
  token: 0,
  tables: 1,
  keys: 2,
  values: 3,
  outputs: 4,
  parts: 5,
  tokenAt: 6,
  angles: 7,
} as const;

/**
 * A step's query over one part of its keys, in workgroups `[parts, teams]`. Their rows are read from the cache block by block: a
 * thread a key for its scores, and threads side by side for its value. All readers of a team read a row at the same time. What
 * becomes of it goes to the output where there is one part, and otherwise to `parts`, `[heads, parts, valueQuads + 1]`, with the
 * largest score and the sum of the weights behind the sums.
 */
export function attendShader(shape: StepShape, builtInPowers: boolean): string {
  const { headDim, valueDim, readers, biased, turn, normaliser } = shape;
  const [keyQuads, valueQuads] = [quadsOf(headDim), quadsOf(valueDim)];
  const B = ATTEND_BINDINGS;
  return `@group(0) @binding(${B.token}) var<storage, read> token: array<u32>;
@group(0) @binding(${B.tables}) var<storage, read> tables: array<u32>;
@group(0) @binding(${B.keys}) var<storage, read> keys: array<vec4f>;
@group(0) @binding(${B.values}) var<storage, read> values: array<vec4f>;
@group(0) @binding(${B.outputs}) var<storage, read_write> outputs: array<vec4f>;
@group(0) @binding(${B.parts}) var<storage, read_write> parts: array<vec4f>;
${biased ? `@group(0) @binding(${B.tokenAt}) var<storage, read> tokenAt: array<u32>;` : ""}
${turn === null ? "" : `@group(0) @binding(${B.angles}) var<storage, read> angles: array<f32>;`}
${exponentialsText(builtInPowers)}
${overThreadsText(valueDim)}
${FINISHED[normaliser]}
${WEIGHING[normaliser].functions}
${turnedText({ at: (index) => `bitcast<f32>(token[${index}])`, headDim, turn })}
${biased ? BIASES : ""}
var<workgroup> queries: array<vec4f, ${readers * keyQuads}>;
var<workgroup> weights: array<f32, ${readers * BLOCK}>;
var<workgroup> rows: array<u32, ${BLOCK}>;
@compute @workgroup_size(${THREADS})
fn main(
  @builtin(local_invocation_index) thread: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) all: vec3u,
) {
  let team = id.z * all.y + id.y;
  if (team >= tables[${TABLES.slices}] * tables[${TABLES.teamsPerSlice}]) { return; }
  let teamAt = ${TABLES.words}u + team * ${TEAM.words}u;
  let firstRow = tables[teamAt + ${TEAM.firstRow}u];
  let firstHead = team * ${readers}u;
  let rowAt = token[${TOKEN.rowsAt}] + tables[teamAt + ${TEAM.schedule}u] * ${ROW.words}u;
  let rowKeys = token[rowAt + ${ROW.keys}u];
  let number = bitcast<f32>(token[rowAt + ${ROW.number}u]);
  let share = (rowKeys + token[${TOKEN.parts}] - 1u) / token[${TOKEN.parts}];
  let begin = min(id.x * share, rowKeys);
  let end = min(begin + share, rowKeys);
  let factor = bitcast<f32>(tables[${TABLES.factor}]);
  for (var i = thread; i < ${readers * keyQuads}u; i += ${THREADS}u) {
    let start = token[${TOKEN.queriesAt}] + (firstHead + i / ${keyQuads}u) * ${headDim}u;
    queries[i] = factor * quadOf(start, i % ${keyQuads}u, token[${TOKEN.first}]);
  }
${eachVector(readers, (v) => `  var most${v} = vec4f(${LEAST});\n  var total${v} = vec4f();`)}
${each(readers, (r) => `  var sums${r} = vec4f();`)}
  let lane = thread % ${valueQuads}u;
  let group = thread / ${valueQuads}u;
  var piece = 0u;
  var before = 0u;
  for (var at = begin; at < end; at += ${BLOCK}u) {
    let count = min(${BLOCK}u, end - at);
${ROWS_OF_BLOCK}
    workgroupBarrier();
${scoresText(shape)}
    workgroupBarrier();
${sumsText(shape)}
    workgroupBarrier();
  }
${eachVector(readers, (v) => `  let allTotal${v} = sumOf(total${v}, thread);`)}
${each(readers, (r) => writingText(r, valueQuads))}
}
`;
}

/** The rows of a block's keys, from the pieces in which they lie. */
const ROWS_OF_BLOCK = `    let piecesAt = token[rowAt + ${ROW.piecesAt}u];
    let pieces = tables[piecesAt];
    while (piece < pieces && before < at + count) {
      let pieceAt = piecesAt + 1u + 3u * piece;
      var inPiece = token[rowAt + ${ROW.lastCount}u];
      if (piece + 1u < pieces) { inPiece = tables[pieceAt + 2u]; }
      let pieceEnd = min(before + inPiece, at + count);
      for (var key = max(before, at) + thread; key < pieceEnd; key += ${THREADS}u) {
        rows[key - at] = firstRow + tables[pieceAt] + (key - before) * tables[pieceAt + 1u];
      }
      if (before + inPiece > at + count) { break; }
      before += inPiece;
      piece++;
    }`;

/** Scores of the block's keys, and then their weights. */
function scoresText(shape: StepShape): string {
  const { headDim, readers, biased, normaliser } = shape;
  const keyQuads = quadsOf(headDim);
  const weighing = WEIGHING[normaliser];
  const head = (r: number) => `((firstHead + ${r}u) % tables[${TABLES.heads}])`;
  return `${eachVector(readers, (v) => `    var largest${v} = vec4f(${LEAST});`)}
    for (var key = thread; key < count; key += ${THREADS}u) {
      let start = rows[key] * ${keyQuads}u;
${each(readers, (r) => `      var score${r} = 0.0;`)}
      for (var quad = 0u; quad < ${keyQuads}u; quad++) {
        let k = keys[start + quad];
${each(readers, (r) => `        score${r} += dot(queries[${r * keyQuads}u + quad], k);`)}
      }
${biased ? "      let bias = biasesAt(tokenAt[rows[key]]);" : ""}
${biased ? each(readers, (r) => `      score${r} += bitcast<f32>(tables[bias + ${head(r)} * tables[${TABLES.biases}]]);`) : ""}
${weighing.scored(readers)}
    }
${weighing.weighted(readers)}`;
}

/** The values of the block, times their weights: groups of threads take turns, a thread sums four columns. */
function sumsText(shape: StepShape): string {
  const { valueDim, readers, normaliser } = shape;
  const valueQuads = quadsOf(valueDim);
  const groups = Math.floor(THREADS / valueQuads);
  const shrunk = (r: number) => {
    const by = WEIGHING[normaliser].shrink(r);
    return by === null ? `sums${r}` : `sums${r} * ${by}`;
  };
  return `    if (group < ${groups}u) {
${each(readers, (r) => `      var block${r} = vec4f();`)}
      for (var key = group; key < count; key += ${groups}u) {
        let v = values[rows[key] * ${valueQuads}u + lane];
${each(readers, (r) => `        block${r} += weights[${r * BLOCK}u + key] * v;`)}
      }
${each(readers, (r) => `      sums${r} = ${shrunk(r)} + block${r};`)}
    }`;
}

function writingText(r: number, valueQuads: number): string {
  const [most, total] = [componentOf("most", r), componentOf("allTotal", r)];
  return `  {
    let sums = overGroups(sums${r}, thread);
    let head = firstHead + ${r}u;
    let part = (head * token[${TOKEN.parts}] + id.x) * ${valueQuads + 1}u;
    if (token[${TOKEN.parts}] == 1u) {
      if (thread < ${valueQuads}u) { outputs[head * ${valueQuads}u + thread] = finished(sums, ${most}, ${total}, number, rowKeys); }
    } else {
      if (thread < ${valueQuads}u) { parts[part + thread] = sums; }
      if (thread == 0u) { parts[part + ${valueQuads}u] = vec4f(${most}, ${total}, 0.0, 0.0); }
    }
  }`;
}

/** Where the bias of a token's key is, if the head is the first one. */
const BIASES = `fn biasesAt(key: u32) -> u32 {
  var place = key;
  if (tables[${TABLES.placesAt}] != ${NOWHERE}u) { place = tables[tables[${TABLES.placesAt}] + key]; }
  return tables[${TABLES.biasesAt}] + token[${TOKEN.biasFrom}] + place;
}`;
