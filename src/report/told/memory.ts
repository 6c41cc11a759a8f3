import { formatBytes, formatLength } from "../../text/format.ts";
import type { Entry, Point } from "../ranking/entry.ts";
import { type Asked, atLongest, isBaseline, rangeText, type Teller } from "./asked.ts";

/** How much workspace a call needs. */
export const memory: Teller = (asked) =>
  told(
    asked,
    (length) => `At ${length} the workspace is`,
    ({ memory }) => memory,
  );

/** How much a forward pass leaves for a backward pass alone. */
export const saved: Teller = (asked) =>
  told(
    asked,
    (length) => `At ${length} the forward pass saves`,
    ({ saved }) => saved,
  );

/** How much is kept of the tokens before. */
export const kept: Teller = (asked) =>
  told(
    asked,
    (length) => `At position ${length} the state is`,
    ({ state }) => state,
  );

function told(
  { entries, all, baseline }: Asked,
  intro: (length: string) => string,
  bytesOf: (point: Point) => number | null,
): string | null {
  const known = (some: readonly Entry[]) =>
    some.flatMap((entry) =>
      entry.points.flatMap((point) => {
        const value = bytesOf(point);
        return value === null ? [] : [{ entry, length: point.length, value }];
      }),
    );
  const those = atLongest(known(entries));
  const [first] = those;
  if (first === undefined) return null;
  const compared = new Set(those.map(({ entry }) => entry.baseline));
  const full = known(all.filter((one) => isBaseline(one) && compared.has(one.place))).find(
    ({ entry, length }) => length === first.length && entry !== first.entry,
  );
  const beside = full === undefined ? "" : `; ${baseline} ${formatBytes(full.value)}`;
  return `${intro(formatLength(first.length))} ${rangeText(those, formatBytes)}${beside}.`;
}
