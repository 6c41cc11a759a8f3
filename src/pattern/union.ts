import { UsageError } from "../core/errors.ts";
import type { BoundPattern, Comb, Gathered, Intervals, Pattern, PatternContext } from "../core/pattern.ts";
import { bound } from "./bound.ts";
import { leastCommonMultiple } from "./comb-arithmetic.ts";
import { definedFor } from "./defined-for.ts";
import { unite } from "./intervals.ts";
import { commonImage } from "./of-image.ts";
import { unitedTerms } from "./united-terms.ts";
import { takesEdges } from "./with-edges.ts";

/**
 * Combs of one union. Counting their pairs goes through every subset, so that many more would take too long.
 */
const MOST_COMBS = 12;

/**
 * Every pair that at least one part attends, counted once. A union within a union is the same as its parts,
 * and parts that draw from the rest bind after all the others.
 */
export function union(...members: readonly Pattern[]): Pattern {
  const parts = members.flatMap((member) => (member.parts.length > 0 ? member.parts : [member]));
  if (parts.length === 0) {
    throw new UsageError("union: at least one part is needed; keep one of them above 0");
  }
  if (parts.length === 1) return parts[0];
  const fixedFirst = [...parts].sort((a, b) => Number(a.drawsFromRest) - Number(b.drawsFromRest));
  return {
    text: `union(${parts.map((part) => part.text).join(", ")})`,
    perHead: parts.some((part) => part.perHead),
    ...headPeriodOf(parts),
    ...definedFor(parts),
    // A union among them says it, and its parts may not.
    ...commonImage(members),
    ...takesEdges(parts, (given) => union(...given)),
    drawsFromRest: parts.some((part) => part.drawsFromRest),
    parts,
    terms: (isCausal) => unitedTerms(parts.map((part) => part.terms?.(isCausal) ?? {})),
    bind(context) {
      const outside = context.rest === undefined ? [] : [context.rest];
      const bound: BoundPattern[] = [];
      for (const part of fixedFirst) bound.push(part.bind(withRest(context, [...outside, ...bound])));
      return together(bound);
    },
  };
}

/** Heads are the same again once those of every part are. */
function headPeriodOf(parts: readonly Pattern[]): Pick<Pattern, "headPeriod"> {
  let together = 1;
  for (const { perHead, headPeriod } of parts) {
    if (!perHead) continue;
    if (headPeriod === undefined) return {};
    together = leastCommonMultiple(together, headPeriod);
  }
  return together === 1 ? {} : { headPeriod: together };
}

function withRest({ length, head }: PatternContext, rest: readonly BoundPattern[]): PatternContext {
  return rest.length === 0
    ? { length, head }
    : { length, head, rest: rest.length === 1 ? rest[0] : together(rest) };
}

function together(parts: readonly BoundPattern[]): BoundPattern {
  const { length } = parts[0];
  // A comb has no runs: there is no need to ask for those of every row.
  const dense = parts.filter((part) => part.someRuns(0, length).length > 0);
  const merge = (rangesOf: (part: BoundPattern) => Intervals): Intervals => {
    let merged: Intervals = [];
    for (const part of dense) merged = unite(merged, rangesOf(part));
    return merged;
  };
  const combs = distinctCombs(parts.flatMap((part) => part.combs));
  if (combs.length > MOST_COMBS) {
    throw new UsageError(`union: at most ${MOST_COMBS} different combs are supported, got ${combs.length}`);
  }
  return bound({
    length,
    attends: (query, key) => parts.some((part) => part.attends(query, key)),
    runs: (query) => merge((part) => part.runs(query)),
    someRuns: (from, to) => merge((part) => part.someRuns(from, to)),
    everyRuns: (from, to) => merge((part) => part.everyRuns(from, to)),
    repeats: (area, by) => dense.every((part) => part.repeats?.(area, by) === true),
    gathered: gatheredOf(dense),
    combs,
  });
}

/** What is dense in another order in any of these parts; the order in which others are is the natural one. */
function gatheredOf(parts: readonly BoundPattern[]): Gathered | undefined {
  const orders = parts.flatMap(({ gathered }) => gathered?.orders ?? []);
  if (orders.length === 0) return undefined;
  const rest: BoundPattern[] = [];
  for (const part of parts) {
    const left = part.gathered === undefined ? part : part.gathered.rest;
    if (left !== null) rest.push(left);
  }
  return { orders, rest: rest.length === 0 ? null : together(rest) };
}

function distinctCombs(combs: readonly Comb[]): readonly Comb[] {
  return combs.filter(
    (comb, index) =>
      !combs.some(
        (other, at) =>
          at < index &&
          other.stride === comb.stride &&
          other.left === comb.left &&
          other.right === comb.right &&
          other.from === comb.from &&
          other.to === comb.to,
      ),
  );
}
