import { FLOAT32_EPSILON, FLOAT32_LEAST } from "../../core/error-budget.ts";
import type { Numbers } from "../../core/tensors.ts";
import { float64, type Rounding, sumsOf } from "../oracle.ts";
import { type Dense, rowNorms } from "./oracle-matrix.ts";
import { addProduct } from "./oracle-product.ts";

/** A cross attention: row i is `Σ_j softmax_j(scale·queries_i·keys_j + bias_j) values_j`. */
export interface Asked {
  /** null for the unit vectors. */
  readonly queries: Dense | null;
  /** null for the unit vectors. */
  readonly keys: Dense | null;
  /** One or several, under the same weights. */
  readonly values: readonly Dense[];
  readonly scale: number;
  readonly bias: Dense | null;
  /** Keys that a row attends, the first ones; all if null. */
  readonly seen: ((row: number) => number) | null;
}

/** Its outputs, one for each of the values, and `ln Σ_j exp(score_ij)`. */
export interface Attended {
  readonly outputs: readonly Dense[];
  readonly logSums: Dense;
}

/** What a weight loses where numbers below the normal ones are flushed to zero, in roundings. */
const FLUSHED = FLOAT32_LEAST / FLOAT32_EPSILON;

/** Keys whose scores are computed together. */
const TILE = 64;
/** Scores that are kept at once. */
const MOST_SCORES = 2 ** 22;
const MOST_ROWS = 64;

/** Softmax by its definition, a few rows at a time: all of their scores, the largest, the weights, the sums. */
export function attend(asked: Asked, round: Rounding, wantsMoved: boolean): Attended {
  const { queries, keys, values, seen } = asked;
  const rows = queries?.rows ?? (keys as Dense).width;
  const length = (keys ?? values[0]).rows;
  const made = (width: number) => ({
    rows,
    width,
    data: new Float64Array(rows * width),
    ...(wantsMoved && { moved: new Float64Array(rows * width) }),
  });
  const outputs = values.map(({ width }) => made(width));
  const logSums = made(1);
  const norms = wantsMoved ? { queries: queries && rowNorms(queries), keys: keys && rowNorms(keys) } : null;
  // Rows that see other keys are computed by themselves: what a row does not see may not even be finite.
  const atOnce = seen ? 1 : Math.max(4, Math.min(MOST_ROWS, Math.floor(MOST_SCORES / length)));
  for (let from = 0; from < rows; from += atOnce) {
    const count = Math.min(atOnce, rows - from);
    const visible = seen ? Math.max(0, Math.min(length, seen(from))) : length;
    if (visible === 0) logSums.data.fill(Number.NEGATIVE_INFINITY, from, from + count);
    else new Stretch(asked, round, from, count, visible).into(outputs, logSums, norms);
  }
  return { outputs, logSums };
}

/** Lengths of queries and keys, which bound the sizes of products; null for unit vectors. */
type Norms = Record<"queries" | "keys", Float64Array | null>;

/** A few rows and the keys that they see. */
class Stretch {
  readonly #asked: Asked;
  readonly #round: Rounding;
  readonly #from: number;
  readonly #rows: number;
  readonly #length: number;
  /** Scores and then weights: tile by tile, `[rows, keys of the tile]`. */
  readonly #scores: Float64Array;
  readonly #largest: Float64Array;
  readonly #totals: Float64Array;

  constructor(asked: Asked, round: Rounding, from: number, rows: number, length: number) {
    this.#asked = asked;
    this.#round = round;
    this.#from = from;
    this.#rows = rows;
    this.#length = length;
    this.#scores = new Float64Array(rows * length);
    this.#largest = new Float64Array(rows).fill(Number.NEGATIVE_INFINITY);
    this.#totals = new Float64Array(rows);
  }

  into(outputs: readonly Dense[], logSums: Dense, norms: Norms | null): void {
    this.#makeScores();
    this.#makeWeights();
    for (const [index, output] of outputs.entries()) this.#sumValues(this.#asked.values[index], output);
    for (let row = 0; row < this.#rows; row++) {
      const at = this.#from + row;
      logSums.data[at] = this.#round(this.#largest[row] + this.#round(Math.log(this.#totals[row])));
    }
    if (norms !== null) this.#findMoved(outputs, logSums, norms);
  }

