import { Program } from "../call/program.ts";
import { writeProduct } from "../products/product.ts";
import { writeChannelDecays, writeRunning } from "./channel-decays.ts";
import { writeChunk } from "./chunk.ts";
import { writeChunkDecays } from "./chunk-decays.ts";
import { writeChunkPairs } from "./chunk-pairs.ts";
import { type Places, placesOf } from "./layout.ts";
import { writeOpenGates } from "./open-gates.ts";
import { writeChannelPairs, writeTokenPairs } from "./pairs.ts";
import { writeRows } from "./rows.ts";
import { writeSegments } from "./segments.ts";
import type { Site } from "./site.ts";
import { writeTakeIn } from "./take-in.ts";
import { writeTokenGates } from "./token-gates.ts";
import { writeTriangles } from "./triangle.ts";
import { writeTurnWeights } from "./turn-weights.ts";
import { writeTurnedKeys } from "./turned-keys.ts";
import { writeWalk } from "./walk.ts";
import { writeOut } from "./write-out.ts";

/** Code for rows of up to so many floats, and where its lanes have what. */
export interface Recurrences {
  readonly program: Program;
  readonly places: Places;
  readonly widest: number;
}

/** The widest rows of each program. Narrow rows lie close together: what a chunk writes then stays near the core. */
export const RECURRENCE_WIDTHS: readonly number[] = [64, 128, 256];

const ALL: readonly Recurrences[] = RECURRENCE_WIDTHS.map((widest) => {
  const places = placesOf(widest);
  return { widest, places, program: new Program(`recurrence-${widest}`, (a) => write({ a, places })) };
});

export const RECURRENCE_PROGRAMS = ALL.map(({ program }) => program);

/** The narrowest that has room for such rows. */
export function recurrencesFor(width: number): Recurrences {
  const found = ALL.find(({ widest }) => width <= widest);
  if (found === undefined) throw new RangeError(`recurrences of rows of ${width} floats are not computed`);
  return found;
}

function write(site: Site): void {
  writeWalk(site);
  writeChunk(site);
  writeRecurrenceParts(site);
}

/** What a forward pass and a backward pass have in common. */
export function writeRecurrenceParts(site: Site): void {
  for (const part of [
    writeSegments,
    writeChunkDecays,
    writeChunkPairs,
    writeOpenGates,
    writeRows,
    writeTurnedKeys,
    writeTurnWeights,
    writeChannelDecays,
    writeRunning,
    writeTokenGates,
    writeChannelPairs,
    writeTokenPairs,
    writeTriangles,
    writeOut,
    writeTakeIn,
  ]) {
    part(site);
  }
  writeProduct(site.a);
}
