import { countText } from "../../text/count-text.ts";
import { formatBytes, formatLength, formatRatio, formatSeconds } from "../../text/format.ts";
import { kernels as chart } from "../charts/kernels.ts";
import { isClose, longestShared, overReference, type Rivals, sideBySide, timedAt } from "../rivals.ts";
import { rowAt, type Series } from "../series.ts";
import { isTimed } from "../speed-up.ts";
import { numbers, tableDetail, words } from "./details.ts";
import type { Detail, Topic, TopicResults } from "./topic.ts";

/** The same variants by several kernels: ours, plug-ins', and programs in other languages. */
export const kernels: Topic = {
  id: "kernels",
  title: "Kernels side by side",
  charts: [chart],
  answer: ({ series }) => winnersText(sideBySide(series).rivals),
  details: rivalsTable,
};

/** How often each kernel is the fastest, at the longest length that two share. */
function winnersText(rivals: readonly Rivals[]): string | null {
  const won = new Map<string, number>();
  let [shared, close] = [0, 0];
  for (const group of rivals) {
    const length = longestShared(group);
    if (length === null) continue;
    shared++;
    const [first, ...others] = timedAt(group.series, length);
    if (isClose([first, ...others], length)) close++;
    else won.set(first.kernelLabel, (won.get(first.kernelLabel) ?? 0) + 1);
  }
  if (shared === 0) return null;
  const most = [...won].sort(([, a], [, b]) => b - a);
  const [named, rest] = [most.slice(0, MOST_NAMED), most.slice(MOST_NAMED)];
  const others = rest.reduce((sum, [, times]) => sum + times, 0);
  const parts = [
    ...named.map(([kernel, times]) => `${kernel} for ${times}`),
    ...(others > 0 ? [`others for ${others}`] : []),
    ...(close > 0 ? [`too close to tell for ${close}`] : []),
  ];
  return `Fastest at the longest length that two kernels share, of ${countText(shared, "variant")}: ${parts.join(", ")}.`;
}

/** Kernels that the answer names: those that are fastest most often. */
const MOST_NAMED = 3;

function rivalsTable(about: TopicResults): readonly Detail[] {
  const { reference, rivals } = sideBySide(about.series);
  const rows = rivals.flatMap((group) => {
    const length = longestShared(group);
    return length === null ? [] : timedAt(group.series, length).map((one) => rowOf(one, group, length));
  });
  return tableDetail(
    {
      title: "Each at the longest length that two kernels share",
      note: "The error is the largest part of its budget that a checked row takes: what float32, or the dtype of the calls, explains is 100 %.",
      heads: [
        ...words("variant", "kernel"),
        ...numbers(["length", "time", `× by ${reference}`, "of error budget", "workspace"]),
      ],
      rows,
    },
    about,
  );
}

function rowOf(series: Series, group: Rivals, length: number) {
  const row = rowAt(series, length);
  const timed = row !== undefined && isTimed(row) ? row : null;
  const gain = overReference(series, group, length);
  const error = timed?.gate_error ?? null;
  const budget = timed?.gate_budget ?? null;
  const share = error === null || budget === null || !(budget > 0) ? null : error / budget;
  const bytes = timed?.workspace_bytes ?? null;
  return {
    series,
    cells: [
      { text: series.variantLabel + (series.setting === "" ? "" : ` · ${series.setting}`) },
      { text: series.kernelLabel },
      { text: formatLength(length), sort: length },
      { text: timed === null ? "–" : formatSeconds(timed.median_s), sort: timed?.median_s ?? null },
      {
        text: series === group.reference ? "1" : gain === null ? "–" : formatRatio(gain.ratio),
        sort: series === group.reference ? 1 : (gain?.ratio ?? null),
      },
      { text: share === null ? "–" : `${Math.round(100 * share)} %`, sort: share },
      { text: bytes === null ? "–" : formatBytes(bytes), sort: bytes },
    ],
  };
}
