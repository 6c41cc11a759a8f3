import { formatLength } from "../../text/format.ts";
import { exponentText, type Growth, growthOverRounds, isHiddenQuadratic } from "../growth.ts";
import { power } from "../power.ts";
import { tokenExponentText } from "../token-growth.ts";
import type { Check } from "./check.ts";

/** Time that grows clearly faster than declared over the upper half of the lengths. */
export const hiddenQuadratic: Check = {
  id: "hidden-quadratic",
  find: ({ series, times }) =>
    series.flatMap((one) => {
      const growth = growthOverRounds(one, times);
      const text = isHiddenQuadratic(growth)
        ? one.operation.keepsState
          ? toldOfSteps(growth)
          : told(growth)
        : null;
      return text === null ? [] : [{ text, series: one, row: one.rows[one.rows.length - 1] }];
    }),
};

function told({ upper, declared }: Growth): string | null {
  if (upper === null) return null;
  const { from, to, time, work, end } = upper;
  const span = `${formatLength(from)} to ${formatLength(to)}`;
  const steep = `time grows as ${exponentText(time)} from ${span}, ${power(end.slope)} from ${formatLength(end.from)} on, declared ${declared}`;
  if (work === null) return `${steep}: a hidden quadratic, or a cache that is full; measure longer lengths`;
  return work > declared + (time.slope - declared) / 2
    ? `${steep}: the executed work does so too, ${power(work)}, a hidden quadratic in the schedule or the parameters, or a window that covers much of the shorter lengths; look at what depends on N, or measure longer lengths`
    : `${steep}: the executed work grows as ${power(work)} only, so a hidden quadratic that is not counted, or a cache that is full; measure longer lengths`;
}

function toldOfSteps({ upper, declared }: Growth): string | null {
  if (upper === null) return null;
  const { from, to, time } = upper;
  const [slope, span] = [tokenExponentText(time), `${formatLength(from)} to ${formatLength(to)}`];
  return `the time of a token grows as ${slope} over positions ${span}, declared ${declared}: a state that no longer fits a cache, or work that grows with position; look at its percent of the read bandwidth`;
}
