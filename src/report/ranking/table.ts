import {
  formatBytes,
  formatLength,
  formatPercent,
  formatRatio,
  formatSeconds,
  narrowPercent,
} from "../../text/format.ts";
import type { Entry, Measured, Ranked, Ranking } from "./entry.ts";
import { isSlower } from "./slower.ts";
import { UNIT_WORDS } from "./unit-words.ts";

// Runs in the page as well: imports nothing that needs Node.

/** The ranking as a table: for the page, which makes it again at any length, the summary and the terminal. */
export interface RankingTable {
  readonly heads: readonly Head[];
  /** The fastest first. */
  readonly rows: readonly RankingRow[];
}

/** A column of numbers. */
export interface Head {
  readonly id: ColumnId;
  readonly text: string;
  /** How its numbers are to be read, in one sentence. */
  readonly title: string;
  /** Of its keys, which a CSV then has in place of texts: empty if they have none, null if texts say more. */
  readonly unit: string | null;
}

export interface RankingRow {
  readonly ranked: Ranked;
  /** In the order of `heads`. */
  readonly cells: readonly Cell[];
}

/** A cell of the ranking. */
export interface Cell {
  readonly text: string;
  /** Said quietly behind it; empty if nothing. */
  readonly more: string;
  /** What the column is sorted by; null if it is not known. */
  readonly key: number | null;
  /** The share of its bar, 0 to 1; null if it has none. */
  readonly bar: number | null;
}

export type ColumnId = "time" | "gain" | "pays" | "growth" | "state" | "saved" | "memory" | "error";

/** What the columns say, in their order. */
interface Column {
  readonly head: (unit: Entry["unit"], baseline: string) => string;
  readonly title: string;
  readonly unit: Head["unit"];
  readonly cell: (ranked: Ranked) => Told;
  /** What bars of a column measure: a logarithm, or a part of the greatest. */
  readonly scale: "log" | "share";
  /** Numbers below are drawn as this one; 0 if omitted. */
  readonly floor?: number;
}

/** A cell without its bar, which is of its key if `drawn` is omitted. */
type Told = Omit<Cell, "bar"> & { readonly drawn?: number | null };

/** What sorts after every length. */
const NOT_YET = Number.MAX_SAFE_INTEGER;

/** Distances below are rounding. */
const ROUNDING = 1e-3;

const columns: Readonly<Record<ColumnId, Column>> = {
  time: {
    head: (unit) => UNIT_WORDS[unit].time,
    title: "Median, and half its 95 % interval.",
    unit: "s",
    cell: ({ time, measured }) => ({
      text: `${measured ? "" : "≈ "}${formatSeconds(time.value)}`,
      more: spreadText(time),
      key: time.value,
    }),
    scale: "log",
  },
  gain: {
    head: (_unit, baseline) => `× over ${baseline}`,
    title: "Times as fast as the baseline.",
    unit: "",
    cell: ({ gain, entry }) => ({
      text: gain === null ? "–" : formatRatio(gain.value),
      more: entry.baseline === entry.place ? "baseline" : "",
      key: gain?.value ?? null,
    }),
    scale: "log",
  },
  pays: {
    head: () => "pays from",
    title: "Faster than the baseline from here on (95 % interval), within the lengths measured.",
    unit: null,
    cell: ({ entry: { pays } }) => ({
      text: pays.text,
      more: "",
      key: pays.kind === "never" ? NOT_YET : pays.from,
      drawn: pays.from,
    }),
    scale: "log",
  },
  growth: {
    head: () => "grows as",
    title: "Exponent fitted on time with its 95 % interval, and the declared one of its work.",
    unit: null,
    cell: growthCell,
    scale: "share",
  },
  state: {
    head: () => "decoding keeps",
    title: "What is kept of the tokens before when decoding: bytes, or whether they grow.",
    unit: null,
    cell: stateCell,
    scale: "log",
  },
  saved: {
    head: () => "saved",
    title: "What the forward pass leaves for the backward pass.",
    unit: "bytes",
    cell: ({ saved }) => ({ text: saved === null ? "–" : formatBytes(saved), more: "", key: saved }),
    scale: "log",
  },
  memory: {
    head: () => "memory",
    title: "Workspace, besides inputs and output.",
    unit: "bytes",
    cell: ({ memory }) => ({ text: memory === null ? "–" : formatBytes(memory), more: "", key: memory }),
    scale: "log",
  },
  error: {
    head: () => "error",
    title: "Relative distance to full attention on this input; in brackets to something else.",
    unit: "",
    cell: errorCell,
    scale: "log",
    floor: ROUNDING,
  },
};

