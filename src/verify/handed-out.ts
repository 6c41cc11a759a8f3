import { dtypeField } from "../core/dtype.ts";
import type { Problem, Task } from "../core/problem.ts";
import { sizesBy } from "../core/tensor-spec.ts";
import type { JudgedProblem, JudgedTask } from "../mechanisms/judged.ts";

/**
 * What a kernel is given of a task: copies that it cannot change, so that no kernel is judged by a task that
 * the previous one has altered, and nothing that the judge knows. Only the numbers of q, k and v are shared;
 * they are watched.
 */
export function handedOutTask({ mechanism, shape, causal, threads, dtype }: JudgedTask): Task {
  return Object.freeze({
    mechanism: frozenCopy(mechanism),
    shape: Object.freeze({ ...shape }),
    causal,
    threads,
    ...dtypeField(dtype),
  });
}

/** The same of a problem. */
export function handedOut(problem: JudgedProblem): Problem {
  const { shape, ...tensors } = problem.inputs;
  const inputs = Object.freeze({ shape: Object.freeze({ ...shape }), ...tensors });
  const specs = Object.entries(problem.kind.inputs?.(problem.mechanism) ?? {});
  const sizes = Object.fromEntries(specs.map(([name, spec]) => [name, Object.freeze(sizesBy(shape, spec))]));
  return Object.freeze({ ...handedOutTask(problem), inputs, sizes: Object.freeze(sizes) });
}

/** A deeply immutable copy, whatever its class. */
function frozenCopy<T>(one: T): T {
  if (typeof one !== "object" || one === null || holdsMore(one)) return one;
  if (Array.isArray(one)) return Object.freeze(one.map(frozenCopy)) as T;
  const copy = Object.create(Object.getPrototypeOf(one) as object | null) as Record<string, unknown>;
  for (const [name, part] of Object.entries(one)) copy[name] = frozenCopy(part);
  return Object.freeze(copy) as T;
}

/**
 * What is not plain data, such as a map or an array of floats, cannot be frozen, nor copied without its
 * internals.
 */
function holdsMore(one: object): boolean {
  return (
    ArrayBuffer.isView(one) ||
    one instanceof ArrayBuffer ||
    one instanceof Map ||
    one instanceof Set ||
    one instanceof WeakMap ||
    one instanceof Date
  );
}
