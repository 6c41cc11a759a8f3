import { OPERATIONS } from "../../../core/operation.ts";
import { countText } from "../../../text/count-text.ts";
import { formatLength, formatRatio, formatSeconds } from "../../../text/format.ts";
import { numbers, type Table, words } from "../../topics/details.ts";
import { WORDS } from "../../words.ts";
import { heatOf } from "../heat.ts";
import { placeName } from "../names.ts";
import type { Overview, OverviewCell, OverviewLine } from "../overview.ts";
import { comparedMode, linesIn, modesOf } from "../selections.ts";
import type { OverviewTopic } from "./topic.ts";

/** Rows of a table before the rest is counted. */
const MOST_LINES = 100;
/** Classes named in a sentence. */
const MOST_PLACES = 5;

/** How many times as fast as the baseline each variant is, by length: one table a class of machines. */
export const gains: OverviewTopic = {
  id: "gains",
  title: ({ baseline }) => `Speed-up over ${baseline} by length`,
  answer(overview) {
    const lost = lostText(overview);
    const mode = comparedMode(overview);
    if (mode === undefined)
      return lost === "" ? null : `Nothing was measured together with ${overview.baseline}.${lost}`;
    const told = overview.places.flatMap(({ label }, place) => {
      const compared = linesIn(overview, mode, place).filter(({ isBaseline }) => !isBaseline);
      const longest = compared.reduce((most, { cells }) => Math.max(most, cells.at(-1)?.length ?? 0), 0);
      const [best] = compared
        .flatMap(({ label: line, cells }) => {
          const cell = cells.find(({ length }) => length === longest);
          return cell === undefined ? [] : [{ line, gain: cell.median }];
        })
        .sort((a, b) => b.gain - a.gain);
      return best === undefined
        ? []
        : [`on ${label} it is ${best.line}, ${formatRatio(best.gain)} at ${formatLength(longest)}`];
    });
    if (told.length === 0) return `Nothing was measured together with ${overview.baseline}.${lost}`;
    const more = told.length > MOST_PLACES ? [`${told.length - MOST_PLACES} more classes in the tables`] : [];
    return `What gains most: ${[...told.slice(0, MOST_PLACES), ...more].join("; ")}.${lost}`;
  },
  tables: (overview) =>
    modesOf(overview)
      .flatMap((mode) => overview.places.flatMap((_, place) => tableOf(overview, mode, place)))
      // How to read them is said once.
      .map((table, at, [first]) => (at > 0 && table.note === first.note ? { ...table, note: "" } : table)),
};

/** What has no speed-up, a sentence a kernel; empty if nothing. */
function lostText({ uncompared, baseline }: Overview): string {
  return uncompared
    .map(({ kernel, cases }) => {
      const what = `${countText(cases, "measured case")} by ${kernel} ${cases === 1 ? "has" : "have"} no speed-up`;
      return ` ${what}, since ${baseline} was not measured by ${kernel} in the same shard.`;
    })
    .join("");
}

function tableOf(overview: Overview, mode: OverviewLine["mode"], place: number): readonly Table[] {
  const lines = linesIn(overview, mode, place);
  if (lines.length === 0) return [];
  const lengths = [...new Set(lines.flatMap(({ cells }) => cells.map(({ length }) => length)))].sort(
    (a, b) => a - b,
  );
  const most = lines
    .flatMap(({ cells }) => cells)
    .reduce((largest, { settings }) => Math.max(largest, settings), 0);
  const shown = [
    ...lines.slice(0, MOST_LINES),
    ...lines.slice(MOST_LINES).filter(({ isBaseline }) => isBaseline),
  ];
  const { call, fullLength } = WORDS[OPERATIONS[mode].unit];
  const left = lines.length - shown.length;
  const several = modesOf(overview).length > 1 ? `, one ${call}` : "";
  return [
    {
      title: `${placeName(overview.places[place])}${several}`,
      note: noteOn(most, left, overview.baseline),
      heads: [...words("variant"), ...numbers(lengths.map(formatLength))],
      rows: shown.map((line) => ({
        series: null,
        cells: [
          { text: line.label },
          ...lengths.map((length) =>
            cellAt(
              line,
              line.cells.find((cell) => cell.length === length),
              most,
            ),
          ),
        ],
      })),
      after: fullLength === "position" ? "Columns are positions." : "",
    },
  ];
}

function noteOn(settings: number, left: number, baseline: string): string {
  const rest = left > 0 ? ` ${countText(left, "further line")} in overview.csv.` : "";
  return settings > 1
    ? `Medians over ${settings} settings, below them the range; of ${baseline} its time. A speed-up is within a shard, on one machine.${rest}`
    : `Of ${baseline} its time. A speed-up is within a shard, on one machine.${rest}`;
}

function cellAt({ isBaseline }: OverviewLine, cell: OverviewCell | undefined, most: number) {
  if (cell === undefined) return { text: "–", sort: null };
  const { median, low, high, settings } = cell;
  const text = isBaseline ? formatSeconds(median) : formatRatio(median);
  const ends = isBaseline
    ? // Between the two, and not before a unit, a narrow column breaks.
      [low, high].map(({ value }) => formatSeconds(value).replace(" ", "\u00a0")).join(" – ")
    : `${formatRatio(low.value).replace("×", "")}–${formatRatio(high.value)}`;
  const range = low.value === high.value ? [] : [ends];
  const part = settings < most ? [`${settings} of ${most}`] : [];
  return {
    text,
    below: [...range, ...part].join(", "),
    sort: median,
    tone: isBaseline ? "" : heatOf(median),
  };
}
