import type { Results } from "../record/case-row.ts";
import { cost } from "./answers/cost.ts";
import { fastest } from "./answers/fastest.ts";
import { pays } from "./answers/pays.ts";
import { theory } from "./answers/theory.ts";
import { trust } from "./answers/trust.ts";
import { growthOverRounds } from "./growth.ts";
import { roundTimes } from "./round-medians.ts";
import { seriesOf } from "./series.ts";
import { warningsOf } from "./warnings.ts";

/**
 * What the results say to the reader's questions, a sentence each, the numbers in it: which is fastest at each length,
 * from which length on each pays, what it costs in memory and faithfulness, whether the curves are what theory says, and
 * whether all this can be trusted. Questions that the results do not answer are left out. Plain text.
 */
export function findings(results: Results): readonly string[] {
  const times = roundTimes(results.rounds);
  const settings = [...Map.groupBy(seriesOf(results.rows), (one) => one.setting)];
  const sentences = settings.flatMap(([setting, series]) =>
    [
      fastest(series),
      pays(series, times),
      cost(series),
      theory(series.map((one) => growthOverRounds(one, times))),
    ]
      .filter((sentence) => sentence !== null)
      .map((sentence) => (setting === "" ? sentence : `${setting}: ${sentence}`)),
  );
  return [...sentences, trust(results.rows, warningsOf(results).length)];
}
