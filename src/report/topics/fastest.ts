import { isBaseline } from "../../record/schema/baseline.ts";
import { formatLength, formatRatio, formatSeconds } from "../../text/format.ts";
import { fastest as inWords } from "../answers/fastest.ts";
import { tokenTime } from "../charts/decode/time.ts";
import { passTime } from "../charts/time.ts";
import { lengthsOf, rowAt, type Series } from "../series.ts";
import { isTimed } from "../speed-up.ts";
import { cellOf } from "../tables/cell.ts";
import { type Winner, winnersOf } from "../winners.ts";
import { type Words, wordsFor } from "../words.ts";
import { cells, inFull, numbers, tableDetail, words } from "./details.ts";
import type { Detail, Topic, TopicResults } from "./topic.ts";

/** Which is fastest at each length, of passes that are called as `words` have it. */
export function fastest(words: Words): Topic {
  return {
    id: "fastest",
    title: "Fastest at each length",
    charts: [passTime(words)],
    answer: "fastest",
    details,
  };
}

/** Which makes a token fastest at each position. */
export function fastestToken(words: Words): Topic {
  return { ...fastest(words), title: "Fastest at each position", charts: [tokenTime] };
}

function details(about: TopicResults): readonly Detail[] {
  return [...inFull(inWords, about), ...winnerTables(about), ...timesTable(about)];
}

/** One table a setting: lengths across. */
function winnerTables(about: TopicResults): readonly Detail[] {
  const { series } = about;
  const { fastestAt, length, baseline } = wordsFor(series);
  return [...winnersOf(series)].flatMap(([setting, winners]) => {
    const gains = winners.some(({ speedUp }) => speedUp !== null);
    const gainOf = ({ series: [first], speedUp: gain }: Winner) =>
      gain === null || isBaseline(first) ? "–" : formatRatio(gain.ratio);
    return tableDetail(
      {
        title: setting === "" ? fastestAt : `${fastestAt}, ${setting}`,
        note: "Several names mean that their times cannot be told apart: the intervals overlap.",
        heads: [
          ...words(length),
          ...words("fastest"),
          ...numbers(["its time", ...(gains ? [`over ${baseline}`] : [])]),
        ],
        rows: winners.map((winner) => ({
          series: null,
          cells: [
            { text: formatLength(winner.length) },
            { text: namesOf(winner) },
            { text: formatSeconds(winner.row.median_s), sort: winner.row.median_s },
            ...cells(gains ? [gainOf(winner)] : []),
          ],
        })),
      },
      about,
    );
  });
}

/** If times cannot be told apart, each name is on its own line; if there are many, the rest is counted. */
function namesOf({ series }: Winner): readonly string[] {
  const named = series.slice(0, series.length > MOST ? MOST - 1 : MOST);
  const rest = series.length - named.length;
  return [...named.map(({ label }) => label), ...(rest > 0 ? [`or ${rest} more`] : [])];
}

/** Series named before the rest is counted. */
const MOST = 4;

/** Series by length: the median with half the interval's width, and below it the speed-up. */
function timesTable(about: TopicResults): readonly Detail[] {
  const { series } = about;
  const lengths = lengthsOf(series);
  const { timesByLength, timesNote } = wordsFor(series);
  return tableDetail(
    {
      title: timesByLength,
      note: timesNote,
      heads: [...words("variant"), ...numbers(lengths.map(formatLength))],
      rows: series.map((one) => ({
        series: one,
        cells: [{ text: one.label }, ...lengths.map((length) => timeAt(one, length))],
      })),
    },
    about,
  );
}

function timeAt(series: Series, length: number) {
  const { time: text, speedUp: below } = cellOf(series, length);
  const row = rowAt(series, length);
  return {
    text,
    below,
    sort: row !== undefined && isTimed(row) ? row.median_s : null,
    tone: row?.outcome ?? "skipped",
  };
}
