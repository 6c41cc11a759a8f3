import type { BoundPattern } from "../../../core/pattern.ts";
import type { Shape } from "../../../core/shape.ts";
import type { RowNumbers } from "../../../pairwise/row-numbers.ts";
import { visibleKeys } from "../../visible-keys.ts";
import type { CallBuilder } from "../gpu/call-builder.ts";
import { gridOf } from "../wgsl/grid.ts";
import { uniformWords } from "../wgsl/uniform.ts";
import { CALL } from "./call.ts";
import { JOIN_THREADS, joinShader } from "./join-shader.ts";
import { NONE, type PairsPlan } from "./plan.ts";
import type { DeviceBiases } from "./plan-biases.ts";
import { joinedWords } from "./plan-words.ts";
import { BINDINGS, type TileShader, tileShader } from "./tile-shader.ts";
import { columnsOf, partQuads } from "./tile-size.ts";

/** The slices of one pattern, which are heads of batch entries, numbered as in q; and their plan. */
export interface PlannedSlices {
  readonly pattern: BoundPattern;
  readonly slices: readonly number[];
  readonly plan: PairsPlan;
}

/** What the dispatches of all patterns of a call share. */
export interface PairsCall {
  readonly shape: Shape;
  /** As `shader` says they are stored. */
  readonly q: GPUBuffer;
  readonly k: GPUBuffer;
  readonly v: GPUBuffer;
  readonly output: GPUBuffer;
  readonly factor: number;
  readonly rowNumbers: RowNumbers;
  readonly biases: DeviceBiases | undefined;
  readonly shader: TileShader;
  /** Bytes of parts at most: slices whose parts are more are computed one after the other. */
  readonly partBytes: number;
}

/** Workgroups in z that every device takes. */
const MOST_SLICES = 65_535;

/** In the place of -infinity, of which shaders know little: a sink of this score weighs nothing beside any key. */
const LEAST_NUMBER = -3.4e38;

const NO_WORDS = new Uint32Array(0);

/** Adds what computes all slices: the tiles of each plan, and what joins their parts, which share their memory. */
export async function addDispatches(
  builder: CallBuilder,
  planned: readonly PlannedSlices[],
  call: PairsCall,
): Promise<void> {
  const together = planned.map(({ slices, plan }) => {
    const fitting = Math.max(1, Math.floor(call.partBytes / bytesOfParts(plan, call.shader)));
    return Math.min(slices.length, fitting, MOST_SLICES);
  });
  const bytes = planned.map(({ plan }, index) => together[index] * bytesOfParts(plan, call.shader));
  const parts = builder.scratch("parts", Math.max(...bytes));
  for (const [index, one] of planned.entries()) {
    await addSlices(builder, one, together[index], parts, call);
  }
}

function bytesOfParts({ parts }: PairsPlan, { size, valueDim }: TileShader): number {
  return 16 * partQuads(valueDim, size) * parts;
}

/** Adds the slices of one plan, so many at a time. */
async function addSlices(
  builder: CallBuilder,
  { pattern, slices, plan }: PlannedSlices,
  together: number,
  parts: GPUBuffer,
  { shape, q, k, v, output, factor, rowNumbers, biases, shader }: PairsCall,
): Promise<void> {
  const { length, queries, heads, kvHeads, valueDim } = shape;
  const { of, number } = rowNumbers;
  const places = biases?.tables.places ?? null;
  const { words, at } = joinedWords({
    ...plan.sections,
    slices: Uint32Array.from(slices),
    numbers: of === null ? NO_WORDS : bitsOf(Float32Array.from(visibleKeys(pattern), of)),
    places: places === null ? NO_WORDS : Uint32Array.from(places),
  });
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
    number: Math.max(LEAST_NUMBER, number),
    numbersAt: of === null ? NONE : at.numbers,
    placesAt: places === null ? NONE : at.places,
    firstPlaced: Math.min(0, length - queries),
    biases: biases?.tables.count ?? 0,
    leastBias: biases?.tables.least ?? 0,
  };
  const written = {
    [BINDINGS.plan]: builder.constant("plan", words),
    [BINDINGS.output]: output,
    [BINDINGS.parts]: parts,
  };
  const read = {
    [BINDINGS.q]: q,
    [BINDINGS.k]: k,
    [BINDINGS.v]: v,
    ...(biases !== undefined && { [BINDINGS.biases]: biases.buffer }),
  };
  const { slabs } = columnsOf(valueDim, shader.size);
  const quads = partQuads(valueDim, shader.size) - 1;
  const joins = Math.ceil((plan.joinedRows * quads) / JOIN_THREADS);
  for (let firstSlice = 0; firstSlice < slices.length; firstSlice += together) {
    const count = Math.min(together, slices.length - firstSlice);
    for (let slab = 0; slab < slabs; slab++) {
      const firstQuad = slab * quads;
      const ofCall = (label: string, count: number): GPUBuffer =>
        builder.uniform(label, uniformWords(CALL, { ...shared, firstSlice, firstQuad, count }));
      if (plan.items > 0) {
        await builder.dispatch({
          label: "pairs",
          code: tileShader(shader),
          bindings: { [BINDINGS.call]: ofCall("pairs", plan.items), ...read, ...written },
          groups: [...gridOf(plan.items), count],
        });
      }
      if (joins > 0) {
        await builder.dispatch({
          label: "joining pairs",
          code: joinShader(shader),
          bindings: { [BINDINGS.call]: ofCall("joining pairs", plan.joinedRows), ...written },
          groups: [...gridOf(joins), count],
        });
      }
    }
  }
}

function bitsOf(numbers: Float32Array): Uint32Array {
  return new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
}
