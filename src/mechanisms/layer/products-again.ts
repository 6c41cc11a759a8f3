import type { Numbers } from "../../core/tensors.ts";
import { float32, float64, type Rounding } from "../oracle.ts";
import { roundedProducts } from "../rounded-products.ts";
import { transposed } from "./transposed.ts";

/** Tokens, one row after the other, and what they are multiplied with. */
export interface TokenProduct {
  /** `[rows, from]`. */
  readonly tokens: Numbers;
  readonly rows: number;
  readonly from: number;
  /** `[from, to]`. */
  readonly weights: Float32Array;
  readonly to: number;
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
 * Products of tokens with weights `[rows, to]`, each operation rounded; not to be written to. A reference of layers spends
 * most of its time here, and is asked again and again for tokens of which few or none have changed, by the variants and
 * the lengths of a run too: rows that were multiplied with the same weights before are not multiplied again. Nor are
 * their negatives, or what a power of two makes of them: it makes the same of every product and of every sum.
 */
export function productsAgain(asked: TokenProduct, round: Rounding): Float64Array {
  const { tokens, rows, from, to, weights } = asked;
  const before = nearest(asked, round);
  if (before !== null && before.rows === rows && isAllTheSame(before, asked)) return before.products;
  const turned = transposed(weights, from, to);
  const products = new Float64Array(rows * to);
  const token = new Float64Array(from);
  let isNew = false;
  for (let row = 0; row < rows; row++) {
    const own = products.subarray(row * to, (row + 1) * to);
    const factor = before === null ? 0 : factorOf(before, tokens, row);
    if (before === null || factor === 0) {
      multiply(asked, turned, row, token, own, round);
      isNew = true;
    } else for (let c = 0; c < to; c++) own[c] = round(factor * before.products[row * to + c]);
  }
  if (isNew && (round === float64 || round === float32)) remember({ ...asked, round, products }, before);
  return products;
}

/** The same of some rows alone, the others being 0: they are too few to be remembered. */
export function someProducts(asked: TokenProduct, some: ReadonlySet<number>, round: Rounding): Float64Array {
  const { rows, from, to, weights } = asked;
  const turned = transposed(weights, from, to);
  const products = new Float64Array(rows * to);
  const token = new Float64Array(from);
  for (const row of some) {
    multiply(asked, turned, row, token, products.subarray(row * to, (row + 1) * to), round);
  }
  return products;
}

function multiply(
  { tokens, from, to }: TokenProduct,
  turned: Float64Array,
  row: number,
  token: Float64Array,
  own: Float64Array,
  round: Rounding,
): void {
  for (let i = 0; i < from; i++) token[i] = tokens[row * from + i];
  roundedProducts(turned, to, from, token, own, round);
}

/** What was multiplied with the same weights and has the most tokens in common; null if nothing has any. */
function nearest(asked: TokenProduct, round: Rounding): Remembered | null {
  const alike = known.filter((one) => one.round === round && isSameWork(one, asked));
  const same = alike.find((one) => one.rows >= asked.rows && isAllTheSame(one, asked));
  if (same !== undefined) return same;
  let best: Remembered | null = null;
  let most = 0;
  for (const one of alike) {
    let same = 0;
    for (let row = 0; row < asked.rows; row++) if (factorOf(one, asked.tokens, row) !== 0) same++;
    if (same > most) {
      most = same;
      best = one;
    }
    if (same === asked.rows) break;
  }
  return best;
}

function isSameWork(one: TokenProduct, other: TokenProduct): boolean {
  return (
    one.from === other.from &&
    one.to === other.to &&
    isTheSame(one.weights, other.weights, other.weights.length)
  );
}

function isAllTheSame(one: TokenProduct, other: TokenProduct): boolean {
  return isTheSame(one.tokens, other.tokens, other.rows * other.from);
}

/** To the bit, but for the sign of 0: NaN is never the same. */
function isTheSame(one: Numbers, other: Numbers, count: number): boolean {
  for (let i = 0; i < count; i++) if (one[i] !== other[i]) return false;
  return true;
}

/** Of two numbers of float32 neither is a product of the other and a larger power of two that can be trusted. */
const MOST_DOUBLINGS = 40;

/** By how much a remembered row is to be multiplied to be that row: a power of two or its negative; 0 if there is none. */
function factorOf({ tokens: one, rows, from }: Remembered, other: Numbers, row: number): number {
  if (row >= rows) return 0;
  const end = (row + 1) * from;
  let at = row * from;
  while (at < end && one[at] === 0 && other[at] === 0) at++;
  if (at === end) return 1;
  const factor = other[at] / one[at];
  const doublings = Math.round(Math.log2(Math.abs(factor)));
  // Also refuses NaN, and infinity.
  if (!(Math.abs(doublings) <= MOST_DOUBLINGS && Math.abs(factor) === 2 ** doublings)) return 0;
  for (; at < end; at++) if (other[at] !== factor * one[at]) return 0;
  return factor;
}

/**
 * Copies, since the numbers may change where they are. What these were made of gives way to them if they say as much: their
 * tokens are those and others after them.
 */
function remember(one: Omit<Remembered, "bytes">, before: Remembered | null): void {
  const copy = { ...one, tokens: one.tokens.slice(), weights: before?.weights ?? one.weights.slice() };
  const { tokens, weights, products } = copy;
  const bytes = [tokens, weights, products].reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (bytes > MOST_BYTES) return;
  const isLonger =
    before !== null && before.rows <= one.rows && isTheSame(tokens, before.tokens, before.tokens.length);
  const others = isLonger ? known.filter((other) => other !== before) : known;
  let left = MOST_BYTES - bytes;
  const kept = others.filter((other) => {
    left -= other.bytes;
    return left >= 0;
  });
  known = [{ ...copy, bytes }, ...kept];
}
