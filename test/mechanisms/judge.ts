import type { Mechanism } from "../../src/core/mechanism.ts";
import type { Pattern } from "../../src/core/pattern.ts";
import type { Problem, Task } from "../../src/core/problem.ts";
import type { UsefulWork } from "../../src/core/work.ts";
import type { LeastWork } from "../../src/mechanisms/kind.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import type { Oracle, ReferenceRow, Rounding } from "../../src/mechanisms/oracle.ts";
import { isSoftmaxPattern, type SoftmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";

/** The built-in oracle of a problem. */
export function reference(problem: Problem): Oracle {
  return builtInKinds.judged(problem).kind.oracle(problem);
}

/** The work that a task's mathematics asks for. */
export function workOf(task: Task): UsefulWork {
  return builtInKinds.judged(task).kind.work(task);
}

/** The least that an honest call does. */
export function leastWorkOf(task: Task): LeastWork {
  return builtInKinds.judged(task).kind.leastWork(task);
}

/** One row of an oracle at a time. */
export function rowOf(
  oracle: Oracle,
): (batch: number, head: number, row: number, round: Rounding) => ReferenceRow {
  return (batch, head, row, round) => oracle.rows([{ batch, head, row }], round)[0];
}

/** Softmax attention over a pattern. */
export function ofPattern(pattern: Pattern): SoftmaxPattern {
  return { kind: "softmaxPattern", pattern };
}

/** The pattern of softmax attention. */
export function patternIn(mechanism: Mechanism): Pattern {
  if (isSoftmaxPattern(mechanism)) return mechanism.pattern;
  throw new TypeError(`mechanism: must be a softmaxPattern, got ${mechanism.kind}`);
}
