import { crowdNote } from "../charts/crowd-note.ts";
import { type LeftOut, leftOut } from "../charts/left-out.ts";

/** What is to be seen of a chart. */
export interface Seen {
  /** The names of the series that its rows are of, and of those that are left out. */
  readonly drawn: ReadonlySet<string>;
  readonly hidden: ReadonlySet<string>;
  /** Of those that are coloured; null where all are. */
  readonly lit: ReadonlySet<string> | null;
}

/** The lines below a chart's title, which name or count what is seen; `usermeta` is the chart's. */
export function notesOf(usermeta: unknown, { drawn, hidden, lit }: Seen): readonly string[] {
  const absent = leftOutIn(usermeta);
  if (absent !== null) {
    return leftOut({
      ...absent,
      without: absent.without.filter((label) => !hidden.has(label)),
      apart: absent.apart.filter(({ label }) => !hidden.has(label)),
    });
  }
  const seen = drawn.difference(hidden);
  return lit === null ? [] : crowdNote(seen.intersection(lit).size, seen.size);
}

function leftOutIn(usermeta: unknown): LeftOut | null {
  if (typeof usermeta !== "object" || usermeta === null || !("leftOut" in usermeta)) return null;
  return usermeta.leftOut as LeftOut;
}
