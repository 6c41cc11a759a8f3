import type { Mechanism } from "../core/mechanism.ts";
import { shapeOf } from "../core/shape.ts";
import type { Judged } from "../mechanisms/judged.ts";
import { builtInKinds } from "../mechanisms/kinds.ts";
import { allowsCausal } from "../mechanisms/why-undefined.ts";
import type { BoundTask } from "../tasks/task.ts";
import { whyNoTwin } from "./twins/index.ts";

/**
 * Why a mechanism cannot be trained on a task, in words that follow its name; null if it can: it has no dense twin, or it is
 * not defined there.
 */
export function whyNotTrained(mechanism: Mechanism, task: BoundTask): string | null {
  const noTwin = whyNoTwin(mechanism);
  if (noTwin !== null) return noTwin;
  const judged = builtInKinds.judged({ mechanism });
  return whyNotThere(judged, task);
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
