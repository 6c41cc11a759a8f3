import type { Storage } from "../gpu/storage.ts";
import { gridIndex } from "../wgsl/grid.ts";
import { numbersText } from "../wgsl/numbers.ts";
import { rowsText } from "../wgsl/rows.ts";
import { each } from "../wgsl/text.ts";
import { addedProducts, clearedSums, operandsText, sumOf, TILE, turnedRows } from "../wgsl/tile-product.ts";
import { GATE_FUNCTIONS } from "./gate-functions.ts";
import { type RecurrencePlan, SIZES_TEXT } from "./plan.ts";

/**
 * Bindings of the gates of channels; inputs have those of their names. `steps`: writes that are the steps of
 * decays.
 */
export const CHANNEL_GATES = { sizes: 0, k: 1, weights: 2, g: 3, dt: 4, starts: 5, to: 6, steps: 7 } as const;

/** What a dispatch makes: the decays of channels, and with them writes that are their steps, or other writes. */
export type ChannelGate = "decay" | "write";

/** What it reads besides the sizes. */
export interface ChannelInputs {
  /** Whether weights are multiplied by k, whether they are read at all, and how long their rows are. */
  readonly multiplies: boolean;
  readonly weights: boolean;
  readonly row: number;
  readonly given: "g" | "dt" | null;
  /** Whether channels start from logits of their own. */
  readonly starts: boolean;
  readonly steps: boolean;
}

/** What the gates of a plan's channels are made of. */
export function channelInputs({ mechanism, headDim }: RecurrencePlan, gate: ChannelGate): ChannelInputs {
  const { decay, write } = mechanism;
  const plain = { multiplies: true, weights: true, row: headDim, given: null, starts: false, steps: false };
  if (gate === "write") return plain;
  switch (decay.form) {
    case "given":
      return { ...plain, multiplies: false, weights: false, given: "g" };
    case "softplus": {
      const isGiven = write.form === "given-step";
      const given = isGiven ? "dt" : null;
      return { ...plain, multiplies: !isGiven, row: headDim + 2, given, steps: write.form === "step" };
    }
    default:
      return { ...plain, starts: decay.form === "exponential" };
  }
}

/** `-6 + 5 (c / (d - 1))^0.7` of each channel c, filled up with 0 to whole quads. */
export function channelStarts({ headDim, quads }: RecurrencePlan): Float32Array {
  const starts = new Float32Array(4 * quads);
  for (let c = 0; c < headDim; c++) starts[c] = -6 + 5 * (headDim === 1 ? 0 : c / (headDim - 1)) ** 0.7;
  return starts;
}

/**
 * Gates of each channel and token, `[slices, length, 4·quads]`: products of 64 tokens with the weights of 64
 * channels.
 */
