import { UsageError } from "../core/errors.ts";
import type { BoundPattern, Comb, Intervals, Pattern, PatternContext } from "../core/pattern.ts";
import { bound } from "./bound.ts";
import { unite } from "./intervals.ts";

/** Every pair that at least one part attends, counted once. Parts that draw from the rest bind last. */
export function union(...parts: readonly Pattern[]): Pattern {
  if (parts.length === 0)
    throw new UsageError("union: at least one part is needed, got none; leave one part switched on");
  return {
    text: parts.length === 1 ? parts[0].text : `union(${parts.map((part) => part.text).join(", ")})`,
    perHead: parts.some((part) => part.perHead),
    drawsFromRest: parts.some((part) => part.drawsFromRest),
    bind(context) {
      const bindings = context.rest === undefined ? [] : [context.rest];
      const own: BoundPattern[] = [];
      const fixedFirst = [...parts].sort((a, b) => Number(a.drawsFromRest) - Number(b.drawsFromRest));
      for (const part of fixedFirst) own.push(part.bind(withRest(context, [...bindings, ...own])));
      return own.length === 1 ? own[0] : together(own);
    },
  };
}

function withRest({ length, head }: PatternContext, rest: readonly BoundPattern[]): PatternContext {
  return rest.length === 0
    ? { length, head }
    : { length, head, rest: rest.length === 1 ? rest[0] : together(rest) };
}

function together(parts: readonly BoundPattern[]): BoundPattern {
  const merge = (rangesOf: (part: BoundPattern) => Intervals): Intervals => {
    let merged = rangesOf(parts[0]);
    for (let index = 1; index < parts.length; index++) merged = unite(merged, rangesOf(parts[index]));
    return merged;
  };
  return bound({
    length: parts[0].length,
    attends: (query, key) => parts.some((part) => part.attends(query, key)),
    runs: (query) => merge((part) => part.runs(query)),
    someRuns: (from, to) => merge((part) => part.someRuns(from, to)),
    everyRuns: (from, to) => merge((part) => part.everyRuns(from, to)),
    combs: distinctCombs(parts.flatMap((part) => part.combs)),
  });
}

function distinctCombs(combs: readonly Comb[]): readonly Comb[] {
  return combs.filter(
    (comb, index) =>
      !combs.some(
        (other, at) =>
          at < index &&
          other.stride === comb.stride &&
          other.left === comb.left &&
          other.right === comb.right,
      ),
  );
}
