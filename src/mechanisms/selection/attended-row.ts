import type { ExactProblem } from "../../core/problem.ts";
import type { RowPlace } from "../../core/rows.ts";
import type { ReferenceRow, Rounding } from "../oracle.ts";
import { pairsRow } from "../softmax-pattern/oracle.ts";
import { keyByKey, scoresOf } from "../softmax-pattern/oracle-scores.ts";
import { fullUnder } from "../softmax-pattern/under-call.ts";
import type { Selection } from "./declare.ts";
import type { BoundRule } from "./rule.ts";

/** One softmax over some keys; their scores are `scale · q·k` if none are given. */
export function attendedRow(
  { inputs, mechanism, ...task }: ExactProblem<Selection>,
  asked: { readonly place: RowPlace; readonly round: Rounding; readonly keys: Iterable<number> },
  score?: ReturnType<NonNullable<BoundRule["score"]>>,
): ReferenceRow {
  const { place, round, keys } = asked;
  const { batch, head, row } = place;
  const { scale } = mechanism;
  const attended = new Set(keys);
  const full = { ...task, inputs, mechanism: fullUnder({ scale }) };
  return pairsRow(
    inputs,
    {},
    {
      batch,
      head,
      round,
      attends: (key) => attended.has(key),
      scores: score === undefined ? scoresOf(full)(batch, head, row, round) : keyByKey(score),
      bias: null,
    },
  );
}
