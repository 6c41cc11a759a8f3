import { UsageError } from "../core/errors.ts";
import { completeParameters, type Parameters } from "../core/parameters.ts";
import type { BoundTask, LearningTask, TaskValues } from "./task.ts";

/** A task as its file declares it: bound with all its values, its usual ones where none are given. */
export interface TaskDeclaration<P extends Parameters> extends Omit<LearningTask, "params" | "bind"> {
  readonly params: P;
  /** Values are in their ranges; says by `fits` if they do not fit together. */
  bound(values: TaskValues<P>): Omit<BoundTask, "id">;
}

/** The task of a declaration. */
export function defineTask<P extends Parameters>(declaration: TaskDeclaration<P>): LearningTask {
  const { bound, ...told } = declaration;
  const { id, params } = told;
  return {
    ...told,
    bind: (values) => ({ id, ...bound(completeParameters(id, params, values) as TaskValues<P>) }),
  };
}

/** Refuses values that do not fit together: a condition that NaN fails, and the rule and what to do. */
export function fits(condition: boolean, rule: string): void {
  if (!condition) throw new UsageError(rule);
}
