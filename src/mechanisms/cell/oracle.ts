import { FLOAT32_EPSILON, FLOAT32_LEAST } from "../../core/error-budget.ts";
import type { Problem } from "../../core/problem.ts";
import { randomStream } from "../../core/random.ts";
import type { RowPlace } from "../../core/rows.ts";
import { layoutOf, offsetIn } from "../../core/shape.ts";
import { float64, type Oracle, type ReferenceRow, type Rounding } from "../oracle.ts";
import type { Cell } from "./declare.ts";
import { type Path, pathOf } from "./path.ts";

/** Numbers that a row has in all disturbed paths: a few of them may all be lucky. */
const NUMBERS = 64;
const LEAST_PATHS = 2;

/** Paths beside the exact one, each with other disturbances. */
export function disturbedPaths(headDim: number): number {
  return Math.max(LEAST_PATHS, Math.ceil(NUMBERS / headDim));
}

/**
 * Token by token from the first, in one sweep per head that serves all of its rows. Beside the exact path run others, in
 * which every number is off by what one float32 rounding may take: how far they are from it is the slack. So a cell that
 * forgets keeps its slack however long the sequence is, and one whose weights make small differences grow, as a large U of
 * an Elman network does, has a slack as large as its rows from some token on: they then prove nothing, and say so.
 */
export function cellOracle(problem: Problem<Cell>): Oracle {
  return {
    rows(places, round) {
      const found = new Map<string, ReferenceRow>();
      for (const [name, rows] of byHead(places)) {
        const [batch, head] = name.split(" ").map(Number);
        for (const [row, one] of sweep(problem, batch, head, rows, round)) found.set(`${name} ${row}`, one);
      }
      return places.map(({ batch, head, row }) => {
        const one = found.get(`${batch} ${head} ${row}`);
        if (one === undefined) throw new RangeError(`cell: no row ${row} in batch ${batch}, head ${head}`);
        return one;
      });
    },
  };
}

function byHead(places: readonly RowPlace[]): Map<string, Set<number>> {
  const heads = new Map<string, Set<number>>();
  for (const { batch, head, row } of places) {
    const name = `${batch} ${head}`;
    const rows = heads.get(name);
    if (rows === undefined) heads.set(name, new Set([row]));
    else rows.add(row);
  }
  return heads;
}

/** The rows that are asked for, of one head. Slack goes with the exact numbers alone. */
function sweep(
  problem: Problem<Cell>,
  batch: number,
  head: number,
  rows: ReadonlySet<number>,
  round: Rounding,
): Map<number, ReferenceRow> {
  const { shape, v } = problem.inputs;
  const { headDim } = shape;
  const path = pathOf(problem, batch, head, round);
  const isExact = round === float64;
  const others = Array.from({ length: isExact ? disturbedPaths(headDim) : 0 }, (_, seed) =>
    pathOf(problem, batch, head, disturbing(seed)),
  );
  const layout = layoutOf(shape, "v");
  const last = Math.max(...rows);
  const found = new Map<number, ReferenceRow>();
  /** What gates that are smaller than any normal float32 number would have let through. */
  let lost = FLOAT32_LEAST;
  for (let token = 0; token <= last; token++) {
    path.advance(token);
    for (const other of others) other.advance(token);
    lost += FLOAT32_LEAST * (1 + largestIn(v, offsetIn(layout, batch, head, token), headDim));
    if (!rows.has(token)) continue;
    const values = path.h.slice();
    const slack = isExact ? slackOf(values, others, lost) : null;
    found.set(token, {
      values,
      magnitudes: values.map(Math.abs),
      slack() {
        if (slack === null) throw new TypeError("cell: slack belongs to the exact rows");
        return slack;
      },
    });
  }
  return found;
}

/** The largest number of a row that is finite. */
function largestIn(tensor: Float32Array, from: number, count: number): number {
  let most = 0;
  for (let at = from; at < from + count; at++) {
    const size = Math.abs(tensor[at]);
    if (size > most && size < Number.POSITIVE_INFINITY) most = size;
  }
  return most;
}

/**
 * How far a row's elements may be off: as far as any of them was on another path. Elements share it, since a few paths
 * may all be lucky in one.
 */
function slackOf(exact: Float64Array, paths: readonly Path[], lost: number): Float64Array {
  let most = lost;
  for (const { h } of paths) {
    for (const [i, value] of exact.entries()) {
      const off = Math.abs(h[i] - value);
      // NaN where the row itself is.
      if (off > most) most = off;
    }
  }
  return exact.map((value) => Math.max(most, FLOAT32_EPSILON * Math.abs(value)));
}

/** Puts a number off by the most that neighbouring float32 numbers are apart, up or down at random; seeded. */
function disturbing(seed: number): Rounding {
  // Marsaglia 2003, doi 10.18637/jss.v008.i14: millions of coins are tossed, and a weak generator will do.
  let coins = randomStream(seed).below(2 ** 31) | 1;
  return (exact) => {
    coins ^= coins << 13;
    coins ^= coins >>> 17;
    coins ^= coins << 5;
    return coins < 0 ? exact * (1 - FLOAT32_EPSILON) : exact * (1 + FLOAT32_EPSILON);
  };
}
