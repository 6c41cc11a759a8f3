import type { Task } from "../../../core/problem.ts";
import { type SoftmaxPattern, scaleOf } from "../../../mechanisms/softmax-pattern/declare.ts";
import { biasTables, fillBiases } from "../../../pairwise/bias-tables.ts";
import { BIAS_TABLE, bindBiases } from "../../../pairwise/bind-biases.ts";
import { scoreUnit } from "../../../pairwise/row-numbers.ts";
import type { DecodeHeads } from "../../decode/heads.ts";
import { learned } from "../../learned.ts";
import type { Weights } from "../../stepper.ts";
import { NOWHERE, TABLES, TEAM } from "./token-words.ts";

/** What the steps of a task look up, as shaders read it. */
export interface StepTables {
  readonly words: Uint32Array;
  /** Where the pieces of a schedule, by its number, begin in them. */
  piecesAt(schedule: number): number;
  /** What a step's words have as `biasFrom`: 0 if nothing is added to scores. */
  biasFrom(position: number): number;
  /** Rows of keys, and of values, in all caches together. */
  readonly rows: number;
  readonly slices: number;
  readonly teams: number;
}

/** Lays out the tables of a task whose heads are computed in teams of `together`. */
export function stepTables(
  { shape }: Task,
  mechanism: SoftmaxPattern,
  { caches, readers, distinct }: DecodeHeads,
  weights: Weights,
  together: number,
): StepTables {
  const { batch, heads, kvHeads, headDim, length } = shape;
  const teamsPerSlice = readers / together;
  const slices = batch * caches.length;
  const unit = scoreUnit(mechanism.normaliser);
  const biases = biasesOf(mechanism, unit, weights, heads, length);
  let end = TABLES.words + slices * teamsPerSlice * TEAM.words;
  const place = (count: number): number => {
    const at = end;
    end += count;
    return at;
  };
  const piecesAt = distinct.map(({ pieces }) => place(pieces.length));
  const placesAt = biases?.places == null ? NOWHERE : place(length);
  const biasesAt = place(biases?.values.length ?? 0);
  const words = new Uint32Array(end);
  for (const [index, { pieces }] of distinct.entries()) words.set(pieces, piecesAt[index]);
  if (biases?.places != null) words.set(biases.places, placesAt);
  if (biases !== null) words.set(bitsOf(biases.values), biasesAt);
  const [factor] = bitsOf(Float32Array.of(unit * scaleOf(mechanism, headDim)));
  const header = { slices, teamsPerSlice, heads, biases: biases?.count ?? 0, biasesAt, placesAt, factor };
  for (const [name, word] of Object.entries(header)) words[TABLES[name as keyof typeof header]] = word;
  let rows = 0;
  for (let slice = 0; slice < slices; slice++) {
    const { schedule, kvHead } = caches[slice % caches.length];
    const entry = Math.floor(slice / caches.length);
    const team = {
      firstRow: rows,
      schedule: distinct.indexOf(schedule),
      kvSlice: entry * kvHeads + kvHead,
    };
    for (let own = 0; own < teamsPerSlice; own++) {
      const at = TABLES.words + (slice * teamsPerSlice + own) * TEAM.words;
      for (const [name, word] of Object.entries(team)) words[at + TEAM[name as keyof typeof team]] = word;
    }
    rows += schedule.slots;
  }
  return {
    words,
    piecesAt: (schedule) => piecesAt[schedule],
    biasFrom: (position) => (biases === null ? 0 : -biases.least - (biases.places?.[position] ?? position)),
    rows,
    slices,
    teams: slices * teamsPerSlice,
  };
}

/** The biases of all heads, one behind the other, and the places by which they are found; null if there are none. */
function biasesOf({ bias }: SoftmaxPattern, unit: number, weights: Weights, heads: number, length: number) {
  if (bias === undefined) return null;
  const tables = biasTables(bias, length, { from: 0, to: length });
  const { least, count, places } = tables;
  const bound = bindBiases(bias, { heads, causal: true }, bias.table && learned(weights, BIAS_TABLE));
  const values = new Float32Array(heads * count);
  for (const [head, one] of bound.entries()) {
    fillBiases(one, tables, unit, values.subarray(head * count, (head + 1) * count));
  }
  return { least, count, places, values };
}

function bitsOf(floats: Float32Array): Uint32Array {
  return new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
}
