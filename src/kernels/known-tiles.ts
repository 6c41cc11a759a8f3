import type { Area, BoundPattern } from "../core/pattern.ts";
import type { StoredMask } from "./schedule-writer.ts";

/** What is in a tile of keys: nothing, everything, or what a mask says. */
export type TileContent = "empty" | "full" | StoredMask;

/**
 * Remembers tiles in natural order, so that of those that repeat along the diagonal only the first is
 * examined row by row.
 */
export class KnownTiles {
  readonly #pattern: BoundPattern;
  readonly #tiles = new Map<number, { area: Area; content: TileContent }>();

  constructor(pattern: BoundPattern) {
    this.#pattern = pattern;
  }

  /**
   * What a tile must contain, because one of its size and distance from the diagonal did and the pattern
   * repeats.
   */
  find(area: Area): TileContent | undefined {
    const known = this.#tiles.get(distance(area));
    if (known === undefined) return undefined;
    const by = area.rowFrom - known.area.rowFrom;
    const same =
      area.rowTo - known.area.rowTo === by &&
      area.keyFrom - known.area.keyFrom === by &&
      area.keyTo - known.area.keyTo === by;
    return same && this.#pattern.repeats?.(known.area, by) === true ? known.content : undefined;
  }

  add(area: Area, content: TileContent): void {
    this.#tiles.set(distance(area), { area, content });
  }
}

/**
 * The same for tiles of one size as far from the diagonal, and seldom for others: then the later one is
 * remembered.
 */
function distance({ rowFrom, keyFrom, keyTo }: Area): number {
  return (keyFrom - rowFrom) * 2 ** 16 + (keyTo - keyFrom);
}
