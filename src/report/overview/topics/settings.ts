import { median } from "../../../stats/median.ts";
import { countText } from "../../../text/count-text.ts";
import { formatLength, formatRatio, formatSeconds } from "../../../text/format.ts";
import { shortName } from "../../../text/labels.ts";
import { numbers, type Table, words } from "../../topics/details.ts";
import { heatOf } from "../heat.ts";
import { placeName } from "../names.ts";
import type { Overview, OverviewLine } from "../overview.ts";
import { linesIn, modesOf } from "../selections.ts";
import type { OverviewTopic } from "./topic.ts";

/** Values of an axis that a table has columns for. */
const MOST_VALUES = 12;

/** A smaller change of a speed-up is not told of. */
const WORTH_TELLING = 1.1;

/** What a setting changes: one table an axis and a class of machines, with the other axes at their median. */
export const settings: OverviewTopic = {
  id: "settings",
  title: () => "What the settings change",
  answer(overview) {
    const told = overview.axes.flatMap((axis, at) => {
      const found = strongest(overview, at);
      return found === null ? [] : [{ axis, ...found }];
    });
    const [most] = told.sort((a, b) => b.factor - a.factor);
    if (most === undefined) return null;
    const { axis, line, place, length, low, high, factor } = most;
    if (factor < WORTH_TELLING)
      return "No setting changes a speed-up by more than a tenth, at the longest length.";
    const of = (end: typeof low) => `${formatRatio(end.value)} at ${axis.name}=${shortName(end.at)}`;
    return `The largest change is in ${line} on ${overview.places[place].label} at ${formatLength(length)}: ${of(low)}, ${of(high)}.`;
  },
  tables: () => [],
  details: (overview) =>
    modesOf(overview).flatMap((mode) =>
      overview.axes.flatMap((_, axis) =>
        overview.places.flatMap((_, place) => tableOf(overview, mode, axis, place)),
      ),
    ),
};

interface Change {
  readonly line: string;
  readonly place: number;
  readonly length: number;
  readonly factor: number;
  readonly low: { readonly at: string; readonly value: number };
  readonly high: { readonly at: string; readonly value: number };
}

/** Where an axis changes a speed-up most, at the longest length of a line. */
function strongest({ lines, axes }: Overview, axis: number): Change | null {
  const changes = lines.flatMap(({ isBaseline, label, place, cells }) => {
    const cell = cells.at(-1);
    if (isBaseline || cell === undefined) return [];
    const known = cell.byAxis[axis]
      .flatMap((value, at) => (value === null ? [] : [{ at: axes[axis].values[at], value }]))
      .sort((a, b) => a.value - b.value);
    const [low, high] = [known[0], known[known.length - 1]];
    if (known.length < 2) return [];
    return [{ line: label, place, length: cell.length, factor: high.value / low.value, low, high }];
  });
  return changes.length === 0 ? null : changes.reduce((a, b) => (b.factor > a.factor ? b : a));
}

function tableOf(
  overview: Overview,
  mode: OverviewLine["mode"],
  axis: number,
  place: number,
): readonly Table[] {
  const { name, values } = overview.axes[axis];
  const lines = linesIn(overview, mode, place);
  if (lines.length === 0) return [];
  const length = lines.reduce((most, { cells }) => Math.max(most, cells.at(-1)?.length ?? 0), 0);
  const told = lines.flatMap((line) => {
    const cell = line.cells.find((one) => one.length === length);
    return cell === undefined ? [] : [{ line, numbers: cell.byAxis[axis].slice(0, MOST_VALUES) }];
  });
  const more =
    values.length > MOST_VALUES ? ` The first ${MOST_VALUES} of ${countText(values.length, "value")}.` : "";
  return [
    {
      title: `${name}, ${placeName(overview.places[place])}, ${mode} at ${formatLength(length)}`,
      note: `Medians over all other settings; of ${overview.baseline} its time.${more}`,
      heads: [
        ...words("variant"),
        ...numbers(values.slice(0, MOST_VALUES).map((value) => `${name}=${shortName(value)}`)),
      ],
      rows: told
        .toSorted(
          (a, b) =>
            Number(a.line.isBaseline) - Number(b.line.isBaseline) || middle(b.numbers) - middle(a.numbers),
        )
        .map(({ line: { label, isBaseline }, numbers: own }) => ({
          series: null,
          cells: [
            { text: label },
            ...own.map((value) =>
              value === null
                ? { text: "–", sort: null }
                : {
                    text: isBaseline ? formatSeconds(value) : formatRatio(value),
                    sort: value,
                    tone: isBaseline ? "" : heatOf(value),
                  },
            ),
          ],
        })),
    },
  ];
}

function middle(values: readonly (number | null)[]): number {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? 0 : median(known);
}