/** The table of a ranking: columns of which nothing is known are omitted. `baseline` is what speeds are over. */
export function rankingTable({ ranked }: Ranking, baseline: string): RankingTable {
  const unit = ranked[0]?.entry.unit ?? "pass";
  const known = Object.entries(columns).flatMap(([id, column]) => {
    const cells = ranked.map(column.cell);
    if (cells.every(({ text, key }) => text === "–" && key === null)) return [];
    const bars = barsOf(
      cells.map(({ key, drawn = key }) => drawn),
      column,
    );
    const head = {
      id: id as ColumnId,
      text: column.head(unit, baseline),
      title: column.title,
      unit: column.unit,
    };
    return [{ head, cells: cells.map(({ text, more, key }, row) => ({ text, more, key, bar: bars[row] })) }];
  });
  return {
    heads: known.map(({ head }) => head),
    rows: ranked.map((one, row) => ({ ranked: one, cells: known.map(({ cells }) => cells[row]) })),
  };
}

/** Entries that have no time at the ranking's length, by why: `measured to 2k: performer, rfa`. */
export function unrankedTexts({ unranked }: Ranking): readonly string[] {
  return [...Map.groupBy(unranked, ({ why }) => why)].map(
    ([why, alike]) => `${why}: ${namesText(alike.map(({ entry }) => entry.label))}`,
  );
}

/** Names in one sentence: of many the first three, since the table of all cases has them all. */
function namesText(names: readonly string[]): string {
  if (names.length <= MOST_NAMED) return names.join(", ");
  return `${names.slice(0, FIRST_NAMED).join(", ")} and ${names.length - FIRST_NAMED} more`;
}

const MOST_NAMED = 6;
const FIRST_NAMED = 3;

/** `Fastest at 4k: linear, 1.23 ms, 12× as fast as full.`; those that it cannot be told from are named or counted. */
export function rankingAnswer({ length, ranked, unranked }: Ranking, baseline: string): string {
  const [first, ...others] = ranked;
  if (first === undefined) {
    return unranked.length === 0
      ? "No variant meets these conditions."
      : `Nothing was measured around ${formatLength(length)}.`;
  }
  const { entry, time, gain, measured } = first;
  const alike = others.filter((one) => !isSlower(one.time, time)).map((one) => one.entry.label);
  const or = alike.length === 0 ? "" : alike.length === 1 ? ` or ${alike[0]}` : ` or ${alike.length} more`;
  const over =
    gain === null || entry.baseline === entry.place
      ? ""
      : `, ${formatRatio(gain.value)} as fast as ${baseline}`;
  const { fastest, at } = UNIT_WORDS[entry.unit];
  return `${fastest} at ${at}${formatLength(length)}: ${entry.label}${or}, ${measured ? "" : "about "}${formatSeconds(time.value)}${over}.`;
}

function spreadText({ value, low, high }: Measured): string {
  return low === null || high === null ? "" : `±${narrowPercent((high - low) / 2 / value)}`;
}

function growthCell({ entry: { growth, unit } }: Ranked): Told {
  const declared = Number(growth.declared.toFixed(2));
  if (growth.slope !== null) return { text: growth.text, more: `(${declared})`, key: growth.slope };
  return { text: `${unit === "step" ? "P" : "N"}^${declared}`, more: "declared", key: null };
}

function stateCell({ state, entry: { traits, unit } }: Ranked): Told {
  if (state !== null) {
    return { text: formatBytes(state), more: traits?.state === "constant" ? "constant" : "", key: state };
  }
  const words = { constant: "constant", grows: "grows", none: "not decoded" };
  const text = traits === null || unit !== "pass" ? "–" : words[traits.state];
  return { text, more: "", key: null };
}

function errorCell({ error, entry: { against } }: Ranked): Told {
  if (error === null) return { text: "–", more: "", key: null };
  const text = error < ROUNDING ? "< 0.1 %" : formatPercent(error);
  return { text: against === null ? text : `(${text})`, more: "", key: error };
}

/** What of a bar is always seen. */
const LEAST = 0.04;

function barsOf(keys: readonly (number | null)[], { scale, floor = 0 }: Column): readonly (number | null)[] {
  const drawn = keys.map((key) => (key === null ? 0 : Math.max(key, floor)));
  const most = drawn.reduce((a, b) => Math.max(a, b), 0);
  const least = drawn.reduce((a, b) => (b > 0 ? Math.min(a, b) : a), most);
  return drawn.map((value) => {
    if (!(value > 0)) return null;
    if (scale === "share") return value / most;
    return most === least ? 1 : LEAST + ((1 - LEAST) * Math.log(value / least)) / Math.log(most / least);
  });
}
