import { type SortableCell, type SortKey, sortKey, sortOrder } from "./sort-order.ts";

/** Turns the heads of a table into buttons that sort its rows: rising, falling, and as they were. */
export function sortableTable(table: HTMLTableElement): void {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
  const bodies = [...table.tBodies];
  const home = bodies.map((body) => ({ body, rows: [...body.rows] }));
  const rows = home.flatMap((one) => one.rows);
  for (const [column, head] of heads.entries()) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const direction = nextDirection(head.getAttribute("aria-sort"));
      for (const other of heads) other.removeAttribute("aria-sort");
      if (direction === null) {
        for (const one of home) one.body.append(...one.rows);
        return;
      }
      head.setAttribute("aria-sort", direction);
      const keys = rows.map((row) => keyAt([...row.cells], column));
      bodies[0]?.append(...sortOrder(keys, direction).map((place) => rows[place]));
    });
  }
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
