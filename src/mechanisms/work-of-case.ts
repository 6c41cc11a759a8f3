import { formatOf, isReduced } from "../core/dtype.ts";
import { FLOAT_BYTES } from "../core/shape.ts";
import type { UsefulWork } from "../core/work.ts";
import { operationOf, taskOfCase } from "../record/schema/case-task.ts";
import type { CaseIdentity } from "../record/schema/result-lines.ts";
import type { Judged, JudgedTask } from "./judged.ts";
import type { LeastWork, StepKind } from "./kind.ts";
import { isDecoded } from "./why-undefined.ts";

type Unnamed = Omit<CaseIdentity, "case">;

/** What a kernel is asked to do for a case, as the judge sees it: in decoding, the length is the capacity. */
export function judgedTask(one: Unnamed, judged: Judged): JudgedTask {
  return { ...taskOfCase(one, judged.mechanism), kind: judged.kind };
}

/**
 * The work of one call of a case: a whole pass, or the one token of a step; none if that is not defined.
 */
export function workOfCase(one: Unnamed, judged: Judged): UsefulWork {
  const task = judgedTask(one, judged);
  if (!operationOf(one).keepsState) return judged.kind.work(task);
  return isDecoded(judged) ? stepsOf(judged).work(task, one.length) : { pairs: null, usefulFlops: 0 };
}

/** The least work of one call of a case. */
export function leastWorkOf(one: Unnamed, judged: Judged): LeastWork {
  const task = judgedTask(one, judged);
  return operationOf(one).keepsState ? stepsOf(judged).leastWork(task, one.length) : leastPass(task);
}

/** The least work of a forward pass in the numbers of its task. */
export function leastPass(task: JudgedTask): LeastWork {
  const least = task.kind.leastWork(task);
  const { dtype } = task;
  return isReduced(dtype)
    ? { ...least, bytes: (least.bytes * formatOf(dtype).bytes) / FLOAT_BYTES, dtype }
    : least;
}

/**
 * How a mechanism is decoded. Throws for one whose mathematics has no decoding: no kernel is asked for that.
 */
export function stepsOf({ kind }: Judged): StepKind {
  if (kind.step === undefined) throw new TypeError(`kind ${kind.id}: it has no decoding`);
  return kind.step;
}
