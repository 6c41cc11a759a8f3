import { type KeyMask, maskText } from "../core/call-settings.ts";
import { UsageError } from "../core/errors.ts";
import type { BoundPattern, Comb, Pattern } from "../core/pattern.ts";
import { bound } from "./bound.ts";
import { withRest } from "./gathered.ts";
import { intersect, interval } from "./intervals.ts";
import { takesEdges } from "./with-edges.ts";

/**
 * The pattern restricted to keys `i - left <= j <= i + right` and `from <= j < to`: a window, padding, or
 * both. Draws are made before the restriction.
 */
export function within(pattern: Pattern, mask: KeyMask): Pattern {
  const limits = limitsOf(mask);
  return {
    ...pattern,
    text: `within(${pattern.text}, ${maskText(mask)})`,
    parts: [],
    terms: () => ({}),
    ...takesEdges([pattern], ([given]) => within(given, mask)),
    bind: (context) => limited(pattern.bind(context), limits),
  };
}

/** A pattern at one length between such limits. */
function limited(whole: BoundPattern, limits: Limits): BoundPattern {
  const { from, left, right, to } = limits;
  const { length } = whole;
  /** Keys from the first that row `first` may attend, up to the last that row `last` may. */
  const between = (first: number, last: number) =>
    interval(Math.max(from, first - left), Math.min(to, last + right + 1), length);
  const { repeats } = whole;
  return bound({
    length,
    attends: (query, key) =>
      query - left <= key && key <= query + right && from <= key && key < to && whole.attends(query, key),
    runs: (query) => intersect(whole.runs(query), between(query, query)),
    someRuns: (start, end) => intersect(whole.someRuns(start, end), between(start, end - 1)),
    everyRuns: (start, end) => intersect(whole.everyRuns(start, end), between(end - 1, start)),
    ...(repeats && {
      // A window moves along the diagonal, padding stays in place.
      repeats: (area, by) => {
        const low = Math.min(area.keyFrom, area.keyFrom + by);
        const high = Math.max(area.keyTo, area.keyTo + by);
        return from <= low && Math.min(high, length) <= to && repeats(area, by);
      },
    }),
    gathered: withRest(whole.gathered, (rest) => limited(rest, limits)),
    combs: whole.combs.map((comb): Comb => {
      const cut = { ...comb, left: Math.min(comb.left, left), right: Math.min(comb.right, right) };
      if (from === 0 && to === Number.POSITIVE_INFINITY) return cut;
      return { ...cut, from: Math.max(comb.from ?? 0, from), to: Math.min(comb.to ?? to, to) };
    }),
  });
}

type Limits = ReturnType<typeof limitsOf>;

function limitsOf({ left, right, from, to }: KeyMask) {
  const limits = { left: left ?? Infinity, right: right ?? Infinity, from, to: to ?? Infinity };
  for (const [name, limit] of Object.entries(limits)) {
    if (Number.isInteger(limit) || (limit === Number.POSITIVE_INFINITY && name !== "from")) continue;
    throw new UsageError(`mask: ${name} must be an integer, got ${limit}`);
  }
  if (!(from >= 0 && from < limits.to)) {
    throw new UsageError(`mask: must leave a key, got from ${from} to ${limits.to}`);
  }
  return limits;
}
