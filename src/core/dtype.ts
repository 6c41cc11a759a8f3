/** In what numbers a call is given its inputs and gives its output: IEEE 754 binary32 and binary16, and bfloat16. */
export const DTYPES = ["float32", "float16", "bfloat16"] as const;

/** The numbers of a call's inputs and output. */
export type Dtype = (typeof DTYPES)[number];

/** What a call has if nothing else is said, and all that a kernel takes that says nothing. */
export const USUAL_DTYPE = "float32" satisfies Dtype;

/** The numbers of a dtype. */
export interface NumberFormat {
  /** Of one number in memory. */
  readonly bytes: number;
  /** The nearest of its numbers, of two as near the even one; an infinity beyond the largest. */
  round(exact: number): number;
  /** Distance between neighbouring numbers at 1. */
  readonly epsilon: number;
  /** The smallest number above zero. */
  readonly tiniest: number;
  /** The largest finite number. */
  readonly most: number;
}

const formats: Readonly<Record<Dtype, NumberFormat>> = {
  float32: {
    bytes: 4,
    round: Math.fround,
    epsilon: 2 ** -23,
    tiniest: 2 ** -149,
    most: (2 - 2 ** -23) * 2 ** 127,
  },
  float16: { bytes: 2, round: Math.f16round, epsilon: 2 ** -10, tiniest: 2 ** -24, most: 65_504 },
  bfloat16: {
    bytes: 2,
    round: bfloat16Round,
    epsilon: 2 ** -7,
    tiniest: 2 ** -133,
    most: (2 - 2 ** -7) * 2 ** 127,
  },
};

/** The numbers of a dtype; the usual ones if it is omitted, as a task does. */
export function formatOf(dtype: Dtype = USUAL_DTYPE): NumberFormat {
  return formats[dtype];
}

/** Whether calls have other numbers than the usual ones. */
export function isReduced(dtype: Dtype | undefined): dtype is Exclude<Dtype, typeof USUAL_DTYPE> {
  return dtype !== undefined && dtype !== USUAL_DTYPE;
}

/** How a task or a case states its dtype: the usual is omitted. */
export function dtypeField(dtype: Dtype | undefined): { readonly dtype?: Dtype } {
  return isReduced(dtype) ? { dtype } : {};
}

/**
 * Numbers of a dtype in an array of their own; the same array for the usual one, which every number of a tensor is.
 */
export function inDtype(values: Float32Array, dtype: Dtype | undefined): Float32Array {
  return isReduced(dtype) ? values.map(formatOf(dtype).round) : values;
}

const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);

/** The upper half of a float32 number, to nearest even. */
function bfloat16Round(exact: number): number {
  single[0] = exact;
  const near = single[0];
  if (!Number.isFinite(near)) return near;
  const lower = word[0] & 0xffff;
  // Half-way between two of them, where the step to float32 may have hidden on which side the number is.
  const up =
    lower === 0x8000 && near !== exact
      ? Math.abs(exact) > Math.abs(near)
      : lower > 0x8000 || (lower === 0x8000 && (word[0] & 0x10000) !== 0);
  word[0] = (word[0] - lower + (up ? 0x10000 : 0)) >>> 0;
  return single[0];
}
