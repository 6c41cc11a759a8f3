import type { Shape } from "../../../core/shape.ts";
import type { Recurrence } from "../../../mechanisms/recurrence/declare.ts";

/** A recurrence as the shaders compute it. */
export interface RecurrencePlan {
  readonly mechanism: Recurrence;
  readonly headDim: number;
  readonly valueDim: number;
  /** Quads of channels, and blocks of 64 columns of v. */
  readonly quads: number;
  readonly columnBlocks: number;
  /** Whether every channel has a decay of its own, and a write. */
  readonly channelDecays: boolean;
  readonly channelWrites: boolean;
  /** Whether what erases is not what writes, but a unit vector where that is none. */
  readonly erasesApart: boolean;
  readonly scale: number;
}

/** Columns of a workgroup, of which a thread has one. */
export const COLUMNS = 64;

/** Channels that a thread keeps of its column. */
export const MOST_CHANNELS = 256;

/** Plans a recurrence of a shape. */
export function planRecurrence(
  mechanism: Recurrence,
  { headDim, valueDim }: Pick<Shape, "headDim" | "valueDim">,
): RecurrencePlan {
  const { decay, write, erase, unit } = mechanism;
  const channelDecays = "per" in decay && decay.per === "channel";
  return {
    mechanism,
    headDim,
    valueDim,
    quads: Math.ceil(headDim / 4),
    columnBlocks: Math.ceil(valueDim / COLUMNS),
    channelDecays,
    channelWrites:
      write.form === "step" ? channelDecays : write.form === "logistic" && write.per === "channel",
    erasesApart: erase === "before-decay" && unit === "erasure",
    scale: mechanism.scale ?? 1 / Math.sqrt(headDim),
  };
}

/** What shaders of a call are told. */
export interface RecurrenceSizes {
  readonly length: number;
  readonly heads: number;
  /** Batch entries times heads. */
  readonly slices: number;
  /** Tokens of a segment, and how many segments there are. */
  readonly segment: number;
  readonly segments: number;
}

/** The same in WGSL, at binding 0. */
export const SIZES_TEXT = `
struct Sizes { length: u32, heads: u32, slices: u32, segment: u32, segments: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;`;

/** As words, in the order of the struct. */
export function sizesWords({ length, heads, slices, segment, segments }: RecurrenceSizes): ArrayBuffer {
  return Uint32Array.from([length, heads, slices, segment, segments]).buffer;
}
