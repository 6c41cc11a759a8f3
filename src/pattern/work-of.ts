import type { Task } from "../core/problem.ts";
import type { Mechanism } from "../core/variant.ts";
import { type UsefulWork, usefulStepWork, usefulWork } from "../core/work.ts";
import { modeOf, taskOfCase } from "../record/schema/case-task.ts";
import type { CaseIdentity } from "../record/schema/result-lines.ts";
import { bindHeads } from "./bind.ts";

/** The work that a task's mathematics asks for; where it has a pattern, that is bound and counted. */
export function workOf(task: Task): UsefulWork {
  return usefulWork(task, patternsOf(task));
}

/** The work that one call of a case asks for: of a whole pass, or of the one token of a step. */
export function workOfCase(one: Omit<CaseIdentity, "case">, mechanism: Mechanism): UsefulWork {
  const task = taskOfCase(one, mechanism);
  return modeOf(one) === "decode" ? workOfStep(task, one.length) : workOf(task);
}

/** The work that the token at `position` asks for; the task's length is the capacity. */
export function workOfStep(task: Task, position: number): UsefulWork {
  return usefulStepWork(task, patternsOf(task), position);
}

function patternsOf(task: Task) {
  const { mechanism } = task;
  return mechanism.kind === "softmaxPattern" ? bindHeads(mechanism, task) : [];
}
