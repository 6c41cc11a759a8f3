import type { Task } from "../../core/problem.ts";
import { callBytes, elementCount, FLOAT_BYTES } from "../../core/shape.ts";
import type { UsefulWork } from "../../core/work.ts";
import type { LeastWork } from "../kind.ts";
import type { Fourier } from "./declare.ts";

/**
 * `5·N·d·log2(N·d)` a head, what a fast transform of complex numbers is counted by (radix 2, Cooley and Tukey
 * 1965), whatever the length.
 */
export function work({ shape }: Task<Fourier>): UsefulWork {
  const { batch, heads, length, valueDim } = shape;
  const points = length * valueDim;
  return { pairs: null, usefulFlops: batch * heads * 5 * points * Math.log2(points) };
}

/**
 * A transform of real numbers needs half of that, and half again if only its real part is wanted; split radix saves
 * a fifth (Johnson and Frigo 2007). Every output is a sum at least. q and k are not read.
 */
export function leastWork(task: Task<Fourier>): LeastWork {
  const { shape } = task;
  const unread = FLOAT_BYTES * (elementCount(shape, "q") + elementCount(shape, "k"));
  return { flops: 0.2 * work(task).usefulFlops, bytes: callBytes(shape) - unread };
}
