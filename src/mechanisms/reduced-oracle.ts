import { type Dtype, formatOf, isReduced, type NumberFormat } from "../core/dtype.ts";
import { randomStream } from "../core/random.ts";
import type { RowPlace } from "../core/rows.ts";
import { float32, float64, type Oracle, type ReferenceRow, type Rounding } from "./oracle.ts";
import { disturbedPaths } from "./swept-heads.ts";

/** The rounding of a pass of a reference in a dtype: of every result, with sums in float32. */
export function roundingIn(dtype: Dtype | undefined): Rounding {
  return isReduced(dtype) ? roundings[dtype] : float32;
}

const roundings = { float16: withSums("float16"), bfloat16: withSums("bfloat16") } as const;

function withSums(dtype: Dtype): Rounding {
  const { round } = formatOf(dtype);
  return Object.assign((exact: number) => round(exact), { sums: float32 });
}

/**
 * An oracle whose slack is what a dtype may move. Of float32 it is the oracle's own; of less, how far a row is from the
 * same with every result rounded to one of its neighbours at random, above or below: half precision rounds so coarsely
 * that the sum of all roundings, as if none were undone by another, says nothing of what a computation errs by.
 */
export function inPrecision(oracle: Oracle, dtype: Dtype | undefined): Oracle {
  if (!isReduced(dtype)) return oracle;
  const format = formatOf(dtype);
  return {
    rows(places, round) {
      const rows = oracle.rows(places, round);
      return round === float64
        ? withSlack(oracle, places, rows, format)
        : rows.map((row) => ({ ...row, values: row.values.map(round) }));
    },
  };
}

function withSlack(
  oracle: Oracle,
  places: readonly RowPlace[],
  rows: readonly ReferenceRow[],
  format: NumberFormat,
): readonly ReferenceRow[] {
  let passes: ReadonlyArray<readonly ReferenceRow[]> | undefined;
  const disturbed = () => {
    passes ??= Array.from({ length: disturbedPaths(rows[0].values.length) }, (_, seed) => {
      const round = besides(format, seed);
      return oracle.rows(places, round).map((row) => ({ ...row, values: row.values.map(round) }));
    });
    return passes;
  };
  return rows.map((row, index) => ({
    ...row,
    slack: () =>
      slackOf(
        row,
        disturbed().map((pass) => pass[index].values),
        format,
      ),
  }));
}

/**
 * As far as any element of the row was off in any pass, since a few numbers may all be lucky in one of them; and what
 * float32 may move, in which sums are made.
 */
function slackOf(
  { values, slack }: ReferenceRow,
  passes: readonly Float64Array[],
  { epsilon, tiniest }: NumberFormat,
): Float64Array {
  let most = tiniest;
  for (const pass of passes) {
    for (const [i, value] of values.entries()) {
      // A row that is not finite in the reference has no error to speak of; one that is beyond the dtype in a pass may be
      // anything.
      const off = Number.isFinite(value) ? Math.abs(pass[i] - value) : 0;
      if (!(off <= most)) most = Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
    }
  }
  return slack().map((own, i) => own + Math.max(most, epsilon * Math.abs(values[i])));
}

const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);

/** Rounds to a neighbour, above or below at random, or to the one after it at a power of two; seeded. */
function besides({ round, epsilon, tiniest }: NumberFormat, seed: number): Rounding {
  // Marsaglia 2003, doi 10.18637/jss.v008.i14: millions of coins are tossed, and a weak generator will do.
  let coins = randomStream(seed).below(2 ** 31) | 1;
  const toss = (exact: number): number => {
    const near = round(exact);
    coins ^= coins << 13;
    coins ^= coins >>> 17;
    coins ^= coins << 5;
    if (near === exact || coins < 0 || !Number.isFinite(near)) return near;
    single[0] = near;
    // The power of two below, by the exponent alone.
    word[0] &= 0x7f800000;
    const step = Math.max(single[0] * epsilon, tiniest);
    return round(near < exact ? near + step : near - step);
  };
  return Object.assign(toss, { sums: float32 });
}
