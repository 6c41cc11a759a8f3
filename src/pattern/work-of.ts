import type { Task } from "../core/problem.ts";
import { type UsefulWork, usefulWork } from "../core/work.ts";
import { bindHeads } from "./bind.ts";

/** The work that a task's mathematics asks for; where it has a pattern, that is bound and counted. */
export function workOf(task: Task): UsefulWork {
  const { mechanism } = task;
  return usefulWork(task, mechanism.kind === "softmaxPattern" ? bindHeads(mechanism, task) : []);
}
