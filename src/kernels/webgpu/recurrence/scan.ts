import { gridIndex } from "../wgsl/grid.ts";
import { component, each } from "../wgsl/text.ts";
import { COLUMNS, type RecurrencePlan, SIZES_TEXT } from "./plan.ts";
import { stateColumns, transitionColumns } from "./state-layout.ts";

/** Bindings of the scan. */
export const SCAN = { sizes: 0, states: 1, transitions: 2, entering: 3 } as const;

/**
 * The states that enter each segment, from what those before it leave: a thread takes four channels of a
 * column, or a column.
 */
export function scanText(plan: RecurrencePlan): string {
  return plan.mechanism.erase === null ? decayedText(plan) : multipliedText(plan);
}

/** Threads of the scan of a slice. */
export function scanThreads(plan: RecurrencePlan): number {
  return (plan.mechanism.erase === null ? plan.quads : 1) * stateColumns(plan);
}

function bindings(): string {
  return `${SIZES_TEXT}
@group(0) @binding(${SCAN.states}) var<storage, read> states: array<vec4f>;
@group(0) @binding(${SCAN.transitions}) var<storage, read> transitions: array<vec4f>;
@group(0) @binding(${SCAN.entering}) var<storage, read_write> entering: array<vec4f>;`;
}

function decayedText(plan: RecurrencePlan): string {
  const { quads } = plan;
  const state = quads * stateColumns(plan);
  return `${bindings()}
@compute @workgroup_size(${COLUMNS})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) all: vec3u,
  @builtin(local_invocation_index) lid: u32) {
  let thread = ${gridIndex("id", "all")} * ${COLUMNS}u + lid;
  let slice = thread / ${state}u;
  let at = thread % ${state}u;
  if (slice >= sizes.slices) { return; }
  var s = vec4f();
  for (var segment = 0u; segment < sizes.segments; segment++) {
    let place = slice * sizes.segments + segment;
    entering[place * ${state}u + at] = s;
    if (segment + 1u < sizes.segments) {
      s = fma(transitions[place * ${quads}u + at / ${stateColumns(plan)}u], s, states[place * ${state}u + at]);
    }
  }
}`;
}

/** Products with the matrices of segments that erase, four of whose rows are laid out at a time. */
function multipliedText(plan: RecurrencePlan): string {
  const { quads } = plan;
  const columns = stateColumns(plan);
  const wide = transitionColumns(plan);
  return `${bindings()}
var<workgroup> rows: array<vec4f, ${4 * quads}>;
@compute @workgroup_size(${COLUMNS})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) all: vec3u,
  @builtin(local_invocation_index) lid: u32) {
  let group = ${gridIndex("id", "all")};
  let slice = group / ${plan.columnBlocks}u;
  let column = (group % ${plan.columnBlocks}u) * ${COLUMNS}u + lid;
  if (slice >= sizes.slices) { return; }
  for (var segment = 0u; segment + 1u < sizes.segments; segment++) {
    let place = slice * sizes.segments + segment;
${each(quads, (c) => `    let s${c} = entering[(place * ${quads}u + ${c}u) * ${columns}u + column];`)}
    for (var r = 0u; r < ${quads}u; r++) {
      workgroupBarrier();
      let start = (place * ${quads}u + r) * ${wide}u;
      for (var i = lid; i < ${4 * quads}u; i += ${COLUMNS}u) { rows[i] = transitions[start + i]; }
      workgroupBarrier();
      var next = states[(place * ${quads}u + r) * ${columns}u + column];
${each(quads, (c) => each(4, (i) => `      next = fma(rows[${4 * c + i}u], vec4f(s${c}.${component(i)}), next);`))}
      entering[((place + 1u) * ${quads}u + r) * ${columns}u + column] = next;
    }
  }
}`;
}
