import type { Mechanism } from "../core/mechanism.ts";
import { shapeOf } from "../core/shape.ts";
import type { Judged } from "../mechanisms/judged.ts";
import { builtInKinds } from "../mechanisms/kinds.ts";
import { isRecurrence } from "../mechanisms/recurrence/declare.ts";
import { allowsCausal } from "../mechanisms/why-undefined.ts";
import type { BoundTask } from "../tasks/task.ts";
import { whyNoTwin } from "./twins/index.ts";

/**
 * Why a mechanism cannot be trained on a task, in words that follow its name; null if it can: it has no dense twin, it would learn
 * more than the others, or it is not defined there.
 */
export function whyNotTrained(mechanism: Mechanism, task: BoundTask): string | null {
  const noTwin = whyNoTwin(mechanism);
  if (noTwin !== null) return noTwin;
  const judged = builtInKinds.judged({ mechanism });
  return whyLearnsMore(judged) ?? whyNotThere(judged, task);
}

/** Every model has the same parameters: what only this one would learn has no place in it. */
function whyLearnsMore({ mechanism, kind }: Judged): string | null {
  // A, by which a time step decays, is left as it was drawn; the step itself is given.
  if (isRecurrence(mechanism) && mechanism.write.form === "given-step") return null;
  const specs = Object.entries(kind.inputs?.(mechanism) ?? {});
  const learned = specs.find(([, { of, untrained = false }]) => of === "weights" && !untrained);
  return learned === undefined
    ? null
    : `would learn ${learned[0]} besides what every model has, which makes them unlike`;
}

function whyNotThere(judged: Judged, { causal, length, output, usual }: BoundTask): string | null {
  const isDecided = output.kind === "decided";
  if ((causal || isDecided) && !allowsCausal(judged, true)) return "has no causal form";
  if ((!causal || isDecided) && !allowsCausal(judged, false)) {
    return isDecided
      ? "is always causal, and this task's answers attend all of its tokens"
      : "is always causal, and tokens of this task see those after them";
  }
  const { mechanism, kind } = judged;
  const queries = isDecided ? [length, output.most] : [length];
  for (const rows of queries) {
    const shape = shapeOf({
      batch: 1,
      heads: usual.heads,
      headDim: usual.width / usual.heads,
      length,
      queries: rows,
    });
    const why = kind.whyNotShape?.(mechanism, shape) ?? null;
    if (why !== null) return `is not defined there: ${why}`;
    if (rows !== length && kind.freedoms?.includes("queries") !== true) {
      return "attends no tokens but its own, and this task's answers attend those of another sequence";
    }
  }
  const odd = kind.pattern(mechanism).whyNot?.(length) ?? null;
  return odd === null ? null : `is not defined there: ${odd}`;
}
