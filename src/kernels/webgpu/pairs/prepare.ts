import type { BoundPattern } from "../../../core/pattern.ts";
import type { Problem } from "../../../core/problem.ts";
import { type SoftmaxPattern, scaleOf } from "../../../mechanisms/softmax-pattern/declare.ts";
import { rowNumbersOf, scoreUnit } from "../../../pairwise/row-numbers.ts";
import { bindHeads } from "../../../pattern/bind.ts";
import type { Runnable } from "../../kernel.ts";
import { visibleKeys } from "../../visible-keys.ts";
import { buildCall, type CallBuilder, type Counts } from "../gpu/call-builder.ts";
import { hasExactPowers } from "../gpu/exact-powers.ts";
import type { Means } from "../means.ts";
import { gridOf } from "../wgsl/grid.ts";
import { uniformWords } from "../wgsl/uniform.ts";
import { CALL } from "./call.ts";
import { pairFlops, plannedPairs } from "./count-work.ts";
import { JOIN_THREADS, joinShader } from "./join-shader.ts";
import { NONE, type PairsPlan, planPairs } from "./plan.ts";
import { type DeviceBiases, planBiases } from "./plan-biases.ts";
import { planTurns } from "./plan-turns.ts";
import { BINDINGS, partQuads, type TileShader, tileShader } from "./tile-shader.ts";
import { columnsOf, tileSizeFor } from "./tile-size.ts";

/** Workgroups that a call is cut into where it has few rows: several for each core of the largest GPUs. */
const WANTED_ITEMS = 1024;

/** Bytes of parts at most: slices whose parts are more are computed one after the other. */
const MOST_PART_BYTES = 2 ** 28;
/** Workgroups in z that every device takes. */
const MOST_SLICES = 65_535;

/** Softmax attention over any pattern: the tiles of its schedule, and rows that were cut joined afterwards. */
export async function preparePairs(
  problem: Problem<SoftmaxPattern>,
  { device, output }: Means,
): Promise<Runnable> {
  const builtInPowers = await device.once(hasExactPowers);
  return await buildCall(device, problem, output, (builder) => buildPairs(builder, problem, builtInPowers));
}

/** The heads of batch entries that share a pattern, numbered as rows of q are. */
interface Slices {
  readonly pattern: BoundPattern;
  readonly slices: readonly number[];
}

/** Adds the dispatches of a call. */
async function buildPairs(
  builder: CallBuilder,
  problem: Problem<SoftmaxPattern>,
  builtInPowers: boolean,
): Promise<Counts> {
  const { mechanism, shape, causal } = problem;
  const { heads, length, queries, headDim, valueDim } = shape;
  const { turn, bias, normaliser } = mechanism;
  const size = tileSizeFor(builder.device.gpu.limits.maxComputeWorkgroupStorageSize);
  const unit = scoreUnit(normaliser);
  const ownTokens = { from: length - queries, to: length };
  const rows = turn && (await planTurns(builder, turn, shape));
  const biased = { heads, keys: length, queries: ownTokens, causal, unit };
  const biases = bias && (await planBiases(builder, bias, biased));
  const shader: TileShader = {
    size,
    headDim,
    valueDim,
    rows: rows === undefined ? builder.storage : "float32",
    values: builder.storage,
    biased: biases !== undefined,
    normaliser: rowNumbersOf(normaliser).normaliser,
    builtInPowers,
  };
  const call = {
    q: rows?.q ?? builder.input("q"),
    k: rows?.k ?? builder.input("k"),
    factor: unit * scaleOf(mechanism, headDim),
    shader,
    biases,
  };
  const perPair = pairFlops(headDim, valueDim, size, biases !== undefined);
  const { staged } = columnsOf(valueDim, size);
  let flops = turn === undefined ? 0 : turningFlops(problem);
  for (const { pattern, slices } of slicesOf(problem)) {
    const plan = planPairs(pattern, size, slices.length, WANTED_ITEMS);
    const pairs = plannedPairs(plan, size, staged);
    const joining = 2 * plan.parts * valueDim;
    flops += slices.length * (pairs.scores * perPair.score + pairs.values * perPair.value + joining);
    await addDispatches(builder, problem, { pattern, slices }, plan, call);
  }
  return { executedFlops: flops, bytes: null };
}

function slicesOf({ mechanism, ...task }: Problem<SoftmaxPattern>): readonly Slices[] {
  const { batch, heads } = task.shape;
  const patterns = bindHeads(mechanism, task);
  return [...new Set(patterns)].map((pattern) => ({
    pattern,
    slices: Array.from({ length: batch * heads }, (_, slice) => slice).filter(
      (slice) => patterns[slice % heads] === pattern,
    ),
  }));
}

