import { formatLength, formatPercent } from "../../text/format.ts";
import type { Entry, Last } from "../ranking/entry.ts";
import { type Asked, atLongest, rangeText, type Teller } from "./asked.ts";

/** How near calls come to the machine's ceiling, and to the speed-up that their work allows. */
export const limit: Teller = (asked) => {
  const reached = lastOf(asked, ({ ceiling }) => ceiling);
  const gained = lastOf(asked, ({ ideal }) => ideal);
  const [first] = [...reached, ...gained];
  if (first === undefined) return null;
  const parts = [
    ...(reached.length === 0 ? [] : [`${rangeText(reached, formatPercent)} of the machine's ceiling`]),
    ...(gained.length === 0 ? [] : [`${rangeText(gained, formatPercent)} of the ideal speed-up`]),
  ];
  return `At ${formatLength(first.length)}: ${parts.join("; ")}.`;
};

/** At what part of the machine's rate a token reads. */
export const tokenLimit: Teller = (asked) => {
  const read = lastOf(asked, ({ bandwidth }) => bandwidth);
  return read.length === 0
    ? null
    : `At position ${formatLength(read[0].length)} a token reads at ${rangeText(read, formatPercent)} of the machine's bandwidth.`;
};

function lastOf({ entries }: Asked, of: (last: Last) => Last["ceiling"]) {
  return atLongest(
    entries.flatMap((entry: Entry) => {
      const known = of(entry.last);
      return known === undefined ? [] : [{ entry, ...known }];
    }),
  );
}
