import { contestOf } from "../../record/schema/identity.ts";
import type { Series } from "../series.ts";
import { isTimed, type TimedRow } from "../speed-up.ts";
import type { Check, Examined, Oddity } from "./check.ts";
import { isTooShort } from "./coarse-clock.ts";

/**
 * Times that agree to the last digit, of one series at two neighbouring lengths or of two at one length:
 * clocks do not do that. Two cases whose samples all agree are one measurement, recorded twice.
 */
export const identicalRows: Check = {
  id: "identical-rows",
  find(subject) {
    const timed = subject.series.flatMap((series) =>
      series.rows.filter(isTimed).map((row) => ({ series, row })),
    );
    const neighbours = [...Map.groupBy(timed, ({ series }) => series).values()].flatMap((own) =>
      own.slice(1).flatMap((one, index) => twins(subject, own[index], one)),
    );
    const places = Map.groupBy(timed, ({ row }) => `${contestOf(row)} ${row.median_s}`);
    const beside = [...places.values()].flatMap((alike) =>
      alike.slice(1).flatMap((one) => twins(subject, alike[0], one)),
    );
    return [...neighbours, ...beside];
  },
};

interface Placed {
  readonly series: Series;
  readonly row: TimedRow;
}

function twins({ rounds, results }: Examined, first: Placed, second: Placed): readonly Oddity[] {
  if (first.row.median_s !== second.row.median_s) return [];
  const roundsOf = ({ row }: Placed) => rounds.get(row.case) ?? [];
  const samples = (one: Placed) => JSON.stringify(roundsOf(one).map((round) => round.samples));
  const copied = first.row.samples > 1 && samples(first) === samples(second);
  // A few clock steps easily give the same number, which the clock's own check reports.
  if (!copied && isTooShort(roundsOf(first), results.run.environment)) return [];
  return [first, second].map((one) => ({ text: copied ? COPIED : ALIKE, ...one }));
}

const COPIED =
  "has exactly the samples of another case: one measurement was recorded twice; see where the file comes from and measure again";
const ALIKE =
  "has the same time as another case to the last digit: copied, rounded or a fixed cost; see where the file comes from";
