import { exponentialsText } from "../wgsl/exponentials.ts";
import { gridIndex } from "../wgsl/grid.ts";
import { rowsText } from "../wgsl/rows.ts";
import { uniformText } from "../wgsl/uniform.ts";
import { CALL } from "./call.ts";
import { EMPTY, factorText } from "./normalise.ts";
import { BINDINGS, type TileShader } from "./tile-shader.ts";
import { partQuads } from "./tile-size.ts";

/** Threads of a workgroup: one for every four columns of a row. */
export const JOIN_THREADS = 64;

/** Joins the parts of rows, in the order of the plan: each was summed relative to a maximum of its own. */
export function joinShader(
  shader: Pick<TileShader, "size" | "valueDim" | "values" | "normaliser" | "builtInPowers">,
): string {
  const { valueDim, values, normaliser } = shader;
  const quads = partQuads(valueDim, shader.size) - 1;
  const shrunk = normaliser === "softmax";
  return `${uniformText("call", BINDINGS.call, CALL)}
@group(0) @binding(${BINDINGS.plan}) var<storage, read> plan: array<u32>;
${rowsText({ name: "output", binding: BINDINGS.output, width: valueDim, storage: values, access: "read_write" })}
@group(0) @binding(${BINDINGS.parts}) var<storage, read> parts: array<vec4f>;
${exponentialsText(shader.builtInPowers)}
${factorText(normaliser)}
@compute @workgroup_size(${JOIN_THREADS})
fn main(
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) all: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let index = ${gridIndex("id", "all")} * ${JOIN_THREADS}u + thread;
  if (index >= call.count * ${quads}u) { return; }
  let slice = plan[call.slicesAt + call.firstSlice + id.z];
  let at = call.joinedAt + index / ${quads}u * 3u;
  let quad = index % ${quads}u;
  let row = plan[at];
  let end = plan[at + 2u];
  var most = ${EMPTY};
  var total = 0.0;
  var sum = vec4f();
${
  shrunk
    ? `  for (var entry = plan[at + 1u]; entry < end; entry++) {
    most = max(most, parts[partOf(entry, id.z) + ${quads}u].x);
  }`
    : ""
}
  for (var entry = plan[at + 1u]; entry < end; entry++) {
    let part = partOf(entry, id.z);
${
  shrunk
    ? `    let state = parts[part + ${quads}u];
    let shrink = exp2_1(state.x - most);
    total = fma(state.y, shrink, total);
    sum = fma(parts[part + quad], vec4f(shrink), sum);`
    : "    sum += parts[part + quad];"
}
  }
  store_output(slice * call.queries + row, call.firstQuad + quad, sum * factorOf(most, total, row));
}
fn partOf(entry: u32, slice: u32) -> u32 {
  return (slice * call.parts + plan[call.partsAt + entry]) * ${quads + 1}u;
}
`;
}
