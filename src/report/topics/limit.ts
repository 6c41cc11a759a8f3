import { formatLength } from "../../text/format.ts";
import { ceiling } from "../charts/ceiling.ts";
import { bandwidth } from "../charts/decode/bandwidth.ts";
import { ideal } from "../charts/ideal.ts";
import { partOf } from "../parts.ts";
import { lengthsOf, rowAt } from "../series.ts";
import { limitText } from "../tables/limit-cells.ts";
import { type Words, wordsFor } from "../words.ts";
import { words as named, numbers, tableDetail } from "./details.ts";
import type { Detail, Topic, TopicResults } from "./topic.ts";

/** How near cases come to what the machine and the mathematics allow. */
export function limit(words: Words): Topic {
  return {
    id: "limit",
    title: "How near the limit",
    charts: [ceiling, ideal(words)],
    answer: "limit",
    details: limits,
  };
}

/** How near tokens come to the rate at which the machine reads. */
export function tokenLimit(words: Words): Topic {
  return { ...limit(words), charts: [bandwidth], answer: "tokenLimit" };
}

/** Series by limit at the longest length with a measured case. */
function limits(about: TopicResults): readonly Detail[] {
  const { series } = about;
  const known = Object.entries(partOf(series).limits);
  const length = lengthsOf(series).findLast((at) =>
    series.some((one) => known.some(([, { value }]) => valueAt(one, at, value) !== null)),
  );
  if (length === undefined) return [];
  const shown = known.filter(([, { value }]) => series.some((one) => valueAt(one, length, value) !== null));
  return tableDetail(
    {
      title: `Limits at ${formatLength(length)}`,
      note: wordsFor(series)
        .limitsAt(formatLength(length))
        .replace(/^./, (first) => first.toUpperCase())
        .concat("."),
      heads: [...named("variant"), ...numbers(shown.map(([head]) => head))],
      rows: series.flatMap((one) => {
        const row = rowAt(one, length);
        if (row?.outcome !== "measured") return [];
        return [
          {
            series: one,
            cells: [
              { text: one.label },
              ...shown.map(([, cell]) => ({ text: limitText(cell, row), sort: cell.value(row) })),
            ],
          },
        ];
      }),
    },
    about,
  );
}

type Value = ReturnType<typeof partOf>["limits"][string]["value"];

function valueAt(series: TopicResults["series"][number], length: number, value: Value): number | null {
  const row = rowAt(series, length);
  return row?.outcome === "measured" ? value(row) : null;
}
