import type { SortableCell } from "./sort-order.ts";

/** A cell as far as it is written. */
interface WrittenCell extends SortableCell {
  readonly dataset: { readonly sort?: string; readonly unit?: string };
  readonly colSpan: number;
}

/** A row as far as it is written. */
interface WrittenRow {
  readonly cells: Iterable<WrittenCell>;
}

/**
 * Rows of a table as CSV with their head. A column whose head names a unit is written as numbers in that unit, empty if
 * missing; the others as they are read.
 */
export function cellsAsCsv(heads: Iterable<WrittenCell>, rows: readonly WrittenRow[]): string {
  const columns = [...heads].map(({ dataset: { unit }, textContent }) => ({
    text: textOf(textContent),
    unit: unit ?? null,
  }));
  const head = columns.map(({ text, unit }) => (unit === null || unit === "" ? text : `${text} (${unit})`));
  const lines = rows.map(({ cells }) => {
    const line: string[] = [];
    for (const { dataset, textContent, colSpan } of cells) {
      const isNumber = colSpan === 1 && dataset.sort !== undefined && columns[line.length]?.unit !== null;
      line.push(isNumber ? (dataset.sort ?? "") : textOf(textContent), ...Array(colSpan - 1).fill(""));
    }
    return line;
  });
  return [head, ...lines].map((line) => `${line.map(written).join(",")}\n`).join("");
}

function textOf(text: string | null): string {
  return (text ?? "").replace(/\s+/g, " ").trim();
}

/** Quoted where CSV needs it; a text that a spreadsheet would take for a formula is defused, as in the files of a run. */
function written(text: string): string {
  const isFormula = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(text) && !Number.isFinite(Number(text));
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
