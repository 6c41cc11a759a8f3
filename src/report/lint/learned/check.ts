import type { StudyLine } from "../../../record/schema/learning-lines.ts";
import type { LearnedRow } from "../../learning/learned-rows.ts";

/** Something odd about what one variant learned of one task: what it is and what to do about it. Equal texts are reported once. */
interface LearnedOddity {
  readonly text: string;
  readonly row: LearnedRow;
}

/** One question asked of a study. */
export interface LearnedCheck {
  readonly id: string;
  readonly find: (rows: readonly LearnedRow[], study: StudyLine) => readonly LearnedOddity[];
}

/** A check of rows one by one. */
export function ofEachRow(find: (row: LearnedRow, study: StudyLine) => string | null): LearnedCheck["find"] {
  return (rows, study) =>
    rows.flatMap((row) => {
      const text = find(row, study);
      return text === null ? [] : [{ text, row }];
    });
}
