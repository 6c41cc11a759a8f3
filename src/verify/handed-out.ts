import type { Pattern } from "../core/pattern.ts";
import type { Problem, Task } from "../core/problem.ts";
import type { Mechanism } from "../core/variant.ts";

/**
 * What a kernel is given of a task: copies that it cannot change, so that nobody is held to a task that the one before has
 * bent to its liking. Only the numbers of q, k and v are shared; they are watched.
 */
export function handedOut<T extends Task>(task: T): T {
  const shape = Object.freeze({ ...task.shape });
  const copy = { ...task, shape, mechanism: frozenMechanism(task.mechanism) };
  return Object.freeze(
    "inputs" in copy ? { ...copy, inputs: frozenInputs(copy as unknown as Problem) } : copy,
  );
}

function frozenInputs({ inputs: { shape, q, k, v } }: Problem): Problem["inputs"] {
  return Object.freeze({ shape: Object.freeze({ ...shape }), q, k, v });
}

function frozenMechanism(mechanism: Mechanism): Mechanism {
  if (mechanism.kind === "featureMap") {
    return Object.freeze({ ...mechanism, feature: frozenCopy(mechanism.feature) });
  }
  return Object.freeze({ ...mechanism, pattern: frozenPattern(mechanism.pattern) });
}

function frozenPattern(pattern: Pattern): Pattern {
  return frozenCopy(pattern, { parts: Object.freeze(pattern.parts.map(frozenPattern)) });
}

/** A copy that nobody can change, whatever class it is of. */
function frozenCopy<T extends object>(one: T, instead: Partial<T> = {}): T {
  const empty = Object.create(Object.getPrototypeOf(one) as object | null) as T;
  return Object.freeze(Object.assign(empty, one, instead));
}
