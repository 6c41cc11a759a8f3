import { formatBytes, formatLength, formatRatio, formatSeconds } from "../../text/format.ts";
import { ARENA_LENGTHS, type ArenaSeries, arenaOf, publishedAt } from "../arena.ts";
import { rowAt, type Series } from "../series.ts";
import { isTimed, speedUp } from "../speed-up.ts";

/** Long Range Arena's published speeds and memory beside those of a report. */
export interface ArenaTable {
  /** Heads of the columns of numbers. */
  readonly heads: readonly string[];
  readonly rows: readonly ArenaRow[];
}

interface ArenaRow {
  readonly series: Series;
  /** As the paper calls it. */
  readonly model: string;
  readonly cells: readonly ArenaCell[];
}

interface ArenaCell {
  /** `5.5×`, or memory; `–` if it is not known. */
  readonly value: string;
  /** `7.7 steps/s`, or the time of a call; empty if there is nothing. */
  readonly below: string;
}

/** Whose numbers these are, and why they differ. */
export const ARENA_NOTE =
  "How many times as fast as full attention, and memory at the longest of these lengths: as printed in table 2 of Long Range Arena " +
  "(Tay et al. 2020, arXiv 2011.04006) for 1K to 4K tokens, and measured here. They differ because a step there is one of a whole " +
  "model, with layers that all models share, at batch 32 on 4×4 TPU v3 chips, and its memory all that a device held, where here " +
  "one call of attention alone runs on this machine and the workspace is counted. That table has no " +
  "Sparse Transformers and no Longformers.";

/** The table for the passes of a report; null if it holds too few of the models, or none of the paper's lengths. */
export function arenaTable(series: readonly Series[]): ArenaTable | null {
  const models = arenaOf(series);
  const lengths = ARENA_LENGTHS.filter((length) =>
    models.some(({ series: one }) => speedUp(one, length) !== null),
  );
  const longest = lengths.at(-1);
  if (longest === undefined) return null;
  return {
    heads: [
      ...lengths.flatMap((length) => [`LRA, ${formatLength(length)}`, `here, ${formatLength(length)}`]),
      "LRA, memory",
      "here, memory",
    ],
    rows: models.map((one) => ({
      ...one,
      cells: [...lengths.flatMap((length) => speeds(one, length)), ...memory(one, longest)],
    })),
  };
}

function speeds({ series, model }: ArenaSeries, length: number): readonly ArenaCell[] {
  const printed = publishedAt(model, length);
  const row = rowAt(series, length);
  const gain = speedUp(series, length);
  return [
    printed === null ? NONE : { value: printed.ratio, below: printed.speed },
    row === undefined || gain === null || !isTimed(row)
      ? NONE
      : { value: formatRatio(gain.ratio), below: formatSeconds(row.median_s) },
  ];
}

function memory({ series, model }: ArenaSeries, length: number): readonly ArenaCell[] {
  const printed = publishedAt(model, length);
  const bytes = rowAt(series, length)?.workspace_bytes ?? null;
  return [
    printed === null ? NONE : { value: printed.memory, below: "" },
    bytes === null ? NONE : { value: formatBytes(bytes), below: "" },
  ];
}

const NONE: ArenaCell = { value: "–", below: "" };
