import type { Problem, Task } from "../../../core/problem.ts";
import { type SoftmaxPattern, scaleOf } from "../../../mechanisms/softmax-pattern/declare.ts";
import { rowNumbersOf, scoreUnit } from "../../../pairwise/row-numbers.ts";
import { bindHeads } from "../../../pattern/bind.ts";
import type { Runnable } from "../../kernel.ts";
import { buildCall, type CallBuilder, type Counts } from "../gpu/call-builder.ts";
import type { Device } from "../gpu/device.ts";
import { hasExactPowers } from "../gpu/exact-powers.ts";
import type { Means } from "../means.ts";
import { addDispatches, type PlannedSlices } from "./add-dispatches.ts";
import { type CountedShape, executedFlops } from "./count-work.ts";
import { planPairs } from "./plan.ts";
import { planBiases } from "./plan-biases.ts";
import { planTurns } from "./plan-turns.ts";
import type { TileShader } from "./tile-shader.ts";
import { type TileSize, tileSizeFor } from "./tile-size.ts";

/** Workgroups that a call is cut into where it has few rows: several for each core of the largest GPUs. */
const WANTED_ITEMS = 1024;

/** Softmax attention over any pattern: the tiles of its schedule, and rows that were cut joined afterwards. */
export async function preparePairs(
  problem: Problem<SoftmaxPattern>,
  { device, output }: Means,
  limits: PairsLimits = limitsOf(device),
): Promise<Runnable> {
  const builtInPowers = await device.once(hasExactPowers);
  return await buildCall(device, problem, output, (builder) =>
    buildPairs(builder, problem, limits, builtInPowers),
  );
}

/** What a device has room for. */
export interface PairsLimits {
  readonly size: TileSize;
  /** Bytes of parts at most, unless those of one slice are more. */
  readonly partBytes: number;
}

/** Parts are written and read once each: more of them at a time is no faster. */
const MOST_PART_BYTES = 2 ** 28;

function limitsOf({ gpu: { limits } }: Device): PairsLimits {
  return {
    size: tileSizeFor(limits.maxComputeWorkgroupStorageSize),
    partBytes: Math.min(MOST_PART_BYTES, limits.maxStorageBufferBindingSize),
  };
}

/** Adds the dispatches of a call. */
async function buildPairs(
  builder: CallBuilder,
  problem: Problem<SoftmaxPattern>,
  { size, partBytes }: PairsLimits,
  builtInPowers: boolean,
): Promise<Counts> {
  const { mechanism, shape, causal } = problem;
  const { heads, length, queries, headDim, valueDim } = shape;
  const { turn, bias, normaliser } = mechanism;
  const unit = scoreUnit(normaliser);
  const turned = turn && (await planTurns(builder, turn, shape));
  const biased = { heads, keys: length, queries: { from: length - queries, to: length }, causal, unit };
  const biases = bias && (await planBiases(builder, bias, biased));
  const rowNumbers = rowNumbersOf(normaliser);
  const shader: TileShader = {
    size,
    headDim,
    valueDim,
    rows: turned === undefined ? builder.storage : "float32",
    values: builder.storage,
    biased: biases !== undefined,
    normaliser: rowNumbers.normaliser,
    builtInPowers,
  };
  const planned = plannedSlices(problem, size);
  await addDispatches(builder, planned, {
    shape,
    q: turned?.q ?? builder.input("q"),
    k: turned?.k ?? builder.input("k"),
    v: builder.input("v"),
    output: builder.output,
    factor: unit * scaleOf(mechanism, headDim),
    rowNumbers,
    biases,
    shader,
    partBytes,
  });
  const counted: CountedShape = { shape, size, turned: turn !== undefined, biased: biases !== undefined };
  return { executedFlops: executedFlops(planned, counted), bytes: null };
}

/** Rows in float32 on a device, as a call has its tensors. */
export type DeviceTensors = Readonly<Record<"q" | "k" | "v" | "output", GPUBuffer>>;

/** Adds softmax over a pattern, with no form, of tensors that other dispatches have made; returns its operations. */
export async function addPairs(
  builder: CallBuilder,
  task: Task<SoftmaxPattern>,
  tensors: DeviceTensors,
): Promise<number> {
  const { shape, mechanism } = task;
  const { headDim, valueDim } = shape;
  const { size, partBytes } = limitsOf(builder.device);
  const rowNumbers = rowNumbersOf(undefined);
  const factor = scoreUnit(undefined) * scaleOf(mechanism, headDim);
  const shader: TileShader = {
    ...{ size, headDim, valueDim, rows: "float32", values: "float32", biased: false },
    normaliser: rowNumbers.normaliser,
    builtInPowers: await builder.device.once(hasExactPowers),
  };
  const planned = plannedSlices(task, size);
  const rest = { factor, rowNumbers, biases: undefined, shader, partBytes };
  await addDispatches(builder, planned, { shape, ...tensors, ...rest });
  return executedFlops(planned, { shape, size, turned: false, biased: false });
}

/** Heads of one pattern share its plan. */
function plannedSlices({ mechanism, ...task }: Task<SoftmaxPattern>, size: TileSize): PlannedSlices[] {
  const { batch, heads } = task.shape;
  const patterns = bindHeads(mechanism, task);
  const all = Array.from({ length: batch * heads }, (_, slice) => slice);
  const distinct = [...new Set(patterns)];
  return distinct.map((pattern) => {
    const slices = all.filter((slice) => patterns[slice % heads] === pattern);
    const wanted = Math.ceil(WANTED_ITEMS / all.length);
    return { pattern, slices, plan: planPairs(pattern, size, wanted) };
  });
}
