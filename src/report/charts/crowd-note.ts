// Runs in the page as well: imports nothing.

/** Says below a title that of so many lines so many are coloured; nothing if all are. */
export function crowdNote(lit: number, all: number): readonly string[] {
  return lit === all ? [] : [`${lit} of ${all} coloured: the fastest; the others are grey`];
}
