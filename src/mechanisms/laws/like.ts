import { everyRow } from "../../core/rows.ts";
import type { JudgedProblem } from "../judged.ts";
import { firstDifference, type Held } from "./law.ts";

/** What is wrong with the kernel's output for a problem, by the reference of another one whose output is the same. */
export async function unlike(
  subject: Held,
  asked: JudgedProblem,
  like: JudgedProblem,
): Promise<string | null> {
  return subject.compare(asked, like.kind.oracle(like), everyRow(like.shape), await subject.output(asked));
}

/** Two problems whose outputs must be the same bits; `what` differs between them, as in "q". */
export async function sameBits(
  subject: Held,
  one: JudgedProblem,
  other: JudgedProblem,
  what: string,
): Promise<string | null> {
  const [first, second] = [await subject.output(one), await subject.output(other)];
  const at = firstDifference(first, second, 0, first.length);
  return at < 0 ? null : `element ${at}: ${first[at]} became ${second[at]} with other numbers in ${what}`;
}
