import { FLOAT_BYTES, type Shape } from "../../../core/shape.ts";
import type { Recurrence } from "../../../mechanisms/recurrence/declare.ts";
import { floatBits } from "../assembler/index.ts";
import { DECAY_OF, UNIT, WRITE_OF } from "./forms.ts";
import { TOKENS, VECTOR, type WORD } from "./layout.ts";
import { VARIANTS } from "./pairs.ts";

/** How a recurrence is computed. */
export interface Plan {
  readonly decayPerChannel: boolean;
  readonly writePerChannel: boolean;
  /** Whether the decays between the tokens of a chunk are multiplied channel by channel. */
  readonly byChannel: boolean;
  /** Floats of a row of channels and of values, whole vectors. */
  readonly channels: number;
  readonly width: number;
  /** Bytes of a state, and of what it leaves of one before it. */
  readonly stateBytes: number;
  /** Bytes of the state alone, as it is kept for a backward pass. */
  readonly keptBytes: number;
  /** What a lane is told, whatever its place. */
  readonly words: Readonly<Partial<Record<keyof typeof WORD, number>>>;
}

/** Plans a recurrence of a shape. */
export function planRecurrence(mechanism: Recurrence, { length, headDim, valueDim }: Shape): Plan {
  const { decay, write, erase, bonus, unit, skip } = mechanism;
  const decayPerChannel = "per" in decay && decay.per === "channel";
  const writePerChannel =
    write.form === "step" ? decayPerChannel : write.form === "logistic" && write.per === "channel";
  const readsBefore = bonus !== null;
  const byChannel =
    decayPerChannel || writePerChannel || readsBefore || erase === "before-decay" || unit === "erasure";
  const erases = erase === null ? null : erase === "after-decay" ? "after" : "before";
  const reads = readsBefore ? "before" : "after";
  const channels = wholeVectors(headDim);
  const width = wholeVectors(valueDim);
  const totalAt = channels * width * FLOAT_BYTES;
  const stateBytes = totalAt + channels * FLOAT_BYTES;
  return {
    decayPerChannel,
    writePerChannel,
    byChannel,
    channels,
    width,
    stateBytes,
    keptBytes: totalAt,
    words: {
      length,
      d: headDim,
      totalAt,
      keptBytes: totalAt,
      stateBytes,
      ...sidesOf(headDim, valueDim),
      decayRow: (headDim + (decay.form === "softplus" ? 2 : 0)) * FLOAT_BYTES,
      gateBytes: decay.form === "given" ? (decayPerChannel ? headDim : 1) * FLOAT_BYTES : 0,
      decay: DECAY_OF[decay.form],
      write: WRITE_OF[write.form],
      decayPerChannel: Number(decayPerChannel),
      writePerChannel: Number(writePerChannel),
      byChannel: Number(byChannel),
      erases: Number(erase !== null),
      unit: unit === null ? UNIT.none : unit === "both" ? UNIT.both : UNIT.erasure,
      variant: VARIANTS.findIndex((one) => one.reads === reads && one.erases === erases),
      scale: floatBits(mechanism.scale ?? 1 / Math.sqrt(headDim)),
      skip: floatBits(skip),
      bonus: floatBits(bonus ?? 0),
    },
  };
}

function sidesOf(headDim: number, valueDim: number): Plan["words"] {
  const side = (floats: number) => {
    const vectors = wholeVectors(floats) / TOKENS;
    const tail = 2 ** (floats - TOKENS * (vectors - 1)) - 1;
    return { bytes: floats * FLOAT_BYTES, vectors, whole: (vectors - 1) * VECTOR, tail };
  };
  const key = side(headDim);
  const value = side(valueDim);
  return {
    keyBytes: key.bytes,
    keyVectors: key.vectors,
    keyWhole: key.whole,
    keyTail: key.tail,
    valueBytes: value.bytes,
    valueVectors: value.vectors,
    valueWhole: value.whole,
    valueTail: value.tail,
  };
}

function wholeVectors(floats: number): number {
  return Math.ceil(floats / TOKENS) * TOKENS;
}

/** `ln α` of each head, where it follows from that; float64, rounded once. */
export function fixedLogsOf({ decay: { form } }: Recurrence, heads: number): readonly number[] {
  const each = (make: (head: number) => number) => Array.from({ length: heads }, (_, head) => make(head));
  if (form === "retention") return each((head) => Math.log1p(-(2 ** (-5 - head))));
  if (form === "lightning") return each((head) => -(2 ** ((-8 * (head + 1)) / heads)));
  return each(() => 0);
}

/** `-6 + 5 (c / (d - 1))^0.7` of each channel c. */
export function offsetsOf({ decay: { form } }: Recurrence, headDim: number): Float32Array {
  if (form !== "exponential") return new Float32Array(0);
  return Float32Array.from({ length: headDim }, (_, c) => -6 + 5 * (c === 0 ? 0 : c / (headDim - 1)) ** 0.7);
}
