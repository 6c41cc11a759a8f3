import { FLOAT_BYTES, type Shape } from "../../../core/shape.ts";
import type { MemoryPlan, Region } from "../call/memory.ts";
import { writeWords } from "../call/write-words.ts";
import { LANES } from "../code/transpose.ts";
import { JOIN, JOIN_BYTES } from "./layout.ts";
import type { Segment } from "./units.ts";

const WORD = 8;
/** Rows of dk or dv that are one item. */
const ROWS = 256;

/** Bytes of a row of sums: whole vectors. */
export function sumBytes(columns: number): number {
  return Math.ceil(columns / LANES) * LANES * FLOAT_BYTES;
}

/** Where the sums of a segment are. */
export interface SegmentSums {
  readonly clear: bigint;
  readonly clearBytes: number;
  /** Where those of token 0 are, or would be. */
  readonly keySums: bigint;
  readonly valueSums: bigint;
}

/** The sums of all segments, and what joins them. */
export interface PlacedSums {
  /** By head of keys, counted over all batch entries, and segment; null for a segment that meets no key. */
  readonly ofSegment: readonly (readonly (SegmentSums | null)[])[];
  readonly joins: Region;
  readonly joinCount: number;
  /** Takes in where dk and dv are. */
  point(dk: bigint, dv: bigint): void;
}

/** Keys of one head of keys, and the segments whose sums have all of them. */
interface Piece {
  readonly group: number;
  readonly from: number;
  readonly to: number;
  readonly segments: readonly number[];
}

/**
 * Makes room for the sums of all segments, and for the items that join them. `factors` are what dk and dv are
 * multiplied by.
 */
export function planSums(
  groups: readonly (readonly Segment[])[],
  { length, headDim, valueDim }: Shape,
  factors: { readonly k: number; readonly v: number },
  plan: MemoryPlan,
): () => PlacedSums {
  const [keyBytes, valueBytes] = [sumBytes(headDim), sumBytes(valueDim)];
  const rowsOf = ({ keys }: Segment): number => (keys === null ? 0 : keys.to - keys.from);
  const planned = groups.map((segments) =>
    segments.map((segment) => plan.reserve(rowsOf(segment) * (keyBytes + valueBytes))),
  );
  const pieces = groups.flatMap((segments, group) => piecesOf(segments, group, length));
  const tensors = [
    { of: "k", columns: headDim, bytes: keyBytes, factor: factors.k },
    { of: "v", columns: valueDim, bytes: valueBytes, factor: factors.v },
  ] as const;
  const joinsAt = plan.reserve(tensors.length * pieces.length * JOIN_BYTES);
  const partsAt = plan.reserve(
    tensors.length * pieces.reduce((sum, { segments }) => sum + segments.length, 0) * WORD,
  );
  return () => {
    const ofSegment = planned.map((regions, group) =>
      regions.map((region, index): SegmentSums | null => {
        const { keys } = groups[group][index];
        if (keys === null) return null;
        const { address, bytes } = region();
        const values = address + BigInt((keys.to - keys.from) * keyBytes);
        return {
          clear: address,
          clearBytes: bytes,
          keySums: address - BigInt(keys.from * keyBytes),
          valueSums: values - BigInt(keys.from * valueBytes),
        };
      }),
    );
    const [joins, parts] = [joinsAt(), partsAt()];
    const placed: { readonly of: "k" | "v"; readonly place: number; readonly byte: bigint }[] = [];
    let part = 0;
    for (const { of, columns, bytes, factor } of tensors) {
      for (const { group, from, to, segments } of pieces) {
        const index = placed.length;
        const addresses = segments.map((segment) => {
          const sums = ofSegment[group][segment] as SegmentSums;
          return (of === "k" ? sums.keySums : sums.valueSums) + BigInt(from * bytes);
        });
        writeWords(
          parts,
          addresses.map((address, at) => [WORD * (part + at), address] as const),
        );
        writeWords(
          joins,
          [
            [JOIN.toBytes, columns * FLOAT_BYTES],
            [JOIN.rows, to - from],
            [JOIN.parts, parts.address + BigInt(WORD * part)],
            [JOIN.count, segments.length],
            [JOIN.sumBytes, bytes],
            [JOIN.tail, 2 ** (((columns - 1) % LANES) + 1) - 1],
          ],
          index * JOIN_BYTES,
        );
        joins.floats[(index * JOIN_BYTES + JOIN.factor) / FLOAT_BYTES] = factor;
        placed.push({
          of,
          place: index * JOIN_BYTES + JOIN.to,
          byte: BigInt((group * length + from) * columns * FLOAT_BYTES),
        });
        part += segments.length;
      }
    }
    return {
      ofSegment,
      joins,
      joinCount: placed.length,
      point(dk, dv) {
        const first = { k: dk, v: dv };
        writeWords(
          joins,
          placed.map(({ of, place, byte }) => [place, first[of] + byte] as const),
        );
      },
    };
  };
}

/** Cuts keys where a segment's begin or end, and into items. */
function piecesOf(segments: readonly Segment[], group: number, length: number): Piece[] {
  const ends = segments.flatMap(({ keys }) => (keys === null ? [] : [keys.from, keys.to]));
  const cuts = [...new Set([0, ...ends, length])].sort((a, b) => a - b);
  const pieces: Piece[] = [];
  for (const [index, start] of cuts.slice(0, -1).entries()) {
    const end = cuts[index + 1];
    const having = [...segments.keys()].filter((segment) => {
      const { keys } = segments[segment];
      return keys !== null && keys.from <= start && end <= keys.to;
    });
    for (let from = start; from < end; from += ROWS) {
      pieces.push({ group, from, to: Math.min(end, from + ROWS), segments: having });
    }
  }
  return pieces;
}