/** Turning a row is 3 operations for each of its channels. */
function turningFlops({ shape: { batch, heads, kvHeads, queries, length, headDim } }: Problem): number {
  return 3 * headDim * batch * (heads * queries + kvHeads * length);
}

/** What the dispatches of all patterns of a call share. */
interface PairsCall {
  readonly q: GPUBuffer;
  readonly k: GPUBuffer;
  readonly factor: number;
  readonly shader: TileShader;
  readonly biases: DeviceBiases | undefined;
}

/** Adds what computes the slices of one pattern: tiles, and what joins their parts. */
async function addDispatches(
  builder: CallBuilder,
  { mechanism, shape }: Problem<SoftmaxPattern>,
  { pattern, slices }: Slices,
  plan: PairsPlan,
  { q, k, factor, shader, biases }: PairsCall,
): Promise<void> {
  const { length, queries, heads, kvHeads, valueDim } = shape;
  const rowNumbers = rowNumbersOf(mechanism.normaliser);
  const { of } = rowNumbers;
  const { words, at } = joinedWords({
    ...plan.sections,
    slices: Uint32Array.from(slices),
    numbers: of === null ? NO_WORDS : bitsOf(Float32Array.from(visibleKeys(pattern), of)),
    places: Uint32Array.from(biases?.tables.places ?? NO_WORDS),
  });
  const quads = partQuads(shader);
  const partBytes = 16 * quads * plan.parts;
  const { maxStorageBufferBindingSize } = builder.device.gpu.limits;
  const together = Math.max(
    1,
    Math.floor(Math.min(MOST_PART_BYTES, maxStorageBufferBindingSize) / partBytes),
  );
  const most = Math.min(slices.length, together, MOST_SLICES);
  const planBuffer = builder.constant("plan", words);
  const parts = builder.scratch("parts", most * partBytes);
  const shared = {
    length,
    queries,
    heads,
    kvHeads,
    factor,
    itemsAt: at.items,
    tasksAt: at.tasks,
    tokensAt: at.tokens,
    masksAt: at.masks,
    joinedAt: at.joined,
    partsAt: at.parts,
    slicesAt: at.slices,
    parts: plan.parts,
    number: Math.max(LEAST_NUMBER, rowNumbers.number),
    numbersAt: of === null ? NONE : at.numbers,
    placesAt: biases?.tables.places == null ? NONE : at.places,
    firstPlaced: Math.min(0, length - queries),
    biases: biases?.tables.count ?? 0,
    leastBias: biases?.tables.least ?? 0,
  };
  const output = { [BINDINGS.plan]: planBuffer, [BINDINGS.output]: builder.output, [BINDINGS.parts]: parts };
  const { slabs, blocks } = columnsOf(valueDim, shader.size);
  for (let firstSlice = 0; firstSlice < slices.length; firstSlice += most) {
    const groups = Math.min(most, slices.length - firstSlice);
    for (let slab = 0; slab < slabs; slab++) {
      const firstQuad = (slab * blocks * shader.size.keys) / 4;
      const ofCall = (label: string, count: number): GPUBuffer =>
        builder.uniform(label, uniformWords(CALL, { ...shared, firstSlice, firstQuad, count }));
      if (plan.items > 0) {
        await builder.dispatch({
          label: "pairs",
          code: tileShader(shader),
          bindings: {
            [BINDINGS.call]: ofCall("pairs", plan.items),
            [BINDINGS.q]: q,
            [BINDINGS.k]: k,
            [BINDINGS.v]: builder.input("v"),
            ...output,
            ...(biases !== undefined && { [BINDINGS.biases]: biases.buffer }),
          },
          groups: [...gridOf(plan.items), groups],
        });
      }
      if (plan.joinedRows > 0) {
        await builder.dispatch({
          label: "joining pairs",
          code: joinShader(shader),
          bindings: { [BINDINGS.call]: ofCall("joining pairs", plan.joinedRows), ...output },
          groups: [...gridOf(Math.ceil((plan.joinedRows * (quads - 1)) / JOIN_THREADS)), groups],
        });
      }
    }
  }
}

/** In the place of -infinity, of which shaders know little: a sink of this score weighs nothing beside any key. */
const LEAST_NUMBER = -3.4e38;

const NO_WORDS = new Uint32Array(0);

function bitsOf(numbers: Float32Array): Uint32Array {
  return new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
}

/** Sections one behind the other, and where each begins. */
function joinedWords<Name extends string>(sections: Readonly<Record<Name, Uint32Array>>) {
  const all = Object.entries<Uint32Array>(sections);
  const words = new Uint32Array(all.reduce((sum, [, section]) => sum + section.length, 0));
  let end = 0;
  const at: Record<string, number> = {};
  for (const [name, section] of all) {
    words.set(section, end);
    at[name] = end;
    end += section.length;
  }
  // Every name of the sections has a place.
  return { words, at: at as Readonly<Record<Name, number>> };
}
