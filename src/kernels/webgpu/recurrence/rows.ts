import { gridIndex } from "../wgsl/grid.ts";
import { rowsText } from "../wgsl/rows.ts";
import { each } from "../wgsl/text.ts";
import { COLUMNS } from "./plan.ts";
import { stateColumns } from "./state-layout.ts";
import { Steps, type StepUse } from "./steps.ts";

/** Bindings of the rows, besides those of tokens. */
export const ROWS = { entering: 7, out: 8 } as const;

/** The rows of a segment, token by token from the state that enters it. */
export function rowsShader(use: StepUse): string {
  const { plan, storage } = use;
  const { quads, columnBlocks, valueDim } = plan;
  const steps = new Steps(use);
  return `${steps.declarations}
@group(0) @binding(${ROWS.entering}) var<storage, read> entering: array<vec4f>;
${rowsText({ name: "out", binding: ROWS.out, width: valueDim, storage, access: "read_write" })}
@compute @workgroup_size(${COLUMNS})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) all: vec3u,
  @builtin(local_invocation_index) lid: u32) {
  let group = ${gridIndex("id", "all")};
  let columns = group % ${columnBlocks}u;
  let segment = (group / ${columnBlocks}u) % sizes.segments;
  let slice = group / (${columnBlocks}u * sizes.segments);
  if (slice >= sizes.slices) { return; }
  let place = slice * sizes.segments + segment;
  let base = slice * sizes.length;
  let end = min(sizes.length, (segment + 1u) * sizes.segment);
  let hasValues = true;
  ${steps.cleared}
  let column = columns * ${COLUMNS}u + lid;
${each(quads, (c) => `  s${c} = entering[(place * ${quads}u + ${c}u) * ${stateColumns(plan)}u + column];`)}
  for (var token = segment * sizes.segment; token < end; token += ${steps.tokens}u) {
    ${steps.layOut}
    ${steps.taken}
    workgroupBarrier();
    for (var i = lid; i < ${(steps.tokens * COLUMNS) / 4}u; i += ${COLUMNS}u) {
      let t = i / ${COLUMNS / 4}u;
      if (token + t < end) {
        let quad = i % ${COLUMNS / 4}u;
        store_out(base + token + t, columns * ${COLUMNS / 4}u + quad, ${steps.outputQuad("t", "quad * 4u")});
      }
    }
  }
}`;
}
