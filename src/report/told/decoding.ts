import { formatCount, formatLength } from "../../text/format.ts";
import type { Teller } from "./asked.ts";

/** How many tokens a second are generated from nothing. */
export const decoding: Teller = ({ entries }) => {
  const rates = entries.flatMap(({ label, last: { rate } }) =>
    rate === undefined ? [] : [{ label, ...rate }],
  );
  const most = rates.reduce((longest, { length }) => Math.max(longest, length), 0);
  const [first, ...others] = rates
    .filter(({ length }) => length === most)
    .toSorted((a, b) => b.value - a.value);
  if (first === undefined) return null;
  const last = others.at(-1);
  const told = ({ value, label }: typeof first) => `${formatCount(value)} tokens per second (${label})`;
  return `Over the first ${formatLength(most)} tokens: ${told(first)}${last === undefined ? "" : ` to ${told(last)}`}.`;
};
