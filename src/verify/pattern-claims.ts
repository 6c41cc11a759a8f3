import { type BoundPattern, type Intervals, measure } from "../core/pattern.ts";
import { isSelfAttention, overTokens, type Shape } from "../core/shape.ts";
import { type JudgedTask, reads } from "../mechanisms/judged.ts";

/** Ranges checked to count the pairs of one case, so that even a million tokens take only milliseconds. */
const MOST_RANGES = 2 ** 17;
/** Keys of all rows together that are queried one by one; a row or two of any length are. */
const MOST_MEMBERS = 2 ** 16;
const ROWS = { least: 2, most: 16 } as const;

/**
 * What is wrong with what a pattern says about itself, or null. `pairs()` is what useful work, ideal
 * speed-ups and growth are made of, and a variant answers it by its own formula. It is compared with the
 * intervals of all rows, and those of some rows with membership, which is all that the reference reads. If
 * counting all rows would take long, it is done for fewer tokens, and at full length only some rows are
 * checked.
 */
export function wrongPattern(task: JudgedTask): string | null {
  const { kind, shape } = task;
  if (!kind.pairwise) return null;
  let at = shape;
  while (at.length > 1 && rangesOf(task, at) > MOST_RANGES) at = half(at);
  return wrongCount(task, at) ?? (at.length === shape.length ? null : wrongRows(task, shape));
}

/** Half as many tokens. */
function half(shape: Shape): Shape {
  const fewer = overTokens(shape, Math.ceil(shape.length / 2));
  return isSelfAttention(shape) ? fewer : { ...fewer, queries: Math.ceil(shape.queries / 2) };
}

/** Ranges of all distinct heads of a shape, to judge by rows at its start, in its middle and at its end. */
function rangesOf(task: JudgedTask, shape: Shape): number {
  const { queries } = shape;
  const rows = [0, queries >> 1, queries - 1];
  return distinctHeads(task, shape).reduce((total, { pattern }) => {
    const some = rows.reduce((sum, row) => sum + 1 + pattern.intervals(row).length / 2, 0);
    return total + (some / rows.length) * queries;
  }, 0);
}

function wrongCount(task: JudgedTask, shape: Shape): string | null {
  const rows = wrongRows(task, shape);
  if (rows !== null) return rows;
  for (const { pattern, head } of distinctHeads(task, shape)) {
    let counted = 0;
    for (let row = 0; row < shape.queries; row++) counted += measure(pattern.intervals(row));
    const told = pattern.pairs();
    if (told !== counted) {
      return `the pattern of head ${head} must count its pairs correctly: pairs() is ${told} at ${shape.length} tokens, its rows hold ${counted}`;
    }
  }
  return null;
}

/** Rows spread over the sequence, whose intervals must hold what membership says. */
function wrongRows(task: JudgedTask, shape: Shape): string | null {
  const { length, queries } = shape;
  const heads = distinctHeads(task, shape);
  const many = Math.floor(MOST_MEMBERS / length / heads.length);
  const rows = Math.min(queries, Math.max(ROWS.least, Math.min(ROWS.most, many)));
  // A million tokens in many heads: some heads stand for all.
  for (const { pattern, head } of heads.slice(0, Math.max(1, ROWS.most - ROWS.least))) {
    for (let index = 0; index < rows; index++) {
      const row = Math.floor(((index + 1) * queries) / rows) - 1;
      const wrong = wrongRow(pattern, row);
      if (wrong !== null) return `the pattern of head ${head}, ${wrong}`;
    }
  }
  return null;
}

function wrongRow(pattern: BoundPattern, row: number): string | null {
  const ranges = pattern.intervals(row);
  let attended = 0;
  let outside = -1;
  for (let key = 0, at = 0; key < pattern.length; key++) {
    while (at < ranges.length && key >= ranges[at + 1]) at += 2;
    const attends = pattern.attends(row, key);
    if (attends) attended++;
    if (outside < 0 && attends !== holds(ranges, at, key)) outside = key;
  }
  if (outside < 0 && measure(ranges) === attended) return null;
  return `row ${row} at ${pattern.length} tokens: its intervals hold ${measure(ranges)} keys, membership ${attended}${outside < 0 ? "" : `; they differ at key ${outside}`}`;
}

function holds(ranges: Intervals, at: number, key: number): boolean {
  return at < ranges.length && key >= ranges[at];
}

function distinctHeads(task: JudgedTask, shape: Shape): { pattern: BoundPattern; head: number }[] {
  const bound = reads({ ...task, shape });
  return bound
    .map((pattern, head) => ({ pattern, head }))
    .filter(({ pattern, head }) => {
      return bound.indexOf(pattern) === head;
    });
}
