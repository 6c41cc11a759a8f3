import { named } from "../../../text/cut-text.ts";
import { formatLength, formatRatio, formatSeconds } from "../../../text/format.ts";
import { numbers, type Table, words } from "../../topics/details.ts";
import { heatOf } from "../heat.ts";
import type { Overview, OverviewLine } from "../overview.ts";
import { linesIn, modesOf } from "../selections.ts";
import type { OverviewTopic } from "./topic.ts";

/** What a variant gains on one class of machines beside what it gains on another. */
export const machines: OverviewTopic = {
  id: "machines",
  title: () => "One class of machines beside another",
  answer(overview) {
    if (overview.places.length < 2) return null;
    const [found] = modesOf(overview).flatMap((mode) => besides(overview, mode) ?? []);
    if (found === undefined)
      return "No length was measured on all classes, so that nothing stands beside anything.";
    const turned = found.rows.filter(isTurned);
    const at = formatLength(found.length);
    const first =
      turned.length === 0
        ? `No variant is faster than ${overview.baseline} on one class and slower on another at ${at}`
        : `Faster than ${overview.baseline} on one class and slower on another at ${at}: ${named(
            turned.map(({ label }) => label),
            6,
          )}`;
    return `${first}. Such a comparison across machines is of what is gained on each; times of two machines say which machine is faster.`;
  },
  tables: (overview) =>
    overview.places.length < 2
      ? []
      : modesOf(overview).flatMap((mode) => {
          const found = besides(overview, mode);
          return found === null ? [] : [tableOf(overview, found)];
        }),
};

interface Besides {
  readonly length: number;
  readonly rows: readonly {
    readonly label: string;
    readonly isBaseline: boolean;
    readonly values: readonly (number | null)[];
  }[];
}

/** Every line at the longest length that all classes have, over the settings that all of them have. */
function besides(overview: Overview, mode: OverviewLine["mode"]): Besides | null {
  const byPlace = overview.places.map((_, place) => linesIn(overview, mode, place));
  const shared = byPlace
    .map(
      (lines) =>
        new Set(
          lines.flatMap(({ cells }) => cells.flatMap((cell) => (cell.shared === null ? [] : [cell.length]))),
        ),
    )
    .reduce((all, own) => all.intersection(own));
  if (shared.size === 0) return null;
  const length = [...shared].reduce((a, b) => Math.max(a, b));
  const labels = [...new Map(byPlace.flat().map((line) => [line.label, line])).values()];
  const rows = labels.map(({ label, isBaseline }) => ({
    label,
    isBaseline,
    values: byPlace.map((lines) => {
      const cells = lines.find((line) => line.label === label)?.cells;
      return cells?.find((cell) => cell.length === length)?.shared ?? null;
    }),
  }));
  const told = rows.filter(({ values }) => values.some((value) => value !== null));
  return {
    length,
    rows: told.sort((a, b) => Number(a.isBaseline) - Number(b.isBaseline) || topOf(b) - topOf(a)),
  };
}

function topOf({ values }: Besides["rows"][number]): number {
  return values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
}

/** A tenth or so either side of 1 is neither faster nor slower. */
const CLEARLY = 1.05;

function isTurned({ isBaseline, values }: Besides["rows"][number]): boolean {
  const known = values.filter((value) => value !== null);
  return !isBaseline && known.some((value) => value > CLEARLY) && known.some((value) => value < 1 / CLEARLY);
}

function tableOf({ places, baseline }: Overview, { length, rows }: Besides): Table {
  return {
    title: `Speed-up over ${baseline} at ${formatLength(length)}, by class`,
    note: `Medians over the settings that all classes have, each within its own machines. Of ${baseline} its time, in which machines differ and not variants.`,
    heads: [...words("variant"), ...numbers(places.map(({ label }) => label))],
    rows: rows.map(({ label, isBaseline, values }) => ({
      series: null,
      cells: [
        { text: label },
        ...values.map((value) =>
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
  };
}
