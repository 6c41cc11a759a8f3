import type { PairsPlan } from "../../../src/kernels/webgpu/pairs/plan.ts";
import type { TileSize } from "../../../src/kernels/webgpu/pairs/tile-size.ts";

const NONE = 2 ** 32 - 1;

/** What a plan does, read by the tables in `plan.ts` and `tile-masks.ts`. */
export interface ExpandedPlan {
  /** How often each pair is computed, `[rows, keys]`. */
  readonly times: Uint8Array;
  /** What a device would stumble over; null if nothing. */
  readonly broken: string | null;
}

/** Expands a plan over so many rows and keys. */
export function expandedPlan(plan: PairsPlan, size: TileSize, rows: number, keys: number): ExpandedPlan {
  const { items, tasks } = plan.sections;
  const times = new Uint8Array(rows * keys);
  /** For each row how often an item writes it, and the parts that items write of it. */
  const written = new Uint32Array(rows);
  const rowOfPart = new Map<number, number>();
  let broken: string | null = null;
  const note = (what: string): void => {
    broken ??= what;
  };
  for (let item = 0; item < plan.items; item++) {
    const [first, list, count, from, to, keyFrom, keyTo, part] = items.subarray(8 * item, 8 * item + 8);
    const own = tokens(plan, list, first, count);
    if (count < 1 || count > 64) note(`item ${item} has ${count} rows`);
    if (from >= to) note(`item ${item} has no task`);
    if ((keyFrom > 0 || keyTo < NONE) && to !== from + 1) note(`item ${item} cuts more than one task`);
    for (const [at, row] of own.entries()) {
      if (part === NONE) written[row]++;
      else if (rowOfPart.has(part + at)) note(`part ${part + at} is written twice`);
      else rowOfPart.set(part + at, row);
    }
    for (let task = from; task < to; task++) {
      const [firstKey, keyList, keyCount, mask] = tasks.subarray(4 * task, 4 * task + 4);
      if (mask !== NONE && keyCount > size.keys) note(`task ${task} has a mask and ${keyCount} keys`);
      if (mask !== NONE && keyFrom > 0) note(`task ${task} has a mask and is cut`);
      const end = Math.min(keyCount, keyTo);
      const attended = tokens(plan, keyList, firstKey, end);
      for (let key = keyFrom; key < end; key++) {
        for (const [at, row] of own.entries()) {
          if (mask === NONE || isAttended(plan, size, mask, at, key)) times[row * keys + attended[key]]++;
        }
      }
    }
  }
  return { times, broken: broken ?? brokenJoins(plan, written, rowOfPart) };
}

/** The tokens that entries of a list are. */
function tokens({ sections }: PairsPlan, list: number, first: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) =>
    list === NONE ? first + at : sections.tokens[list + first + at],
  );
}

/**
 * Whether the shader takes a pair: it looks at the bits of the keys within the hull of the row's half, and at no
 * others.
 */
function isAttended(
  { sections }: PairsPlan,
  size: TileSize,
  mask: number,
  row: number,
  key: number,
): boolean {
  const hull = Math.floor(sections.masks[mask] / 65_536 ** Math.floor(row / 32)) % 65_536;
  if (key < hull % 256 || key >= Math.floor(hull / 256)) return false;
  const word = sections.masks[mask + 1 + (row * size.keys) / 32 + Math.floor(key / 32)];
  return Math.floor(word / 2 ** (key % 32)) % 2 === 1;
}

/** Each row is written by one item, or joined once of all parts that there are of it. */
function brokenJoins(
  { sections, joinedRows, parts }: PairsPlan,
  written: Uint32Array,
  rowOfPart: ReadonlyMap<number, number>,
): string | null {
  if (rowOfPart.size !== parts) return `${rowOfPart.size} of ${parts} parts are written`;
  const joinedParts = new Set<number>();
  for (let at = 0; at < joinedRows; at++) {
    const [row, from, to] = sections.joined.subarray(3 * at, 3 * at + 3);
    if (to > sections.parts.length) return `row ${row} has parts beyond the last one`;
    for (const part of sections.parts.subarray(from, to)) {
      if (rowOfPart.get(part) !== row) return `part ${part} is of row ${rowOfPart.get(part)}, not ${row}`;
      if (joinedParts.has(part)) return `part ${part} is joined twice`;
      joinedParts.add(part);
    }
    written[row]++;
  }
  if (joinedParts.size !== parts) return `${joinedParts.size} of ${parts} parts are joined`;
  const row = written.findIndex((times) => times !== 1);
  return row < 0 ? null : `row ${row} is written ${written[row]} times`;
}
