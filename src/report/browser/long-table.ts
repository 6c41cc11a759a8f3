import { saveFile } from "./save-file.ts";
import { sortableHeads } from "./sortable-heads.ts";
import { cellsAsCsv } from "./table-csv.ts";

/** A table whose rows can be sorted, searched, turned over and downloaded. */
export interface LongTable {
  /** Takes the head and the rows of another table in the place of its own, and keeps what was sorted and searched. */
  take(other: HTMLTableElement): void;
  /** Leaves out the rows for which this holds, until told otherwise. */
  hide(isHidden: (row: HTMLTableRowElement) => boolean): void;
}

/** Rows of a page, unless the table says another number in `data-page`. */
const PAGE = 25;

/**
 * Makes a table answer. The heads sort; where there are more rows than a page has, what searches them and turns the
 * pages stands above, and what downloads all that were found. `onSearch` hears what is found, null if nothing is sought.
 */
export function longTable(
  table: HTMLTableElement,
  onSearch: (found: readonly HTMLTableRowElement[] | null) => void = () => {},
): LongTable {
  const page = Number(table.dataset.page ?? PAGE);
  let isHidden: (row: HTMLTableRowElement) => boolean = () => false;
  let first = 0;
  let all = false;
  const tools = toolbar(table);
  const heads = sortableHeads(table, () => show(0));

  const show = (from: number) => {
    const rows = heads.sorted();
    const open = rows.filter((row) => !isHidden(row));
    const query = tools.search.value;
    const found = open.filter((row) => matches(row.textContent, query));
    first = Math.max(0, Math.min(from, found.length - 1));
    first -= first % page;
    const seen = new Set(all || found.length <= page ? found : found.slice(first, first + page));
    const those = new Set(found);
    for (const row of rows) {
      row.hidden = !those.has(row);
      // Paper has no pages of a table to turn.
      row.classList.toggle("off-page", !row.hidden && !seen.has(row));
    }
    tools.bar.hidden = rows.length <= page;
    const paged = seen.size < found.length;
    tools.count.textContent = countOf({
      first: paged ? first + 1 : null,
      seen: seen.size,
      found: found.length,
      open: open.length,
    });
    tools.before.disabled = !paged || first === 0;
    tools.after.disabled = !paged || first + page >= found.length;
    tools.all.hidden = found.length <= page;
    tools.all.setAttribute("aria-pressed", `${all}`);
    return found;
  };

  tools.search.addEventListener("input", () => {
    const found = show(0);
    onSearch(tools.search.value.trim() === "" ? null : found);
  });
  tools.before.addEventListener("click", () => show(first - page));
  tools.after.addEventListener("click", () => show(first + page));
  tools.all.addEventListener("click", () => {
    all = !all;
    show(0);
  });
  tools.csv.addEventListener("click", () => {
    const text = cellsAsCsv(table.tHead?.rows[0]?.cells ?? [], show(first));
    saveFile(new Blob([text], { type: "text/csv" }), `${nameOf(table).replace(/[^\w-]+/g, "-")}.csv`);
  });
  show(0);
  return {
    take(other) {
      heads.take(other);
      show(first);
    },
    hide(test) {
      isHidden = test;
      show(first);
    },
  };
}

/** Whether a text holds every word of the query, in whatever case and order. */
export function matches(text: string | null, query: string): boolean {
  const within = (text ?? "").toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => within.includes(word));
}

/** `1–25 of 640`, `3 of 640 found`, `all 640`; `first` is null if all that were found are seen. */
export function countOf(counts: {
  readonly first: number | null;
  readonly seen: number;
  readonly found: number;
  readonly open: number;
}): string {
  const { first, seen, found, open } = counts;
  const those = found < open ? `${found} found of ${open}` : `${open}`;
  if (first === null) return found < open ? those : `all ${open}`;
  return `${first}–${first + seen - 1} of ${those}`;
}

interface Toolbar {
  readonly bar: HTMLElement;
  readonly search: HTMLInputElement;
  readonly count: HTMLOutputElement;
  readonly before: HTMLButtonElement;
  readonly after: HTMLButtonElement;
  readonly all: HTMLButtonElement;
  readonly csv: HTMLButtonElement;
}

function toolbar(table: HTMLTableElement): Toolbar {
  const bar = document.createElement("div");
  bar.className = "tools";
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", `rows of ${nameOf(table)}`);
  const label = document.createElement("label");
  const search = document.createElement("input");
  search.type = "search";
  search.autocomplete = "off";
  label.append("search ", search);
  const [before, after, all, csv] = [
    button("‹", "rows before"),
    button("›", "rows after"),
    button("all"),
    button("CSV", "download as CSV"),
  ];
  const count = document.createElement("output");
  bar.append(label, " ", before, " ", count, " ", after, " ", all, " ", csv);
  (table.closest(".scroll") ?? table).before(bar);
  return { bar, search, count, before, after, all, csv };
}

/** What its frame calls the table. */
function nameOf(table: HTMLTableElement): string {
  return table.closest(".scroll")?.getAttribute("aria-label") ?? "table";
}

function button(text: string, title?: string): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  if (title !== undefined) {
    made.title = title;
    made.setAttribute("aria-label", title);
  }
  return made;
}
