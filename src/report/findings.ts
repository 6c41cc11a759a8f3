import type { Results } from "../record/case-row.ts";
import { roundMedians } from "../stats/round-medians.ts";
import { trust } from "./answers/trust.ts";
import { partOf } from "./parts.ts";
import { seriesOf } from "./series.ts";
import { partsOf } from "./units.ts";
import { warningsOf } from "./warnings.ts";

/**
 * What the results answer to the reader's questions, one sentence each, with numbers: which is fastest at
 * each length, from which length each pays off, what it costs in memory and faithfulness, whether the curves
 * are what theory predicts, and whether all this can be trusted. Questions that the results do not answer are
 * omitted. Plain text.
 */
export function findings(results: Results): readonly string[] {
  const times = roundMedians(results.rounds);
  const sentences = partsOf(results).flatMap(({ rows }) =>
    [...Map.groupBy(seriesOf(rows), (one) => one.setting)].flatMap(([setting, series]) =>
      Object.values(partOf(series).questions)
        .map((answer) => answer(series, times))
        .filter((sentence) => sentence !== null)
        .map((sentence) => (setting === "" ? sentence : `${setting}: ${sentence}`)),
    ),
  );
  return [...sentences, trust(results.rows, warningsOf(results).length)];
}
