import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES, kvHeadOf } from "../../../core/shape.ts";
import type { Ffi } from "../call/ffi.ts";
import { addressOf } from "../call/memory.ts";
import { HEAD } from "../pairwise/layout.ts";
import type { RowsLeft } from "../pairwise/softmax-kernel.ts";
import type { TurnedRows, Turning } from "../pairwise/turned-rows.ts";
import { BACKWARD_HEAD } from "./layout.ts";
import type { PlacedSums } from "./sums.ts";

/** What a backward pass reads besides q, k and v, and what it writes. */
export interface BackwardArrays {
  readonly left: RowsLeft;
  /** `[batch, heads, queries, valueDim]`, as the forward pass left it; null if weights share no sum, for which it is read. */
  readonly out: Float32Array | null;
  readonly dout: Float32Array;
  readonly dq: Float32Array;
  readonly dk: Float32Array;
  readonly dv: Float32Array;
  /** `[heads, 1, entries]` of what a bias learns; undefined if nothing is. */
  readonly dtable: Float32Array | undefined;
}

/** What is told where arrays are. */
export interface Pointed {
  setHead(index: number, field: number, value: bigint): void;
  readonly sums: PlacedSums;
  readonly turned: TurnedRows | undefined;
  readonly turnBack: Turning | undefined;
}

/** Takes the addresses of all arrays anew, and writes those of each head if they have changed. */
export function pointer(
  ffi: Ffi,
  { shape, inputs }: Problem,
  { left, out, dout, dq, dk, dv }: BackwardArrays,
  { setHead, sums, turned, turnBack }: Pointed,
): () => void {
  const { batch, heads, kvHeads, length, queries, headDim, valueDim } = shape;
  const rows = batch * heads * queries;
  const keys = batch * kvHeads * length;
  const counted: readonly (readonly [Float32Array, number])[] = [
    [inputs.q, rows * headDim],
    [inputs.k, keys * headDim],
    [inputs.v, keys * valueDim],
    [dout, rows * valueDim],
    [left.base, rows],
    [left.factor, rows],
    [dq, rows * headDim],
    [dk, keys * headDim],
    [dv, keys * valueDim],
  ];
  let last: readonly bigint[] = [];
  return () => {
    const now = counted.map(([array, count]) => addressOf(ffi, array, 0, count));
    now.push(out === null ? 0n : addressOf(ffi, out, 0, rows * valueDim));
    if (now.every((address, at) => address === last[at])) return;
    last = now;
    const [q, k, v, ofDout, base, factor, ofQ, ofK, ofV, ofOut] = now;
    turned?.point(q, k);
    turnBack?.point({ q: ofQ, k: ofK }, { q: ofQ, k: ofK });
    sums.point(ofK, ofV);
    for (let index = 0; index < batch * heads; index++) {
      const row = index * queries;
      const key = (Math.floor(index / heads) * kvHeads + kvHeadOf(shape, index % heads)) * length;
      setHead(index, HEAD.q, (turned?.q ?? q) + bytesOf(row * headDim));
      setHead(index, HEAD.k, (turned?.k ?? k) + bytesOf(key * headDim));
      setHead(index, HEAD.v, v + bytesOf(key * valueDim));
      setHead(index, HEAD.output, ofQ + bytesOf(row * headDim));
      setHead(index, HEAD.leftBase, base + bytesOf(row));
      setHead(index, HEAD.leftFactor, factor + bytesOf(row));
      setHead(index, BACKWARD_HEAD.dout, ofDout + bytesOf(row * valueDim));
      setHead(index, BACKWARD_HEAD.out, ofOut + bytesOf(row * valueDim));
    }
  };
}

function bytesOf(floats: number): bigint {
  return BigInt(floats * FLOAT_BYTES);
}
