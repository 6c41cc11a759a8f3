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

/**
 * The lines below a chart's title: those in `notes` of `usermeta`, which hold whatever is seen, or those that name or count what
 * is.
 */
export function notesOf(usermeta: unknown, { drawn, hidden, lit }: Seen): readonly string[] {
  const fixed = fixedIn(usermeta);
  if (fixed !== null) return fixed;
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

function fixedIn(usermeta: unknown): readonly string[] | null {
  if (typeof usermeta !== "object" || usermeta === null || !("notes" in usermeta)) return null;
  return Array.isArray(usermeta.notes) ? usermeta.notes.map(String) : null;
}

function leftOutIn(usermeta: unknown): LeftOut | null {
  if (typeof usermeta !== "object" || usermeta === null || !("leftOut" in usermeta)) return null;
  return usermeta.leftOut as LeftOut;
}
