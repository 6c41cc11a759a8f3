import type { Law } from "../../laws/law.ts";
import { channelsAlike, constantSum } from "./forms.ts";
import { allForgotten, allKept, nothingWritten } from "./gates.ts";
import { lengthsOfQueries, linearInValues, skipAdds } from "./values.ts";

/** What recurrences keep besides what any kind may. */
export const recurrenceLaws: readonly Law[] = [
  constantSum,
  channelsAlike,
  allKept,
  allForgotten,
  nothingWritten,
  linearInValues,
  skipAdds,
  lengthsOfQueries,
];
