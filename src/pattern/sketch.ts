import type { BoundPattern, Intervals, Pattern } from "../core/pattern.ts";
import type { SketchedArea } from "../core/pattern-sketch.ts";
import { intersect, subtract, unite } from "./intervals.ts";

/** Parts from top to bottom: a pair that several attend is shown as the first of them. */
const order: readonly SketchedArea["role"][] = ["full", "global", "local", "stride", "other", "random"];

interface Part {
  readonly role: SketchedArea["role"];
  readonly bound: BoundPattern;
}

/** The attended pairs of the first head as rectangles, each of the part that attends them. */
export function sketch(pattern: Pattern, length: number, causal: boolean): readonly SketchedArea[] {
  const context = { length, head: 0 };
  const whole = pattern.bind(context);
  const parts: readonly Part[] = (pattern.parts.length > 0 ? pattern.parts : [pattern])
    // A part that draws from the rest has what the others leave of the whole.
    .map(
      (part): Part => ({
        role: part.role ?? "other",
        bound: part.drawsFromRest ? whole : part.bind(context),
      }),
    )
    .sort((a, b) => order.indexOf(a.role) - order.indexOf(b.role));
  const done: SketchedArea[] = [];
  let open: readonly SketchedArea[] = [];
  for (let query = 0; query < length; query++) {
    const allowed = causal ? [0, query + 1] : [0, length];
    open = rowAreas(parts, query, allowed).map((area) => {
      const above = open.find((one) => sameKeys(one, area));
      return above === undefined ? area : { ...area, rowFrom: above.rowFrom };
    });
    // An area that the next row continues is replaced there.
    for (const area of open) {
      const at = done.findIndex(
        (one) => one.rowTo === query && one.rowFrom === area.rowFrom && sameKeys(one, area),
      );
      if (at === -1) done.push(area);
      else done[at] = area;
    }
  }
  return done;
}

function rowAreas(parts: readonly Part[], query: number, allowed: Intervals): readonly SketchedArea[] {
  const areas: SketchedArea[] = [];
  let covered: Intervals = [];
  for (const { role, bound } of parts) {
    const keys = subtract(intersect(bound.intervals(query), allowed), covered);
    covered = unite(covered, keys);
    for (let at = 0; at < keys.length; at += 2) {
      areas.push({ role, rowFrom: query, rowTo: query + 1, keyFrom: keys[at], keyTo: keys[at + 1] });
    }
  }
  return areas;
}

function sameKeys(a: SketchedArea, b: SketchedArea): boolean {
  return a.role === b.role && a.keyFrom === b.keyFrom && a.keyTo === b.keyTo;
}
