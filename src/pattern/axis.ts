import { UsageError } from "../core/errors.ts";
import { checkCount } from "./check-count.ts";
import { layersOver } from "./path-lengths.ts";

/** Positions `from, from + step, …` below `to`; never none. */
export interface AxisKeys {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/** Positions, and the keys that some of them attend. */
export interface AxisGroup {
  readonly positions: AxisKeys;
  readonly keys: AxisKeys;
  /** Whether all of them attend all of these keys. */
  readonly same: boolean;
}

/** How many keys a pixel has, by a letter, and through how many layers an extent `m` is crossed. */
export interface AxisTerms {
  readonly letter: string;
  readonly count: number;
  readonly path: string;
  layers(extent: number): number;
}

/**
 * What a pixel attends along one direction of an image. Keys move along with the pixel, except near the ends:
 * if those of two pixels are moved by some distance, so are those of all pixels between them.
 */
export interface Axis {
  readonly text: string;
  /** Keys of the pixel at a position of `extent`, itself among them. */
  keys(at: number, extent: number): AxisKeys;
  /**
   * The positions in groups that attend much the same keys, at most `most` in each if they attend different
   * ones: each position is in one group.
   */
  groups(extent: number, most: number): readonly AxisGroup[];
  /** Pixels this far apart attend keys that rise with them; those between may differ. */
  readonly period: number;
  /** What Table 1 says of it: the keys of a pixel, and the path length over an extent, m as text; omitted if nothing. */
  readonly terms?: AxisTerms;
}

/**
 * `size` pixels around each, `dilation` apart. Where they do not fit, near the ends, the window is moved
 * inwards (`clamp`: every pixel attends as many, in its own residue class) or cut (`truncate`).
 */
export function axisWindow(size: number, dilation: number, edge: "clamp" | "truncate"): Axis {
  checkCount("axisWindow", "size", size, 1);
  checkCount("axisWindow", "dilation", dilation, 1, Number.MAX_SAFE_INTEGER);
  if (size % 2 === 0) {
    throw new UsageError(
      `axisWindow: size must be odd, got ${size}, so that there are as many pixels on both sides; ` +
        `take ${size - 1} or ${size + 1}`,
    );
  }
  const half = Math.floor(size / 2);
  const keys = (at: number, extent: number): AxisKeys => {
    // Every dilation-th pixel, those of the same residue, is a line of its own.
    const residue = at % dilation;
    const place = Math.floor(at / dilation);
    const count = Math.ceil((extent - residue) / dilation);
    const start = place - half;
    const first = edge === "clamp" ? Math.max(0, Math.min(start, count - size)) : Math.max(0, start);
    const end = Math.min(count, edge === "clamp" ? first + size : start + size);
    return { from: residue + first * dilation, to: residue + (end - 1) * dilation + 1, step: dilation };
  };
  return {
    text: `axisWindow(${size}, ${dilation}, ${edge})`,
    period: dilation,
    terms: { letter: "κ", count: size, ...windowPath(half, dilation, edge) },
    keys,
    groups(extent, most) {
      const groups: AxisGroup[] = [];
      for (let residue = 0; residue < Math.min(dilation, extent); residue++) {
        const count = Math.ceil((extent - residue) / dilation);
        for (let place = 0; place < count; place += most) {
          const first = residue + place * dilation;
          const last = residue + (Math.min(count, place + most) - 1) * dilation;
          const { from } = keys(first, extent);
          const { to } = keys(last, extent);
          groups.push({
            positions: { from: first, to: last + 1, step: dilation },
            keys: { from, to, step: dilation },
            same: false,
          });
        }
      }
      return groups;
    },
  };
}

/** All pixels from `before` before each to `after` after it, as far as there are any. */
export function axisReach(before: number, after: number): Axis {
  checkCount("axisReach", "before", before, 0, Number.MAX_SAFE_INTEGER);
  checkCount("axisReach", "after", after, 0, Number.MAX_SAFE_INTEGER);
  const keys = (first: number, last: number, extent: number): AxisKeys => ({
    from: Math.max(0, first - before),
    to: Math.min(extent, last + after + 1),
    step: 1,
  });
  return {
    text: `axisReach(${before}, ${after})`,
    period: 1,
    keys: (at, extent) => keys(at, at, extent),
    groups: (extent, most) =>
      Array.from({ length: Math.ceil(extent / most) }, (_, group) => {
        const first = group * most;
        const end = Math.min(extent, first + most);
        return {
          positions: { from: first, to: end, step: 1 },
          keys: keys(first, end - 1, extent),
          same: false,
        };
      }),
  };
}

/** The extent cut into cells at `shift`, `shift + size`, …, and a pixel attends its own cell. */
export function axisCells(size: number, shift: number): Axis {
  checkCount("axisCells", "size", size, 1, Number.MAX_SAFE_INTEGER);
  checkCount("axisCells", "shift", shift, 0, Number.MAX_SAFE_INTEGER);
  return {
    text: `axisCells(${size}, ${shift})`,
    period: 1,
    terms: {
      letter: "w",
      count: size,
      path: "∞",
      layers: (extent) =>
        extent <= (shift % size || size) ? Math.min(1, extent - 1) : Number.POSITIVE_INFINITY,
    },
    keys(at, extent) {
      const start = Math.floor((at - shift) / size) * size + shift;
      return { from: Math.max(0, start), to: Math.min(extent, start + size), step: 1 };
    },
    groups(extent) {
      const groups: AxisGroup[] = [];
      for (let at = 0; at < extent; ) {
        const cell = this.keys(at, extent);
        groups.push({ positions: cell, keys: cell, same: true });
        at = cell.to;
      }
      return groups;
    },
  };
}

/** Every layer goes `half` pixels; where windows are moved inwards the first one goes twice as far. */
function windowPath(
  half: number,
  dilation: number,
  edge: "clamp" | "truncate",
): Pick<AxisTerms, "path" | "layers"> {
  // Residue classes never meet.
  if (dilation > 1 || half === 0)
    return { path: "∞", layers: (extent) => (extent === 1 ? 0 : Number.POSITIVE_INFINITY) };
  const cut = (extent: number) => layersOver(extent - 1, half);
  if (edge === "truncate") return { path: "⌈(m − 1)/⌊κ/2⌋⌉", layers: cut };
  return {
    path: "⌈(m − 1)/⌊κ/2⌋⌉ − 1",
    layers: (extent) => Math.max(Math.min(1, extent - 1), cut(extent) - 1),
  };
}
