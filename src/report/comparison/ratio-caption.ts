import { shareText } from "./change-text.ts";

/** How to read the chart; `left` rows are not in it. */
export function ratioCaption(margin: number, left: number): string {
  return (
    "Right of 0 is slower. A line is the interval; a mark with a hole is the mean of all calls, others are medians. " +
    `In the band, up to ${shareText(margin).replace(" ", "\u00a0")} either way, nothing is called a change.` +
    (left > 0 ? ` ${left} more rows are not in it.` : "")
  );
}
