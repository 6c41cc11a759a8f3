import { type SortableCell, type SortKey, sortKey, sortOrder } from "./sort-order.ts";

/** The heads of a table as buttons. */
interface SortableHeads {
  /** All rows in the order that was asked for, in which they now stand. */
  sorted(): readonly HTMLTableRowElement[];
  /** Takes the head and the rows of another table, and sorts them by the column of the same name as before. */
  take(other: HTMLTableElement): void;
}

interface Sorting {
  readonly column: string;
  readonly direction: "ascending" | "descending";
}

/** Turns the heads of a table into buttons that sort its rows: rising, falling, and as they were. Tells what was asked. */
export function sortableHeads(table: HTMLTableElement, onSort: () => void): SortableHeads {
  let home = homeOf(table);
  let sorting: Sorting | null = null;
  let names: readonly string[] = [];

  const order = () => {
    const rows = home.flatMap((one) => one.rows);
    const column = sorting === null ? -1 : names.indexOf(sorting.column);
    for (const [place, head] of headsOf(table).entries()) {
      if (place === column && sorting !== null) head.setAttribute("aria-sort", sorting.direction);
      else head.removeAttribute("aria-sort");
    }
    if (sorting === null || column === -1) {
      for (const one of home) one.body.append(...one.rows);
      return rows;
    }
    const keys = rows.map((row) => keyAt([...row.cells], column));
    const sorted = sortOrder(keys, sorting.direction).map((place) => rows[place]);
    home[0]?.body.append(...sorted);
    return sorted;
  };

  const dress = () => {
    names = headsOf(table).map((head) => head.textContent ?? "");
    for (const [place, head] of headsOf(table).entries()) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const direction = nextDirection(head.getAttribute("aria-sort"));
        sorting = direction === null ? null : { column: names[place], direction };
        onSort();
      });
    }
  };

  dress();
  return {
    sorted: order,
    take(other) {
      // Those that stay are kept, so that the focus does not leave them.
      if (
        headsOf(other)
          .map((head) => head.textContent)
          .join("\n") !== names.join("\n")
      ) {
        table.tHead?.replaceWith(other.tHead ?? "");
        dress();
      }
      for (const body of [...table.tBodies]) body.remove();
      table.append(...other.tBodies);
      home = homeOf(table);
    },
  };
}

function headsOf(table: HTMLTableElement): readonly HTMLTableCellElement[] {
  return [...(table.tHead?.rows[0]?.cells ?? [])];
}

function homeOf(table: HTMLTableElement) {
  return [...table.tBodies].map((body) => ({ body, rows: [...body.rows] }));
}

/** The direction that a click on a head asks for; null for the rows as they were. */
export function nextDirection(current: string | null): "ascending" | "descending" | null {
  if (current === "ascending") return "descending";
  return current === "descending" ? null : "ascending";
}

/** The key of a row in a column. A cell that spans columns says why they have no value: it counts as missing. */
export function keyAt(
  cells: readonly (SortableCell & { readonly colSpan: number })[],
  column: number,
): SortKey {
  let at = 0;
  for (const cell of cells) {
    at += cell.colSpan;
    if (column < at) return cell.colSpan > 1 ? null : sortKey(cell);
  }
  return null;
}
