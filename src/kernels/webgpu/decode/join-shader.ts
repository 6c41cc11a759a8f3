import { exponentialsText } from "../wgsl/exponentials.ts";
import { gridIndex } from "../wgsl/grid.ts";
import { quadsOf, type StepShape, THREADS } from "./step-shape.ts";
import { FINISHED, LEAST, overThreadsText } from "./sum-text.ts";
import { ROW, TABLES, TEAM, TOKEN } from "./token-words.ts";

export const JOIN_BINDINGS = { token: 0, tables: 1, parts: 2, outputs: 3 } as const;

/** The most parts that are joined: a thread each. */
export const MOST_PARTS = THREADS;

/** Joins the parts of a step's keys into its output, a workgroup for each head of q. */
export function joinShader(shape: StepShape, builtInPowers: boolean): string {
  const { valueDim, readers, normaliser } = shape;
  const valueQuads = quadsOf(valueDim);
  const groups = Math.floor(THREADS / valueQuads);
  const B = JOIN_BINDINGS;
  return `@group(0) @binding(${B.token}) var<storage, read> token: array<u32>;
@group(0) @binding(${B.tables}) var<storage, read> tables: array<u32>;
@group(0) @binding(${B.parts}) var<storage, read> parts: array<vec4f>;
@group(0) @binding(${B.outputs}) var<storage, read_write> outputs: array<vec4f>;
${exponentialsText(builtInPowers)}
${overThreadsText(valueDim)}
${FINISHED[normaliser]}
var<workgroup> scales: array<f32, ${THREADS}>;
@compute @workgroup_size(${THREADS})
fn main(
  @builtin(local_invocation_index) thread: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) all: vec3u,
) {
  let head = ${gridIndex("id", "all")};
  let team = head / ${readers}u;
  if (team >= tables[${TABLES.slices}] * tables[${TABLES.teamsPerSlice}]) { return; }
  let schedule = tables[${TABLES.words}u + team * ${TEAM.words}u + ${TEAM.schedule}u];
  let rowAt = token[${TOKEN.rowsAt}] + schedule * ${ROW.words}u;
  let number = bitcast<f32>(token[rowAt + ${ROW.number}u]);
  let count = token[${TOKEN.parts}];
  let first = head * count * ${valueQuads + 1}u;
  var own = vec4f(${LEAST}, 0.0, 0.0, 0.0);
  if (thread < count) { own = parts[first + thread * ${valueQuads + 1}u + ${valueQuads}u]; }
  let most = largestOf(vec4f(own.x), thread).x;
  let scale = exp2_1(own.x - most);
  scales[thread] = scale;
  let total = sumOf(vec4f(scale * own.y), thread).x;
  var sums = vec4f();
  if (thread < ${groups * valueQuads}u) {
    for (var part = thread / ${valueQuads}u; part < count; part += ${groups}u) {
      sums += scales[part] * parts[first + part * ${valueQuads + 1}u + thread % ${valueQuads}u];
    }
  }
  let joined = overGroups(sums, thread);
  if (thread < ${valueQuads}u) { outputs[head * ${valueQuads}u + thread] = finished(joined, most, total, number, token[rowAt + ${ROW.keys}u]); }
}
`;
}
