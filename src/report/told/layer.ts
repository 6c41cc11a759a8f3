import { formatLength, formatPercent, formatRatio } from "../../text/format.ts";
import { atLongest, type Teller } from "./asked.ts";

/** What the fastest attention makes of its layer. */
export const layer: Teller = ({ entries }) => {
  const told = atLongest(
    entries.flatMap((entry) => (entry.last.layer === undefined ? [] : [{ entry, ...entry.last.layer }])),
  );
  if (told.length === 0) return null;
  const { entry, length, inner, whole, share } = told.reduce((a, b) => (b.inner > a.inner ? b : a));
  return `At ${formatLength(length)} attention ${formatRatio(inner)} as fast (${entry.label}) makes the layer ${formatRatio(whole)} as fast; projections, ${formatPercent(share)}, allow ${formatRatio(1 / share)}.`;
};