  #forEachTile(visit: (tile: Float64Array, first: number, count: number) => void): void {
    for (let first = 0; first < this.#length; first += TILE) {
      const count = Math.min(TILE, this.#length - first);
      const at = first * this.#rows;
      visit(this.#scores.subarray(at, at + count * this.#rows), first, count);
    }
  }

  #makeScores(): void {
    const { queries, keys, scale, bias } = this.#asked;
    const round = this.#round;
    const width = (queries ?? keys)?.width ?? 0;
    const rows = this.#rows;
    const own = queries && Float64Array.from(this.#rowsOf(queries, this.#from, rows));
    const columns = new Float64Array(width * TILE);
    this.#forEachTile((tile, first, count) => {
      if (keys === null || own === null) this.#unitScores(tile, first, count);
      else {
        for (let key = 0; key < count; key++) {
          const at = (first + key) * width;
          for (let i = 0; i < width; i++) columns[i * count + key] = keys.data[at + i];
        }
        addProduct(round, tile, own, columns, rows, width, count);
      }
      for (let row = 0; row < rows; row++) {
        for (let key = 0; key < count; key++) {
          const at = row * count + key;
          const scaled = round(tile[at] * scale);
          const score = bias === null ? scaled : round(scaled + bias.data[first + key]);
          tile[at] = score;
          if (score > this.#largest[row]) this.#largest[row] = score;
        }
      }
    });
  }

  /** The product with a unit vector is a channel. */
  #unitScores(tile: Float64Array, first: number, count: number): void {
    const { queries, keys } = this.#asked;
    for (let row = 0; row < this.#rows; row++) {
      for (let key = 0; key < count; key++) {
        tile[row * count + key] =
          queries === null
            ? (keys as Dense).data[(first + key) * (keys as Dense).width + this.#from + row]
            : queries.data[(this.#from + row) * queries.width + first + key];
      }
    }
  }

  #makeWeights(): void {
    const round = this.#round;
    const within = sumsOf(round);
    this.#forEachTile((tile, _, count) => {
      for (let row = 0; row < this.#rows; row++) {
        const largest = this.#largest[row];
        let sum = 0;
        for (let at = row * count; at < (row + 1) * count; at++) {
          const weight = round(Math.exp(round(tile[at] - largest)));
          tile[at] = weight;
          sum = within(sum + weight);
        }
        this.#totals[row] = within(this.#totals[row] + sum);
      }
    });
  }

  #sumValues(values: Dense, output: Dense): void {
    const { width } = values;
    const sums = new Float64Array(this.#rows * width);
    const stretch = new Float64Array(TILE * width);
    this.#forEachTile((tile, first, count) => {
      stretch.set(this.#rowsOf(values, first, count));
      addProduct(this.#round, sums, tile, stretch, this.#rows, count, width);
    });
    for (let at = 0; at < sums.length; at++) {
      const total = this.#totals[Math.floor(at / width)];
      output.data[this.#from * width + at] = this.#round(sums[at] / total);
    }
  }

  /**
   * `Σ_j w_j Δs_j (|v_j| + |out|) + ε Σ_j w_j |v_j|`, `Δs_j` being a rounding of a score and of the products that
   * it is a sum of, at most ε·|q|·|k|·scale together; and what weights lose that are too small.
   */
  #findMoved(outputs: readonly Dense[], logSums: Dense, norms: Norms): void {
    const { values, scale, bias } = this.#asked;
    const rows = this.#rows;
    const errors = new Float64Array(rows);
    const sums = values.map(({ width }) => new Float64Array(rows * width));
    this.#forEachTile((tile, first, count) => {
      const loads = new Float64Array(tile.length);
      for (let row = 0; row < rows; row++) {
        const ofQuery = norms.queries?.[this.#from + row] ?? null;
        for (let key = 0; key < count; key++) {
          const at = row * count + key;
          const ofKey = norms.keys?.[first + key] ?? null;
          const added = bias === null ? 0 : Math.abs(bias.data[first + key]);
          // A product with a unit vector is a number of the other, whose score is at hand.
          const size =
            ofQuery === null || ofKey === null
              ? Math.abs(Math.log(Math.max(tile[at], Number.MIN_VALUE)) + this.#largest[row])
              : ofQuery * ofKey * scale;
          const weight = tile[at] / this.#totals[row];
          errors[row] += weight * (size + added);
          loads[at] = weight * (1 + size + added) + FLUSHED / this.#totals[row];
        }
      }
      for (const [index, { width }] of values.entries()) {
        const stretch = Float64Array.from(this.#rowsOf(values[index], first, count), Math.abs);
        addProduct(float64, sums[index], loads, stretch, rows, count, width);
      }
    });
    for (const [index, { width, data, moved }] of outputs.entries()) {
      for (let at = 0; at < rows * width; at++) {
        const to = this.#from * width + at;
        const error = sums[index][at] + errors[Math.floor(at / width)] * Math.abs(data[to]);
        if (moved !== undefined) moved[to] = FLOAT32_EPSILON * error;
      }
    }
    for (let row = 0; row < rows; row++) {
      const to = this.#from + row;
      if (logSums.moved === undefined) continue;
      logSums.moved[to] = FLOAT32_EPSILON * (1 + errors[row] + Math.abs(logSums.data[to]));
    }
  }

  #rowsOf({ data, width }: Dense, from: number, count: number): Numbers {
    return data.subarray(from * width, (from + count) * width);
  }
}
