import { UsageError } from "../core/errors.ts";
import type { Bias } from "./bias.ts";

/** Heads that each look at the token a fixed shift away: as many as a kernel has taps, in their order. */
export interface Shifts {
  /** Pixels in a row of an image in raster order, whose kernel is a square; null for a sequence, whose kernel is a line. */
  readonly width: number | null;
  /** Taps along an axis. Shifts go from -⌊side/2⌋ on, as windows of a convolution do. */
  readonly side: number;
  /** How fast a weight falls with the squared distance from where a head looks. */
  readonly alpha: number;
}

/** Every head has a table of all distances. */
const MOST_SIDE = 31;
const MOST_ALPHA = 1e6;

/**
 * The relative positions with which attention is a convolution: `-α·|δ - Δ|²`, δ being how far the key is from the query
 * and Δ the shift of the head, by rows and by columns in an image. Cordonnier, Loukas, Jaggi 2019, arXiv 1911.03584,
 * theorem 1, eq. 9, less the constant `α·|Δ|²`, which no softmax sees.
 */
export function shiftBias({ width, side, alpha }: Shifts): Bias {
  if (width !== null && !(Number.isSafeInteger(width) && width >= 1)) {
    throw new UsageError(`shift: width of the image must be an integer of at least 1, got ${width}`);
  }
  if (!(Number.isInteger(side) && side >= 1 && side <= MOST_SIDE)) {
    throw new UsageError(`shift: side of the kernel must be an integer from 1 to ${MOST_SIDE}, got ${side}`);
  }
  if (!(alpha >= 0 && alpha <= MOST_ALPHA)) {
    throw new UsageError(`shift: alpha must be from 0 to ${MOST_ALPHA}, got ${alpha}`);
  }
  const shifts = { width, side, alpha };
  const text = `shift:${width ?? "line"}:${side}:${alpha}`;
  const shiftOf = (head: number): readonly [rows: number, columns: number] => {
    const all = shiftsOf(shifts);
    if (head < all.length) return all[head];
    throw new RangeError(`${text}: has ${all.length} shifts, a head each, got head ${head}`);
  };
  if (width === null) {
    return {
      text,
      shifts,
      bind({ head }) {
        const [, shift] = shiftOf(head);
        const of = (distance: number): number => 0 - alpha * (distance - shift) ** 2;
        return { at: (query, key) => of(key - query), of };
      },
    };
  }
  const lineOf = (token: number): number => Math.floor(token / width);
  // Twice the width apart, so that a distance tells rows and columns apart.
  const linePlaces = 2 * width;
  return {
    text,
    shifts,
    place: (token) => lineOf(token) * linePlaces + token - lineOf(token) * width,
    bind({ head }) {
      const [down, across] = shiftOf(head);
      const fall = (rows: number, columns: number): number =>
        0 - alpha * ((rows - down) ** 2 + (columns - across) ** 2);
      return {
        at(query, key) {
          const rows = lineOf(key) - lineOf(query);
          return fall(rows, key - query - rows * width);
        },
        of(distance) {
          const rows = Math.round(distance / linePlaces);
          return fall(rows, distance - rows * linePlaces);
        },
      };
    },
  };
}

/** The shift of each head, by rows and by columns, in the order of a kernel's taps. */
export function shiftsOf({
  width,
  side,
}: Pick<Shifts, "width" | "side">): (readonly [rows: number, columns: number])[] {
  const along = Array.from({ length: side }, (_, tap) => tap - Math.floor(side / 2));
  if (width === null) return along.map((columns) => [0, columns] as const);
  return along.flatMap((rows) => along.map((columns) => [rows, columns] as const));
}
