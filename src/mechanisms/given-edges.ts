import type { CallSettings } from "../core/call-settings.ts";
import type { Edges } from "../core/edges.ts";
import { UsageError } from "../core/errors.ts";
import type { ParameterValues } from "../core/parameters.ts";
import type { ParameterizedVariant } from "../core/variant.ts";
import type { CaseIdentity } from "../record/schema/result-lines.ts";
import type { Kinds } from "./kinds.ts";

/** The edges of a call over which a variant is computed; null if it takes none, or the call has none. */
export function givenEdges(
  variant: ParameterizedVariant,
  { edges }: CallSettings,
  kinds: Kinds,
): Edges | null {
  if (edges === undefined) return null;
  const { mechanism, kind } = kinds.judged(variant);
  if (kind.pattern(mechanism).withEdges === undefined) return null;
  // A kind of a plug-in may leave the call's edges alone.
  return kind.pattern(kind.under(mechanism, { edges })).withEdges === undefined ? edges : null;
}

/** The parameters that say something about a variant that is computed over given edges: not how to draw some. */
export function paramsBesideEdges({ params, drawing = [] }: ParameterizedVariant): ParameterValues {
  return Object.fromEntries(Object.entries(params).filter(([name]) => !drawing.includes(name)));
}

/** Refuses settings that say how to draw edges that are given. */
export function refuseDrawing(
  { id, drawing = [] }: ParameterizedVariant,
  overrides: Readonly<Record<string, unknown>>,
): void {
  const typed = drawing.find((name) => Object.hasOwn(overrides, name));
  if (typed === undefined) return;
  throw new UsageError(
    `--set: ${id}.${typed} says how edges are drawn, and the input has its own; omit it, or the input's edges`,
  );
}

/**
 * The edges of a case's call. They are not in a results file: they are those of its input, which must still have as many.
 */
export function edgesOfCase(
  { given_edges }: Pick<CaseIdentity, "given_edges">,
  { edges }: CallSettings,
): Edges | undefined {
  if (given_edges === undefined || edges?.indices.length === given_edges) {
    return given_edges === undefined ? undefined : edges;
  }
  throw new UsageError(
    `plan: the input must have ${given_edges} edges, each node's own among them, got ${edges?.indices.length ?? "none"}; restore it, or plan anew`,
  );
}
