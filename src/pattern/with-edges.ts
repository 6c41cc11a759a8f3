import type { Edges } from "../core/edges.ts";
import type { Pattern } from "../core/pattern.ts";

/**
 * What a pattern that is made of others says of edges that a call gives: it is made anew of those with these
 * edges, if any of them takes some.
 */
export function takesEdges(
  parts: readonly Pattern[],
  make: (parts: readonly Pattern[]) => Pattern,
): Pick<Pattern, "withEdges"> {
  if (parts.every(({ withEdges }) => withEdges === undefined)) return {};
  return { withEdges: (given: Edges) => make(parts.map((part) => part.withEdges?.(given) ?? part)) };
}
