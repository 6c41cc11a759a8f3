import { FLOAT_BYTES, type Shape } from "../../core/shape.ts";
import type { Recurrence } from "../../mechanisms/recurrence/declare.ts";
import type { Build } from "./build.ts";
import type { ScratchPlan } from "./call.ts";
import { PANEL_KEYS, PANEL_QUERIES, QUERY_ROW, SCORE_ROW } from "./layout.ts";
import {
  CHANNEL_CHUNK,
  CHANNEL_ROW,
  DECAY,
  ERASE,
  GATE_ROW,
  RECURRENCE,
  RECURRENCE_PLACE,
  TOKEN_CHUNK,
  TOKEN_FLOATS,
  TOKEN_ROW,
  UNIT,
  WRITE,
} from "./recurrence-layout.ts";

type Words = Partial<Record<keyof typeof RECURRENCE, number>>;

const DECAYS = {
  none: DECAY.none,
  retention: DECAY.fixed,
  lightning: DECAY.fixed,
  logistic: DECAY.logistic,
  softplus: DECAY.softplus,
  exponential: DECAY.exponential,
  rwkv7: DECAY.rwkv7,
  given: DECAY.given,
} as const;

const WRITES = {
  one: WRITE.one,
  logistic: WRITE.logistic,
  step: WRITE.step,
  given: WRITE.given,
  "given-step": WRITE.givenStep,
} as const;

/**
 * Heads up to this width are erased token by token. A chunk is wider than they are, and what tokens write is taken away again
 * within it, so that its sums would lose what single steps keep.
 */
const MOST_STEPWISE = 8;

/** Words of the parts of sums: of two products with each key of a chunk. */
const PARTS_WORDS = 512;

/** How a recurrence is computed, and what it needs for that. */
export interface RecurrencePlan {
  /** Whether chunks are made channel by channel. */
  readonly byChannel: boolean;
  /** Whether there are no chunks, but tokens one after the other. */
  readonly stepwise: boolean;
  readonly decayPerChannel: boolean;
  readonly writePerChannel: boolean;
  /** Words of a state `[headDim, width]`: panels of rows that end past the last channel are computed as well. */
  readonly stateWords: number;
  /** Words of a row of a number a channel. */
  readonly channels: number;
  readonly width: number;
  /** Words of a lane's scratch, and of what the gates of a head are made with. */
  readonly laneWords: number;
  readonly gateWords: number;
  /** Numbers that heads and channels are given: `ln α` of a head, and what `exponential` adds to each channel. */
  readonly fixedLogs: Float32Array;
  readonly offsets: Float32Array;
  /** The words that do not depend on where anything is. */
  readonly words: Words;
  /** Those that are float32 numbers. */
  readonly floats: Words;
}

/** Plans a recurrence of a shape. */
export function planRecurrence(mechanism: Recurrence, shape: Shape, { panelKeys }: Build): RecurrencePlan {
  const { decay, write, erase, bonus, unit } = mechanism;
  const { heads, headDim, valueDim } = shape;
  const channels = Math.ceil(headDim / PANEL_KEYS.wide) * PANEL_KEYS.wide;
  const width = Math.ceil(valueDim / panelKeys) * panelKeys;
  const decayPerChannel = "per" in decay && decay.per === "channel";
  const writePerChannel =
    write.form === "step" ? decayPerChannel : write.form === "logistic" && write.per === "channel";
  const reads = bonus !== null || erase === "before-decay" || unit === "erasure";
  const byChannel = decayPerChannel || writePerChannel || reads;
  const stepwise = erase !== null && headDim <= MOST_STEPWISE;
  const gates = gatePlaces(mechanism, decayPerChannel, writePerChannel, channels);
  const stateWords = Math.ceil(headDim / PANEL_QUERIES) * PANEL_QUERIES * width;
  const lane = lanePlaces(channels, width, stateWords, gates.words);
  return {
    byChannel,
    stepwise,
    decayPerChannel,
    writePerChannel,
    stateWords,
    channels,
    width,
    laneWords: lane.words,
    gateWords: gates.words,
    fixedLogs: fixedLogsOf(decay.form, heads),
    offsets: offsetsOf(decay.form, headDim),
    words: {
      heads,
      d: headDim,
      channels,
      valueDim,
      width,
      decay: DECAYS[decay.form],
      decayPerChannel: Number(decayPerChannel),
      decayRow: headDim + (decay.form === "softplus" ? 2 : 0),
      write: WRITES[write.form],
      writePerChannel: Number(writePerChannel),
      erase: erase === null ? ERASE.never : erase === "after-decay" ? ERASE.afterDecay : ERASE.beforeDecay,
      readsBefore: Number(bonus !== null),
      unit: unit === null ? UNIT.none : unit === "both" ? UNIT.both : UNIT.erasure,
      byChannel: Number(byChannel),
      stepwise: Number(stepwise),
      writesOut: 1,
      ...gates.places,
      ...lane.places,
    },
    floats: {
      bonus: bonus ?? 0,
      scale: mechanism.scale ?? 1 / Math.sqrt(headDim),
      skip: mechanism.skip,
    },
  };
}

