import type { RowPlace } from "../core/rows.ts";
import type { Shape } from "../core/shape.ts";
import type { JudgedTask } from "../mechanisms/judged.ts";
import type { HandedChoice } from "./handed-choice.ts";

/** Products that looking at these rows again may take, and rows of the shortest sequences. */
const MOST_PRODUCTS = 2 ** 28;
const MOST_ROWS = 1024;

/** Queries for which two kernels chose differently, numbered over batch and heads. */
export function unlikeChoices(task: JudgedTask, one: HandedChoice, other: HandedChoice): ReadonlySet<number> {
  const unlike = new Set<number>();
  if (one === null || other === null || "fault" in one || "fault" in other) return unlike;
  const { kind, mechanism, shape } = task;
  const { queries } = shape;
  for (const [name, { rows, perRow }] of Object.entries(kind.choices?.(mechanism, shape) ?? {})) {
    // What is not chosen by each query is judged as a whole, whatever the rows.
    if (rows !== queries) continue;
    const [mine, theirs] = [one.choice[name], other.choice[name]];
    for (let at = 0; at < mine.length; at++) if (mine[at] !== theirs[at]) unlike.add(Math.floor(at / perRow));
  }
  return unlike;
}

/**
 * Some of them, spread over all, if there are many. Nearly as good choices differ rightly, and a wrong one is among them.
 */
export function someOf(unlike: ReadonlySet<number>, shape: Shape): RowPlace[] {
  const { heads, queries, length, headDim } = shape;
  const most = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_PRODUCTS / (length * headDim))));
  const step = Math.ceil(unlike.size / most);
  return [...unlike]
    .filter((_, index) => index % step === 0)
    .map((row) => {
      const slice = Math.floor(row / queries);
      return { batch: Math.floor(slice / heads), head: slice % heads, row: row % queries };
    });
}
