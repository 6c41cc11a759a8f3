import type { Crossover } from "../../stats/crossover.ts";
import { formatLength } from "../../text/format.ts";
import { type Crossing, readingOf } from "../crossing.ts";
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

function isOpen(found: Crossover): boolean {
  return readingOf(found).sure === "medians";
}

/** `2363 (95 %: 2280–2443)`, the ends rounded outwards; one beyond the measured lengths is put in words. */
function range(found: Crossover): string {
  const reading = readingOf(found);
  switch (reading.sure) {
    case "medians":
      return `${Math.round(Number(reading.length.toPrecision(3)))}`;
    case "latest":
      return `${Math.ceil(reading.length)} at the latest (95 %)`;
    case "interval": {
      const { length, low, high } = reading;
      const ends = high === null ? `${Math.floor(low)} or later` : `${Math.floor(low)}–${Math.ceil(high)}`;
      return `${Math.round(length)} (95 %: ${ends})`;
    }
  }
}
