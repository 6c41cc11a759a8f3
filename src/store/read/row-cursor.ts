import type { Cell, Row } from "../column.ts";
import { MOST_RUN_BYTES } from "./limits.ts";
import { refused, type StorePlace } from "./refused.ts";

/** A row of a table, and where it stands. */
export interface PlacedRow {
  readonly row: Row;
  readonly place: StorePlace;
}

/** Goes through the rows of a table once. */
export interface RowCursor {
  /** The next row; null after the last. */
  next(): Promise<PlacedRow | null>;
  /** The next rows, as long as they are of this run. */
  take(run: number): Promise<readonly PlacedRow[]>;
}

/** A cursor over the rows of the table that messages call so. */
export function rowCursor(name: string, batches: AsyncGenerator<readonly Row[], void, void>): RowCursor {
  let held: readonly Row[] = [];
  let at = 0;
  let row = 0;
  const peek = async (): Promise<Row | null> => {
    while (at >= held.length) {
      const next = await batches.next();
      if (next.done === true) return null;
      held = next.value;
      at = 0;
    }
    return held[at];
  };
  const step = (): PlacedRow => ({ row: held[at++], place: { name, row: ++row } });
  return {
    next: async () => ((await peek()) === null ? null : step()),
    async take(run) {
      const taken: PlacedRow[] = [];
      let bytes = 0;
      for (;;) {
        // Those already read need no promise.
        const next = at < held.length ? held[at] : await peek();
        if (next === null || next.run !== run) return taken;
        const one = step();
        taken.push(one);
        for (const cell of Object.values(one.row)) bytes += sizeOf(cell);
        if (bytes > MOST_RUN_BYTES) {
          throw refused(one.place, `the rows of a run must take at most ${MOST_RUN_BYTES} bytes, got more`);
        }
      }
    },
  };
}

function sizeOf(cell: Cell): number {
  if (typeof cell === "string") return cell.length;
  return typeof cell === "object" && cell !== null ? 8 * cell.length : 8;
}