export function channelGatesText(plan: RecurrencePlan, gate: ChannelGate, storage: Storage): string {
  const { headDim, quads } = plan;
  const { multiplies, weights, row, given, starts, steps } = channelInputs(plan, gate);
  const blocks = Math.ceil(headDim / TILE.columns);
  const output = { width: 4 * quads, storage: "float32", access: "read_write" } as const;
  return `${SIZES_TEXT}
${GATE_FUNCTIONS}
${multiplies ? rowsText({ name: "k", binding: CHANNEL_GATES.k, width: headDim, storage }) : ""}
${weights ? numbersText({ name: "weights", binding: CHANNEL_GATES.weights, storage }) : ""}
${given === "g" ? rowsText({ name: "g", binding: CHANNEL_GATES.g, width: headDim, storage }) : ""}
${given === "dt" ? numbersText({ name: "dt", binding: CHANNEL_GATES.dt, storage }) : ""}
${starts ? `@group(0) @binding(${CHANNEL_GATES.starts}) var<storage, read> starts: array<vec4f>;` : ""}
${rowsText({ name: "to", binding: CHANNEL_GATES.to, ...output })}
${steps ? rowsText({ name: "steps", binding: CHANNEL_GATES.steps, ...output }) : ""}
${multiplies ? operandsText(1) : ""}
@compute @workgroup_size(${TILE.threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) all: vec3u,
  @builtin(local_invocation_index) lid: u32) {
  let tx = lid % 16u;
  let ty = lid / 16u;
  let group = ${gridIndex("id", "all")};
  let tiles = (sizes.length + 63u) / 64u;
  let block = group % ${blocks}u;
  let tile = (group / ${blocks}u) % tiles;
  let slice = group / (${blocks}u * tiles);
  if (slice >= sizes.slices) { return; }
  let base = slice * sizes.length + tile * 64u;
  let count = min(64u, sizes.length - tile * 64u);
  let head = slice % sizes.heads;
  let quad = block * 16u + tx;
  ${multiplies ? products(plan) : ""}
  if (quad >= ${quads}u) { return; }
  let there = (vec4u(quad * 4u) + vec4u(0u, 1u, 2u, 3u)) < vec4u(${headDim}u);
${each(TILE.rowsEach, (i) => {
  const z = multiplies ? sumOf("s", i) : "vec4f()";
  return `  if (ty * 8u + ${i}u < count) { write_gates(${z}, base + ty * 8u + ${i}u, head, quad, there); }`;
})}
}
fn write_gates(z: vec4f, row: u32, head: u32, quad: u32, there: vec4<bool>) {
  ${gateLines(plan, gate)}
}
${
  weights
    ? `fn weight(head: u32, channel: u32, column: u32) -> f32 {
  if (channel >= ${headDim}u || column >= ${row}u) { return 0.0; }
  return number_weights((head * ${headDim}u + channel) * ${row}u + column);
}
fn weights_from(head: u32, channel: u32, column: u32) -> vec4f {
  return select(vec4f(), vec4f(${each(4, (i) => `weight(head, channel, column + ${i}u)`, ", ")}),
    (vec4u(column) + vec4u(0u, 1u, 2u, 3u)) < vec4u(${headDim}u));
}`
    : ""
}
${
  multiplies
    ? `fn key(base: u32, row: u32, count: u32, quad: u32) -> vec4f {
  if (row >= count) { return vec4f(); }
  return load_k(base + row, quad);
}`
    : ""
}`;
}

function products({ quads }: RecurrencePlan): string {
  return `${clearedSums("s")}
  for (var c = 0u; c < ${quads}u; c += 4u) {
    workgroupBarrier();
    ${turnedRows("left", 0, (row, column) => `key(base, ${row}, count, c + ${column})`)}
    ${turnedRows("right", 1, (row, column) => `weights_from(head, block * 64u + ${row}, (c + ${column}) * 4u)`)}
    workgroupBarrier();
    ${addedProducts("s")}
  }`;
}

/** From four logits to gates: `row` is the token's, `there` are the channels that there are. */
function gateLines({ mechanism, headDim }: RecurrencePlan, gate: ChannelGate): string {
  const stored = (value: string): string => `store_to(row, quad, select(vec4f(), ${value}, there));`;
  if (gate === "write") return stored("logistic_4(z)");
  const { decay, write } = mechanism;
  const column = (at: number): string =>
    `vec4f(${each(4, (i) => `weight(head, quad * 4u + ${i}u, ${headDim + at}u)`, ", ")})`;
  switch (decay.form) {
    case "given":
      return stored("exp_4(load_g(row, quad))");
    case "logistic":
      return stored("exp_4(-softplus_4(-z) / 16.0)");
    case "softplus":
      return `let step_ = ${write.form === "given-step" ? "vec4f(number_dt(row))" : `softplus_4(z + ${column(1)})`};
  ${write.form === "step" ? "store_steps(row, quad, select(vec4f(), step_, there));" : ""}
  ${stored(`exp_4(-${column(0)} * step_)`)}`;
    case "exponential":
      return stored("exp_4(-exp_4(starts[quad] + z))");
    case "rwkv7":
      return stored(`exp_4(${-Math.exp(-0.5)} * logistic_4(z))`);
    default:
      throw new TypeError(`webgpu: channels have no decays of the form ${decay.form}`);
  }
}
