import type { Numbers } from "../../core/tensors.ts";
import { float32, float64, type Rounding } from "../oracle.ts";
import { roundedProducts } from "../rounded-products.ts";

/** Tokens, one row after the other, and what they are multiplied with. */
export interface TokenProduct {
  /** `[rows, from]`. */
  readonly tokens: Numbers;
  readonly rows: number;
  readonly from: number;
  /** Transposed: `[to, from]`. */
  readonly weights: Float64Array;
  readonly to: number;
  /** What is added to each product; null if nothing is. */
  readonly biases: Numbers | null;
}

interface Remembered extends TokenProduct {
  readonly round: Rounding;
  readonly products: Float64Array;
  readonly bytes: number;
}

/** Bytes that are remembered, the newest first. */
const MOST_BYTES = 192 * 2 ** 20;

let known: readonly Remembered[] = [];

/**
 * Products of tokens with weights `[rows, to]`, each operation rounded. A reference of layers spends most of its time
 * here, and is asked again and again for tokens of which few or none have changed, by the variants of a run too: rows
 * that were multiplied with the same weights before are not multiplied again.
 */
export function productsAgain(asked: TokenProduct, round: Rounding): Float64Array {
  const { tokens, rows, from, to, weights, biases } = asked;
  const isKept = round === float64 || round === float32;
  const before = isKept ? nearest(asked, round) : null;
  const products = before === null ? new Float64Array(rows * to) : before.products.slice();
  const token = new Float64Array(from);
  for (let row = 0; row < rows; row++) {
    if (before !== null && isSameRow(before.tokens, tokens, row * from, from)) continue;
    for (let i = 0; i < from; i++) token[i] = tokens[row * from + i];
    const own = products.subarray(row * to, (row + 1) * to);
    roundedProducts(weights, to, from, token, own, round);
    if (biases !== null) for (let c = 0; c < to; c++) own[c] = round(own[c] + biases[c]);
  }
  if (isKept) remember(asked, round, products, before);
  return products;
}

/** What was multiplied with the same weights and has the most tokens in common; null if nothing has any. */
function nearest(asked: TokenProduct, round: Rounding): Remembered | null {
  const { tokens, rows, from } = asked;
  let best: Remembered | null = null;
  let most = 0;
  for (const one of known) {
    if (one.round !== round || !isSameWork(one, asked)) continue;
    let same = 0;
    for (let row = 0; row < rows; row++) if (isSameRow(one.tokens, tokens, row * from, from)) same++;
    if (same > most) {
      most = same;
      best = one;
    }
    if (same === rows) break;
  }
  return best;
}

function isSameWork(one: TokenProduct, other: TokenProduct): boolean {
  if (one.rows !== other.rows || one.from !== other.from || one.to !== other.to) return false;
  if ((one.biases === null) !== (other.biases === null)) return false;
  if (one.biases !== null && other.biases !== null && !isSameRow(one.biases, other.biases, 0, one.to))
    return false;
  return isSameRow(one.weights, other.weights, 0, one.weights.length);
}

/** To the bit, but for the sign of 0: NaN is never the same. */
function isSameRow(one: Numbers, other: Numbers, at: number, count: number): boolean {
  for (let i = at; i < at + count; i++) if (one[i] !== other[i]) return false;
  return true;
}

/** Copies, since the numbers may change where they are. What these were made of gives way to them if few rows differ. */
function remember(
  asked: TokenProduct,
  round: Rounding,
  products: Float64Array,
  before: Remembered | null,
): void {
  const copy: TokenProduct = {
    ...asked,
    tokens: asked.tokens.slice(),
    weights: asked.weights.slice(),
    biases: asked.biases?.slice() ?? null,
  };
  const bytes = copy.tokens.byteLength + copy.weights.byteLength + products.byteLength;
  if (bytes > MOST_BYTES) return;
  const { rows, from } = asked;
  const isTheSame = before !== null && isSameRow(before.tokens, asked.tokens, 0, rows * from);
  const others = isTheSame ? known.filter((one) => one !== before) : known;
  let left = MOST_BYTES - bytes;
  const kept = others.filter((one) => {
    left -= one.bytes;
    return left >= 0;
  });
  known = [{ ...copy, round, products: products.slice(), bytes }, ...kept];
}
