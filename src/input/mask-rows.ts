import { UsageError } from "../core/errors.ts";
import type { Shape } from "../core/shape.ts";
import { type ElementFormat, wholeAt } from "./element-formats.ts";
import { decodeFloats, isFloatFormat } from "./float-formats.ts";
import { placeOf, product, readRange, type StoredTensor } from "./stored-tensor.ts";

/** The keys that each query may attend: `from[i] <= j < to[i]`; none if the two are equal. */
export interface MaskRows {
  readonly from: Int32Array;
  readonly to: Int32Array;
}

/**
 * The finite numbers that stand for -∞ in additive masks: the lowest of the type, of float32 or of float16.
 */
const LOWEST = new Set([-3.4028234663852886e38, -65504, -3.3895313892515355e38]);

/** What a mask is broadcast to, `[batch, heads, queries, length]`. */
export type MaskedShape = Pick<Shape, "batch" | "heads" | "queries" | "length">;

/**
 * Reads a mask that is broadcast to `[batch, heads, queries, length]`: booleans, or numbers that are added to
 * the scores, 0 or -∞. Every batch entry and head must have the same rows, each of them one range of keys.
 * Anything else is a UsageError that names it. No more than one row of ranges is held.
 */
export function readMaskRows(
  mask: StoredTensor<ElementFormat>,
  { batch, heads, queries, length }: MaskedShape,
): MaskRows {
  const dimensions = [...Array(Math.max(0, 4 - mask.shape.length)).fill(1), ...mask.shape];
  const whole = [batch, heads, queries, length];
  if (!(mask.shape.length <= 4 && dimensions.every((size, at) => size === 1 || size === whole[at]))) {
    throw new UsageError(
      `${mask.label} must be broadcastable to [${whole.join(", ")}], got [${mask.shape.join(", ")}]${shapeAdvice(mask.shape, whole)}`,
    );
  }
  const [, ownHeads, ownRows, ownKeys] = dimensions;
  const from = new Int32Array(queries);
  const to = new Int32Array(queries);
  const allows = allowing(mask);
  const rowsInAll = product(dimensions) / ownKeys;
  // In a broadcast column, one boolean stands for all keys.
  const wide = ownKeys === 1 ? length : 1;
  let row = 0;
  let key = 0;
  let first = -1;
  let end = -1;
  let lowered = false;
  const closeRow = (): void => {
    const query = row % ownRows;
    if (first < 0 && lowered) throw lowestAlone(mask, query);
    const [low, high] = first < 0 ? [0, 0] : [first, end * wide];
    if (row < ownRows) {
      from[query] = low;
      to[query] = high;
    } else if (from[query] !== low || to[query] !== high) throw differing(mask, row, ownHeads, ownRows);
    row++;
    key = 0;
    first = -1;
    end = -1;
    lowered = false;
  };
  readRange(mask, 0, rowsInAll * ownKeys, (bytes, done, count) => {
    const allowed = allows(bytes, done, count);
    for (let at = 0; at < count; at++) {
      if (allowed[at] === 1) {
        if (first < 0) first = key;
        else if (end !== key) throw holes(mask, row, dimensions, [first, end, key]);
        end = key + 1;
      } else if (allowed[at] === LOWERED) lowered = true;
      if (++key === ownKeys) closeRow();
    }
  });
  if (ownRows === 1) {
    from.fill(from[0]);
    to.fill(to[0]);
  }
  return { from, to };
}

function shapeAdvice(shape: readonly number[], [batch, , , length]: readonly number[]): string {
  const padding = shape.length === 2 && shape[0] === batch && shape[1] === length;
  return padding ? "; if it is padding, save mask[:, None, None, :]" : "; save the mask of the same call";
}

function additiveAdvice(value: number): string {
  if (!Number.isFinite(value)) return "a mask of such numbers gives no attention; check how it was made";
  const alibi = "biases such as ALiBi are not supported yet";
  return value < 0 ? `${alibi}, and if large negative numbers only exclude keys, save mask > -1` : alibi;
}

/**
 * Excluded by the lowest finite number: next to any other key its weight is 0, but not in a row of nothing
 * else.
 */
const LOWERED = 2;

/** For each element whether its key may be attended: 1 if so, otherwise 0 or `LOWERED`. */
function allowing(mask: StoredTensor<ElementFormat>) {
  const { format, shape } = mask;
  let allowed = new Uint8Array(0);
  let numbers = new Float32Array(0);
  return (bytes: DataView, done: number, count: number): Uint8Array => {
    if (allowed.length < count) {
      allowed = new Uint8Array(count);
      numbers = new Float32Array(count);
    }
    const refuse = (at: number, value: number): never => {
      const place = placeOf(done + at, shape).join(", ");
      throw new UsageError(
        isFloatFormat(format)
          ? `${mask.label} is added to the scores and must be 0 or -inf, got ${value} at [${place}]; ${additiveAdvice(value)}`
          : `${mask.label} must be true or false, got ${value} at [${place}]; save mask.bool()`,
      );
    };
    if (isFloatFormat(format)) {
      const read = numbers.subarray(0, count);
      decodeFloats(format, bytes, read);
      for (let at = 0; at < count; at++) {
        const value = read[at];
        if (value === 0) allowed[at] = 1;
        else if (value === Number.NEGATIVE_INFINITY) allowed[at] = 0;
        else if (LOWEST.has(value)) allowed[at] = LOWERED;
        else refuse(at, value);
      }
      return allowed;
    }
    for (let at = 0; at < count; at++) {
      const value = wholeAt(format, bytes, at);
      if (value !== 0 && value !== 1) refuse(at, value);
      allowed[at] = value;
    }
    return allowed;
  };
}

const UNKNOWN =
  "supported are all keys, causal, a window along the diagonal, one padding for the whole batch, and combinations; " +
  "omit the mask to measure without it, or declare it as a variant";

function holes(
  { label }: StoredTensor<ElementFormat>,
  row: number,
  dimensions: readonly number[],
  [first, end, key]: readonly [number, number, number],
): UsageError {
  return new UsageError(
    `${label} must be a supported pattern, got row ${row % dimensions[2]} with keys ${first} to ${end - 1} and ${key} but not between; ${UNKNOWN}`,
  );
}

function lowestAlone({ label }: StoredTensor<ElementFormat>, row: number): UsageError {
  return new UsageError(
    `${label} must leave each row a key, got none in row ${row}, where its finite numbers made the call treat all keys alike; ` +
      "capture a text without padding",
  );
}

function differing(
  { label }: StoredTensor<ElementFormat>,
  row: number,
  heads: number,
  rows: number,
): UsageError {
  const slice = Math.floor(row / rows);
  const [entry, head] = [Math.floor(slice / heads), slice % heads];
  const what =
    head > 0
      ? `head ${head} different from head 0`
      : `batch entry ${entry} different from entry 0, such as texts of different lengths with padding`;
  return new UsageError(
    `${label} must be the same in every batch entry and head, got ${what}; ${head > 0 ? UNKNOWN : "capture texts of one length, or one at a time"}`,
  );
}

/** The error for rows that are each one range, but together no known pattern. */
export function unknownRows(
  { label }: StoredTensor<ElementFormat>,
  { from, to }: MaskRows,
  query: number,
): UsageError {
  const keys = from[query] < to[query] ? `keys ${from[query]} to ${to[query] - 1}` : "no key";
  return new UsageError(
    `${label} must be a supported pattern, got row ${query} with ${keys}, unlike its neighbours; ${UNKNOWN}`,
  );
}
