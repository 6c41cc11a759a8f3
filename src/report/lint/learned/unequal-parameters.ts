import { byTask } from "../../learning/learned-rows.ts";
import type { LearnedCheck } from "./check.ts";

/** A share of parameters more or fewer that no accuracy here would show. */
const ALIKE = 0.05;

/** Models that have clearly more or fewer parameters than the usual one of their task. */
export const unequalParameters: LearnedCheck = {
  id: "unequal-parameters",
  find: (rows) =>
    byTask(rows).flatMap((own) => {
      const known = own.flatMap(({ cell }) => cell.parameters ?? []).sort((a, b) => a - b);
      const middle = known[Math.floor(known.length / 2)] ?? 0;
      return own.flatMap((row) => {
        const { parameters } = row.cell;
        if (parameters === null || Math.abs(parameters - middle) <= ALIKE * middle) return [];
        return [{ row, text: TOLD }];
      });
    }),
};

const TOLD =
  "its model has more than 5 % more or fewer parameters than most: part of the difference may be its size, not its attention";
