import type { BoundPattern, Gathered } from "../core/pattern.ts";

/** The same classes beside another rest: what restricts a pattern restricts the rest, and pairs of classes are its runs'. */
export function withRest(
  gathered: Gathered | undefined,
  restricted: (rest: BoundPattern) => BoundPattern,
): Gathered | undefined {
  if (gathered === undefined) return undefined;
  const { orders, rest } = gathered;
  return { orders, rest: rest === null ? null : restricted(rest) };
}
