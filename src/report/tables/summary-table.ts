import type { CaseRow } from "../../record/case-row.ts";
import { cutName } from "../../text/cut-text.ts";
import { formatLength } from "../../text/format.ts";
import { type Column, textColumns, widthOf } from "../../text/text-columns.ts";
import { fullPatterns } from "../full-patterns.ts";
import { exponentNumber } from "../growth.ts";
import { partOf } from "../parts.ts";
import { lengthsOf, type Series, seriesOf } from "../series.ts";
import { partsOf } from "../units.ts";
import { unmeasuredLines } from "../unmeasured.ts";
import { wordsFor } from "../words.ts";
import { type Cell, cellOf } from "./cell.ts";
import { fairTable, PAPER_LINE } from "./fair-table.ts";
import { limitBlock } from "./limit-block.ts";

/**
 * Every cell of a run: series by length, each cell the median with its interval's half width and the
 * speed-up over the baseline, then the fitted exponent of time with half its interval beside the declared
 * one; below it how near the series come to their limits, and why cases have no time. Lines are at most
 * `width` characters long, except the notes below: if the columns need more, times and speed-ups take a block
 * each, and lengths continue in further blocks.
 */
export function summaryTable(rows: readonly CaseRow[], width = 100): string {
  return partsOf({ rows })
    .map((part) => partTable(part.rows, width))
    .join("\n\n");
}

function partTable(rows: readonly CaseRow[], width: number): string {
  const series = seriesOf(rows);
  if (series.length === 0) return "no case was run";
  const words = wordsFor(series);
  const lengths = lengthsOf(series);
  const names = nameColumn(series, width);
  const cells = lengths.map((length) => series.map((one) => cellOf(one, length)));
  const columns = (text: (cell: Cell) => string) =>
    lengths.map((length, index) => ({ head: formatLength(length), cells: cells[index].map(text) }));
  const times = columns((cell) => cell.time);
  const gains = columns((cell) => cell.speedUp);
  const growth = growthColumns(series);
  const compared = series.flatMap((_, row) => (gains.some((gain) => gain.cells[row] !== "") ? [row] : []));

  const both = times.map((time, index) => sideBySide(time, gains[index]));
  const lines: string[] = words.summaryTitle === "" ? [] : [words.summaryTitle];
  if (compared.length === 0 || widthOf([names, ...both, ...growth]) <= width) {
    lines.push(...textColumns(names, [...both, ...growth], width));
  } else {
    lines.push(...textColumns(names, [...times, ...growth], width), "", `speed-up over ${words.baseline}`);
    lines.push(
      ...textColumns(
        only(compared, names),
        gains.map((gain) => only(compared, gain)),
        width,
      ),
    );
  }
  const limits = limitBlock(series);
  if (limits !== null) lines.push("", limits.title, ...textColumns(names, limits.columns, width));
  lines.push(...fairLines(series, width));
  const notes = [...paperNote(series), ...caseNotes(rows, width)];
  return [...lines, ...(notes.length === 0 ? [] : [""]), ...notes].join("\n");
}

/** What to know of some cases: that they have no interval, that a pattern attends all, and why they have no time. */
export function caseNotes(rows: readonly CaseRow[], width = 100): readonly string[] {
  return [
    ...fewRounds(seriesOf(rows)),
    ...fullPatterns(rows).flatMap((note) => wrapped(note, width)),
    ...unmeasuredLines(rows),
  ];
}

function nameColumn(series: readonly Series[], width: number): Column {
  // Names may take a third of the width: the rest is for numbers.
  const limit = Math.max(8, Math.floor(width / 3));
  return { head: "variant", cells: series.map((one) => cutName(one.label, limit)) };
}

function sideBySide(time: Column, gain: Column): Column {
  const bracketed = gain.cells.map((text) => (text === "" ? "" : ` (${text})`));
  const width = Math.max(...bracketed.map((text) => text.length));
  return { head: time.head, cells: time.cells.map((text, row) => text + bracketed[row].padStart(width)) };
}

function only(rows: readonly number[], { head, cells }: Column): Column {
  return { head, cells: rows.map((row) => cells[row]) };
}

/** The unfair and the fair ratio to softmax, by tokens generated from nothing. */
function fairLines(series: readonly Series[], width: number): readonly string[] {
  const table = fairTable(series);
  if (table === null) return [];
  const { tokens, rows } = table;
  const limit = Math.max(8, Math.floor(width / 2));
  const names = {
    head: "tokens",
    cells: rows.map(({ name, over }) => cutName(`${name} over ${over}`, limit)),
  };
  const columns = tokens.map((count, index) => ({
    head: formatLength(count),
    cells: rows.map(({ cells }) => cells[index].ratio),
  }));
  const title = "times faster than softmax, by tokens generated: recomputed is unfair";
  return ["", cutName(title, width), ...textColumns(names, columns, width)];
}

function paperNote(series: readonly Series[]): readonly string[] {
  return fairTable(series) === null ? [] : [PAPER_LINE];
}

function growthColumns(series: readonly Series[]): readonly Column[] {
  const growth = series.map((one) => partOf(series).growth(one));
  const declared = { head: "declared", cells: growth.map((one) => `${Number(one.declared.toFixed(2))}`) };
  if (growth.every(({ time }) => time === null)) return [declared];
  const cells = growth.map(({ time }) => (time === null ? "–" : exponentNumber(time).replace("± ", "±")));
  return [{ head: "slope", cells }, declared];
}

function fewRounds(series: readonly Series[]): readonly string[] {
  const rounds = series.flatMap((one) => one.rows.filter((row) => row.rounds > 0 && row.low_s === null));
  if (rounds.length === 0) return [];
  const least = Math.min(...rounds.map((row) => row.rounds));
  const most = Math.max(...rounds.map((row) => row.rounds));
  const got = least === most ? `${least}` : `${least} to ${most}`;
  return [`no interval: it needs six rounds, got ${got}; raise --rounds or --budget`];
}

/** Lines of whole words, each at most `width` characters long. */
function wrapped(text: string, width: number): readonly string[] {
  const lines = [""];
  for (const word of text.split(" ").map((one) => cutName(one, width - 2))) {
    const last = lines[lines.length - 1];
    const longer = last === "" ? word : `${last} ${word}`;
    if ([...longer].length <= width) lines[lines.length - 1] = longer;
    else lines.push(`  ${word}`);
  }
  return lines;
}
