import type { Problem } from "../../../core/problem.ts";
import type { Recurrence } from "../../../mechanisms/recurrence/declare.ts";
import type { Runnable } from "../../kernel.ts";
import { buildCall, type CallBuilder } from "../gpu/call-builder.ts";
import type { Means } from "../means.ts";
import { gridOf } from "../wgsl/grid.ts";
import { TILE } from "../wgsl/tile-product.ts";
import {
  CHANNEL_GATES,
  type ChannelGate,
  channelGatesText,
  channelInputs,
  channelStarts,
} from "./channel-gates.ts";
import { keptBytes } from "./kept.ts";
import { COLUMNS, planRecurrence, type RecurrencePlan, type RecurrenceSizes, sizesWords } from "./plan.ts";
import { ROWS, rowsShader } from "./rows.ts";
import { SCAN, scanText, scanThreads } from "./scan.ts";
import { segmentsOf } from "./segments.ts";
import { transitionColumns } from "./state-layout.ts";
import { TOKENS } from "./steps.ts";
import { SUMS, sumsText } from "./sums.ts";
import { fixedDecays, TOKEN_GATES, tokenGatesText, tokenInputs } from "./token-gates.ts";
import { recurrenceFlops } from "./work.ts";

/** Where the gates of a call are. */
interface Gates {
  readonly tokens: GPUBuffer;
  readonly decays: GPUBuffer | null;
  readonly writes: GPUBuffer | null;
}

/**
 * A recurrence in segments: gates of all tokens, what each segment leaves by itself, the states that enter
 * segments, and the rows, token by token within each segment.
 */
export async function prepareRecurrence(
  problem: Problem<Recurrence>,
  { device, output }: Means,
): Promise<Runnable> {
  return await buildCall(device, problem, output, async (builder) => {
    const { shape, mechanism } = problem;
    const { batch, heads, length } = shape;
    const plan = planRecurrence(mechanism, shape);
    const sizes = { length, heads, slices: batch * heads, ...segmentsOf(length, mechanism.erase !== null) };
    const call = builder.uniform("sizes", sizesWords(sizes));
    const gates = await makeGates(builder, plan, sizes, call);
    await dispatchSteps(builder, plan, sizes, call, gates);
    return { executedFlops: recurrenceFlops(plan, sizes), bytes: null };
  });
}

async function makeGates(
  builder: CallBuilder,
  plan: RecurrencePlan,
  sizes: RecurrenceSizes,
  call: GPUBuffer,
): Promise<Gates> {
  const { mechanism, channelDecays, channelWrites } = plan;
  const rows = sizes.slices * sizes.length;
  const bytes = keptBytes(plan, sizes.slices, sizes.length, sizes.segments);
  const tokens = builder.scratch("gates of tokens", bytes.tokens);
  const inputs = tokenInputs(plan).map((name) => {
    const buffer =
      name === "fixed"
        ? builder.constant(name, fixedDecays(mechanism.decay, sizes.heads))
        : builder.input(name);
    return [TOKEN_GATES[name], buffer] as const;
  });
  await builder.dispatch({
    label: "gates of tokens",
    code: tokenGatesText(plan, builder.storage),
    bindings: { [TOKEN_GATES.sizes]: call, [TOKEN_GATES.to]: tokens, ...Object.fromEntries(inputs) },
    groups: [...gridOf(Math.ceil(rows / 64)), 1],
  });
  const decays = channelDecays ? builder.scratch("decays of channels", bytes.channels) : null;
  const writes = channelWrites ? builder.scratch("writes of channels", bytes.channels) : null;
  if (decays !== null) await channelGates(builder, plan, sizes, "decay", call, decays, writes);
  if (writes !== null && mechanism.write.form === "logistic") {
    await channelGates(builder, plan, sizes, "write", call, writes, null);
  }
  return { tokens, decays, writes };
}

/** `steps` is where writes go that come with the decays, if they do. */
async function channelGates(
  builder: CallBuilder,
  plan: RecurrencePlan,
  { slices, length }: RecurrenceSizes,
  gate: ChannelGate,
  call: GPUBuffer,
  to: GPUBuffer,
  steps: GPUBuffer | null,
): Promise<void> {
  const inputs = channelInputs(plan, gate);
  const tiles = Math.ceil(length / TILE.rows) * Math.ceil(plan.headDim / TILE.columns);
  await builder.dispatch({
    label: `${gate}s of channels`,
    code: channelGatesText(plan, gate, builder.storage),
    bindings: {
      [CHANNEL_GATES.sizes]: call,
      [CHANNEL_GATES.to]: to,
      ...(inputs.multiplies && { [CHANNEL_GATES.k]: builder.input("k") }),
      ...(inputs.weights && { [CHANNEL_GATES.weights]: builder.input(gate) }),
      ...(inputs.given !== null && { [CHANNEL_GATES[inputs.given]]: builder.input(inputs.given) }),
      ...(inputs.starts && { [CHANNEL_GATES.starts]: builder.constant("starts", channelStarts(plan)) }),
      ...(inputs.steps && steps !== null && { [CHANNEL_GATES.steps]: steps }),
    },
    groups: [...gridOf(slices * tiles), 1],
  });
}

async function dispatchSteps(
  builder: CallBuilder,
  plan: RecurrencePlan,
  { slices, length, segments }: RecurrenceSizes,
  call: GPUBuffer,
  { tokens, decays, writes }: Gates,
): Promise<void> {
  const { columnBlocks, mechanism } = plan;
  const bytes = keptBytes(plan, slices, length, segments);
  const entering = builder.scratch("entering states", bytes.states);
  const read = {
    [TOKENS.sizes]: call,
    [TOKENS.k]: builder.input("k"),
    [TOKENS.v]: builder.input("v"),
    [TOKENS.tokens]: tokens,
    ...(decays !== null && { [TOKENS.decays]: decays }),
    ...(writes !== null && { [TOKENS.writes]: writes }),
  };
  const use = { plan, storage: builder.storage };
  if (segments > 1) {
    const states = builder.scratch("states", bytes.states);
    const transitions = builder.scratch("transitions", bytes.transitions);
    const blocks = columnBlocks + (mechanism.erase === null ? 0 : transitionColumns(plan) / COLUMNS);
    await builder.dispatch({
      label: "sums of segments",
      code: sumsText({ ...use, reads: false }),
      bindings: { ...read, [SUMS.states]: states, [SUMS.transitions]: transitions },
      groups: [...gridOf(slices * (segments - 1) * blocks), 1],
    });
    await builder.dispatch({
      label: "scan of segments",
      code: scanText(plan),
      bindings: {
        [SCAN.sizes]: call,
        [SCAN.states]: states,
        [SCAN.transitions]: transitions,
        [SCAN.entering]: entering,
      },
      groups: [...gridOf(Math.ceil((slices * scanThreads(plan)) / COLUMNS)), 1],
    });
  }
  await builder.dispatch({
    label: "rows",
    code: rowsShader({ ...use, reads: true }),
    bindings: {
      ...read,
      [TOKENS.q]: builder.input("q"),
      [ROWS.entering]: entering,
      [ROWS.out]: builder.output,
    },
    groups: [...gridOf(slices * segments * columnBlocks), 1],
  });
}
