import { gridIndex } from "../wgsl/grid.ts";
import { each } from "../wgsl/text.ts";
import { COLUMNS, type RecurrencePlan } from "./plan.ts";
import { stateColumns, transitionColumns } from "./state-layout.ts";
import { Steps, type StepUse } from "./steps.ts";

/** Bindings of the sums, besides those of tokens. */
export const SUMS = { states: 7, transitions: 8 } as const;

/**
 * What a segment leaves of a state of zeros, and what it leaves of one that comes in: a factor of each
 * channel, or, where tokens erase, a matrix, whose columns are what becomes of the columns of the identity if
 * nothing is written.
 */
export function sumsText(use: StepUse): string {
  const { plan } = use;
  const { quads, columnBlocks, channelDecays } = plan;
  const erases = plan.mechanism.erase !== null;
  const blocks = columnBlocks + (erases ? transitionColumns(plan) / COLUMNS : 0);
  const steps = new Steps(use);
  return `${steps.declarations}
@group(0) @binding(${SUMS.states}) var<storage, read_write> states: array<vec4f>;
@group(0) @binding(${SUMS.transitions}) var<storage, read_write> transitions: array<vec4f>;
@compute @workgroup_size(${COLUMNS})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) all: vec3u,
  @builtin(local_invocation_index) lid: u32) {
  let group = ${gridIndex("id", "all")};
  let columns = group % ${blocks}u;
  // Nothing comes after the last segment.
  let summed = sizes.segments - 1u;
  let segment = (group / ${blocks}u) % summed;
  let slice = group / (${blocks}u * summed);
  if (slice >= sizes.slices) { return; }
  let place = slice * sizes.segments + segment;
  let base = slice * sizes.length;
  let end = (segment + 1u) * sizes.segment;
  let hasValues = columns < ${columnBlocks}u;
  ${steps.cleared}
  ${erases ? identity(plan) : `var kept = vec4f(1.0);`}
  for (var token = segment * sizes.segment; token < end; token += ${steps.tokens}u) {
    ${steps.layOut}
    ${steps.taken}
    ${erases ? "" : keptText(steps, plan, channelDecays)}
  }
  if (hasValues) {
    let column = columns * ${COLUMNS}u + lid;
${each(quads, (c) => `    states[(place * ${quads}u + ${c}u) * ${stateColumns(plan)}u + column] = s${c};`)}
  }
${
  erases
    ? `  else {
    let column = (columns - ${columnBlocks}u) * ${COLUMNS}u + lid;
${each(quads, (c) => `    transitions[(place * ${quads}u + ${c}u) * ${transitionColumns(plan)}u + column] = s${c};`)}
  }`
    : `  if (columns == 0u && lid < ${quads}u) { transitions[place * ${quads}u + lid] = kept; }`
}
}`;
}

function identity({ quads, columnBlocks }: RecurrencePlan): string {
  return `if (!hasValues) {
    let one = (columns - ${columnBlocks}u) * ${COLUMNS}u + lid;
    let four = vec4u(0u, 1u, 2u, 3u);
${each(quads, (c) => `    s${c} = select(vec4f(), vec4f(1.0), four + vec4u(${4 * c}u) == vec4u(one));`)}
  }`;
}

/** The product of the decays: a thread takes four channels. */
function keptText(steps: Steps, { quads }: RecurrencePlan, channelDecays: boolean): string {
  const factor = channelDecays ? steps.decayQuad("t", "lid") : "gates[t].x";
  return `if (lid < ${quads}u) {
      for (var t = 0u; t < min(${steps.tokens}u, end - token); t++) { kept *= ${factor}; }
    }`;
}