/** The words that say how many states a slice keeps, and how large one is: the padding of its last rows is not kept. */
export function keptSizes(plan: RecurrencePlan, { headDim, length }: Shape) {
  return {
    keptBytes: headDim * plan.width * FLOAT_BYTES,
    keptChunks: Math.ceil(length / chunkOf(plan)),
  };
}

/** Tokens of a chunk. */
export function chunkOf({ byChannel }: RecurrencePlan): number {
  return byChannel ? CHANNEL_CHUNK : TOKEN_CHUNK;
}

/** Writes the words of a prepared recurrence. */
export function writeWords(
  integers: Int32Array,
  floats: Float32Array,
  plan: RecurrencePlan,
  words: Words,
): void {
  integers.fill(0);
  for (const [name, value] of Object.entries({ ...plan.words, ...words })) {
    integers[RECURRENCE[name as keyof typeof RECURRENCE]] = value;
  }
  for (const [name, value] of Object.entries(plan.floats))
    floats[RECURRENCE[name as keyof typeof RECURRENCE]] = value;
}

/** Words of the struct. */
export const RECURRENCE_WORDS = Object.keys(RECURRENCE).length;

/** Where what the gates of a head are made with is, in bytes from its beginning. */
function gatePlaces(
  mechanism: Recurrence,
  decayPerChannel: boolean,
  writePerChannel: boolean,
  channels: number,
) {
  const rows = (Object.keys(GATE_ROW).length * QUERY_ROW) / FLOAT_BYTES;
  const matrix = channels * channels;
  const decays = decayPerChannel && mechanism.decay.form !== "given" ? matrix : 0;
  const writes = writePerChannel && mechanism.write.form === "logistic" ? matrix : 0;
  return {
    words: rows + decays + writes,
    places: { packedDecays: rows * FLOAT_BYTES, packedWrites: (rows + decays) * FLOAT_BYTES },
  };
}

/** Where what a lane writes is, in bytes from the beginning of its scratch; the gates of a head come last. */
function lanePlaces(channels: number, width: number, stateWords: number, gateWords: number) {
  const rows = (TOKEN_CHUNK * QUERY_ROW) / FLOAT_BYTES;
  const scores = (TOKEN_CHUNK * SCORE_ROW) / FLOAT_BYTES;
  const sizes = {
    place: Math.ceil(Object.keys(RECURRENCE_PLACE).length / 16) * 16,
    queries: rows,
    keys: rows,
    erasing: rows,
    decays: rows,
    writes: rows,
    scores,
    erased: scores,
    panels: TOKEN_CHUNK * channels,
    output: TOKEN_CHUNK * width,
    values: TOKEN_CHUNK * width,
    tokens: Object.keys(TOKEN_ROW).length * TOKEN_FLOATS,
    rows: (Object.keys(CHANNEL_ROW).length * QUERY_ROW) / FLOAT_BYTES,
    parts: PARTS_WORDS,
    state: stateWords,
    before: stateWords,
    joined: stateWords,
    ownGates: gateWords,
  };
  const places: Words = {};
  let words = 0;
  for (const [name, size] of Object.entries(sizes)) {
    places[name as keyof typeof sizes] = words * FLOAT_BYTES;
    words += size;
  }
  return { words, places };
}

/** `ln α` of each head, where it follows from that; float64, rounded once. */
function fixedLogsOf(form: Recurrence["decay"]["form"], heads: number): Float32Array {
  if (form === "retention")
    return Float32Array.from({ length: heads }, (_, h) => Math.log1p(-(2 ** (-5 - h))));
  if (form === "lightning") {
    return Float32Array.from({ length: heads }, (_, h) => -(2 ** ((-8 * (h + 1)) / heads)));
  }
  return new Float32Array(0);
}

/** `-6 + 5 (c / (d - 1))^0.7` of each channel c. */
function offsetsOf(form: Recurrence["decay"]["form"], headDim: number): Float32Array {
  if (form !== "exponential") return new Float32Array(0);
  return Float32Array.from({ length: headDim }, (_, c) => -6 + 5 * (c === 0 ? 0 : c / (headDim - 1)) ** 0.7);
}

/** Reserves what a plan needs besides its lanes. */
export function reserveRecurrence(
  plan: ScratchPlan,
  { fixedLogs, offsets }: RecurrencePlan,
  words = RECURRENCE_WORDS,
) {
  return {
    words: plan.words(words),
    fixedLogs: plan.words(fixedLogs.length),
    offsets: plan.words(offsets.length),
  };
}
