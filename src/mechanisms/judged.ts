import type { Mechanism } from "../core/mechanism.ts";
import type { BoundPattern } from "../core/pattern.ts";
import type { Problem, Task } from "../core/problem.ts";
import type { ParameterizedVariant } from "../core/variant.ts";
import { bindHeads } from "../pattern/bind.ts";
import type { Kind } from "./kind.ts";

/** A mechanism with its kind as the judge has it. */
export interface Judged {
  readonly mechanism: Mechanism;
  readonly kind: Kind;
}

/** A variant with its parameters filled in, and its kind as the judge has it. */
export type JudgedVariant = ParameterizedVariant & Judged;

/** A task as the judge sees it. */
export type JudgedTask = Task & Judged;

/** A call as the judge sees it. */
export type JudgedProblem = Problem & Judged;

/** The tokens that each row of a task's output may depend on, one bound pattern per head. */
export function reads(task: JudgedTask): readonly BoundPattern[] {
  return bindHeads({ pattern: task.kind.pattern(task.mechanism) }, task);
}
