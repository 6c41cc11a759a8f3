import type { CaseRow } from "../../record/case-row.ts";
import { formatBytes, formatLength } from "../../text/format.ts";
import { heldInTraining, saved as savedInWords } from "../answers/saved.ts";
import { state } from "../answers/state.ts";
import { stateBytes } from "../charts/decode/state.ts";
import { savedBytes } from "../charts/training/saved.ts";
import { workspace } from "../charts/workspace.ts";
import { lengthsOf, rowAt, type Series } from "../series.ts";
import { inFull, numbers, tableDetail, words } from "./details.ts";
import type { Detail, Topic, TopicResults } from "./topic.ts";

/** What a call holds in memory besides what it is given and gives. */
export const memory: Topic = {
  id: "memory",
  title: "Memory",
  charts: [workspace],
  answer: "memory",
  details: (about) => bytesTable("Workspace by length", about, (row) => row.workspace_bytes),
};

/** What a forward pass leaves for a backward pass, and what that holds besides. */
export const gradientMemory: Topic = {
  ...memory,
  title: "Memory: what is saved for the backward pass",
  charts: [savedBytes, workspace],
  answer: "saved",
  details: (about) => [
    ...inFull(savedInWords, about),
    ...bytesTable("Saved by length", about, (row) => row.saved_bytes ?? null),
    ...bytesTable("Workspace by length", about, (row) => row.workspace_bytes),
  ],
};

/** What both passes hold, what the first saves for the second among it. */
export const trainingMemory: Topic = {
  ...memory,
  details: (about) => [...inFull(heldInTraining, about), ...(memory.details?.(about) ?? [])],
};

/** What must be kept of the tokens so far. */
export const tokenMemory: Topic = {
  ...memory,
  title: "Memory: what is kept of the tokens so far",
  charts: [stateBytes],
  answer: "kept",
  details: (about) => [...inFull(state, about), ...bytesTable("State by position", about, keptBytes)],
};

type BytesOf = (row: CaseRow, series: Series) => number | null;

const keptBytes: BytesOf = (row, series) => (series.operation.keepsState ? (row.state_bytes ?? null) : null);

function bytesTable(title: string, about: TopicResults, value: BytesOf): readonly Detail[] {
  const lengths = lengthsOf(about.series);
  const at = (series: Series, length: number) => {
    const row = rowAt(series, length);
    const bytes = row?.outcome === "measured" ? value(row, series) : null;
    return { text: bytes === null ? "–" : formatBytes(bytes), sort: bytes };
  };
  const known = about.series.filter((one) => lengths.some((length) => at(one, length).sort !== null));
  return tableDetail(
    {
      title,
      heads: [...words("variant"), ...numbers(lengths.map(formatLength))],
      rows: known.map((series) => ({
        series,
        cells: [{ text: series.label }, ...lengths.map((length) => at(series, length))],
      })),
    },
    about,
  );
}
