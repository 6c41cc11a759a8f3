import type { Crossover } from "../../stats/crossover.ts";
import { formatLength } from "../../text/format.ts";
import type { Crossing } from "../crossing.ts";
import type { Words } from "../words.ts";

/** From which length on, in the words of a report; `whole` with its interval and what is within the noise. */
export function crossingText({ kind, crossover, unsure }: Crossing, words: Words, whole = true): string {
  const doubt =
    whole && unsure.length > 0 ? `, within the noise at ${unsure.map(formatLength).join(", ")}` : "";
  switch (kind) {
    case "always":
      return `${words.atEvery}${doubt}`;
    case "never":
      return `${words.notAtLast}${doubt}`;
    case "from":
      return crossover === null
        ? ""
        : `${words.from} ${range(whole ? crossover : { ...crossover, low: null, high: null })}${whole && isOpen(crossover) ? doubt : ""}`;
  }
}

/** Only the medians, in the middle of the noise, say where it lies. */
function isOpen({ low, high }: Crossover): boolean {
  return low === null && high === null;
}

/** `2363 (95 %: 2280–2443)`, the ends rounded outwards; one beyond the measured lengths is put in words. */
function range({ length, low, high }: Crossover): string {
  const least = low === null ? "" : `${Math.floor(low)}`;
  const most = high === null ? "" : `${Math.ceil(high)}`;
  if (least === "" && most === "") return `${Math.round(Number(length.toPrecision(3)))}`;
  // Nowhere below is it surely slower: where the medians cross is chance.
  if (least === "") return `${most} at the latest (95 %)`;
  const ends = most === "" ? `${least} or later` : `${least}–${most}`;
  return `${Math.round(length)} (95 %: ${ends})`;
}
