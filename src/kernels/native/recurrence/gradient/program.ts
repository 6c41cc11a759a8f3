import { Program } from "../../call/program.ts";
import { RECURRENCE_WIDTHS, writeRecurrenceParts } from "../program.ts";
import { writeChannelGatesBack } from "./channel-gates.ts";
import { writeChannelPairsBack } from "./channel-pairs.ts";
import { writeChunkBack } from "./chunk.ts";
import { backPlacesOf } from "./layout.ts";
import { writePairsBack } from "./pairs.ts";
import type { BackSite } from "./site.ts";
import { writeStateRows } from "./state-rows.ts";
import { writeTokenGatesBack } from "./token-gates.ts";
import { writeTokenLogs } from "./token-logs.ts";
import { writeWalkBack } from "./walk.ts";

/** Code of a backward pass for rows of up to so many floats, and where its lanes have what. */
export interface RecurrencesBack extends Pick<BackSite, "places" | "back"> {
  readonly program: Program;
  readonly widest: number;
}

const ALL: readonly RecurrencesBack[] = RECURRENCE_WIDTHS.map((widest) => {
  const { places, back } = backPlacesOf(widest);
  const program = new Program(`recurrence-backward-${widest}`, (a) => {
    const site = { a, places, back };
    writeRecurrenceParts(site);
    for (const part of [
      writeWalkBack,
      writeChunkBack,
      writePairsBack,
      writeStateRows,
      writeTokenLogs,
      writeTokenGatesBack,
      writeChannelPairsBack,
      writeChannelGatesBack,
    ]) {
      part(site);
    }
  });
  return { widest, places, back, program };
});

export const RECURRENCE_BACKWARD_PROGRAMS = ALL.map(({ program }) => program);

/** The narrowest that has room for such rows. */
export function recurrencesBackFor(width: number): RecurrencesBack {
  const found = ALL.find(({ widest }) => width <= widest);
  if (found === undefined)
    throw new RangeError(`gradients of recurrences of rows of ${width} floats are not computed`);
  return found;
}
