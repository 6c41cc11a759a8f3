import type { BoundPattern, Comb, Intervals } from "../core/pattern.ts";
import { combAttends } from "../pattern/comb-arithmetic.ts";
import { intersect, interval, subtract } from "../pattern/intervals.ts";
import { cutRows } from "./cut-rows.ts";
import { writeGroup } from "./group-tiles.ts";
import type { TileSizes } from "./schedule.ts";
import type { ScheduleWriter, TaskRange } from "./schedule-writer.ts";

/**
 * One comb of a pattern, without what the runs and the combs before it did. Rows and keys go by residue
 * class: token `residue + n·stride` is member n of its class, and among members the comb is a band.
 */
export function combPass(
  pattern: BoundPattern,
  index: number,
  tile: TileSizes,
  writer: ScheduleWriter,
): void {
  const stride = strideWithin(pattern, index);
  let last: WrittenClass | undefined;
  for (let residue = 0; residue < stride; residue++) {
    const count = Math.ceil((pattern.length - residue) / stride);
    const from = writer.end;
    const list = writer.list(Array.from({ length: count }, (_, member) => residue + member * stride));
    // Most classes differ from the previous one only in their residue.
    if (
      last !== undefined &&
      last.count === count &&
      repeatsFrom(pattern, index, last, stride, residue - last.residue)
    ) {
      writer.repeat(last.tasks, list - last.list);
    } else writeClass(residueClass(pattern, index, residue), list, tile, writer);
    last = { residue, count, list, tasks: { from, to: writer.end } };
  }
}

/** A class whose tasks are written. */
interface WrittenClass {
  readonly residue: number;
  /** Its members. */
  readonly count: number;
  readonly list: number;
  readonly tasks: TaskRange;
}

/**
 * Whether the class `by` residues further attends the same members. Combs repeat along the diagonal, as long as
 * their keys are not restricted.
 */
function repeatsFrom(
  pattern: BoundPattern,
  index: number,
  { residue, count }: WrittenClass,
  stride: number,
  by: number,
): boolean {
  const end = residue + (count - 1) * stride + 1;
  const unrestricted = pattern.combs
    .slice(0, index + 1)
    .every(({ from = 0, to = Number.POSITIVE_INFINITY }) => from <= residue && end + by <= to);
  if (!unrestricted) return false;
  return pattern.repeats?.({ rowFrom: residue, rowTo: end, keyFrom: residue, keyTo: end }, by) === true;
}

function writeClass(members: ResidueClass, list: number, tile: TileSizes, writer: ScheduleWriter): void {
  const keys = { rows: members.count, open: members.open, full: members.full };
  for (const { from, to, full, partial } of cutRows(keys, tile.queries, tile.rows)) {
    const group = { full, partial, list, row: (row: number) => members.row(from + row) };
    writeGroup(writer, { first: from, list, count: to - from }, group, tile);
  }
}

/** The first member of a residue class at or after a position. */
function firstMember(position: number, residue: number, stride: number): number {
  return Math.max(0, Math.ceil((position - residue) / stride));
}

/** A comb's stride; one beyond the length is as good as the length, and fits into a task's word. */
function strideWithin({ combs, length }: BoundPattern, index: number): number {
  return Math.min(combs[index].stride, length);
}

type ResidueClass = ReturnType<typeof residueClass>;

/** What remains to be done for a comb in one residue class, in members. */
function residueClass(pattern: BoundPattern, index: number, residue: number) {
  const comb = pattern.combs[index];
  const earlier = pattern.combs.slice(0, index);
  const stride = strideWithin(pattern, index);
  const count = Math.ceil((pattern.length - residue) / stride);
  const left = Math.floor(comb.left / stride);
  const right = Math.floor(comb.right / stride);
  const token = (member: number): number => residue + member * stride;
  const firstFrom = (position: number): number => firstMember(position, residue, stride);
  const toMembers = (tokens: Intervals): Intervals => {
    const members: number[] = [];
    for (let at = 0; at < tokens.length; at += 2) {
      const from = firstFrom(tokens[at]);
      const to = firstFrom(tokens[at + 1]);
      if (from < to) members.push(from, to);
    }
    return members;
  };
  const doneByEvery = (from: number, to: number): Intervals =>
    toMembers(pattern.everyRuns(token(from), token(to - 1) + 1));
  const doneBySome = (from: number, to: number): Intervals =>
    toMembers(pattern.someRuns(token(from), token(to - 1) + 1));
  /** Members that a row may attend at all, if keys are restricted. */
  const first = firstFrom(comb.from ?? 0);
  const end = Math.min(count, firstFrom(comb.to ?? Number.POSITIVE_INFINITY));
  const reach = (from: number, to: number): Intervals => interval(Math.max(first, from), to, end);
  const open = (from: number, to: number): Intervals =>
    subtract(reach(from - left, to + right), doneByEvery(from, to));

  return {
    count,
    /** Members that some row of `[from, to)` may still have to attend. */
    open,
    /** Members that every row of `[from, to)` attends in this pass. */
    full(from: number, to: number): Intervals {
      if (earlier.length > 0) return [];
      const every = reach(to - 1 - left, from + right + 1);
      return intersect(open(from, to), subtract(every, doneBySome(from, to)));
    },
    /** Members that one row attends in this pass. */
    row(member: number): Intervals {
      const reachStart = Math.max(first, member - left);
      const reachEnd = Math.min(end, member + right + 1);
      const runs = pattern.runs(token(member));
      const rest: number[] = [];
      let from = reachStart;
      for (let at = 0; at < runs.length && from < reachEnd; at += 2) {
        const start = firstFrom(runs[at]);
        const end = firstFrom(runs[at + 1]);
        // Between two members: ranges that touch would make a mask with holes.
        if (start === end) continue;
        if (start > from) rest.push(from, Math.min(start, reachEnd));
        from = Math.max(from, end);
      }
      if (from < reachEnd) rest.push(from, reachEnd);
      if (earlier.length === 0) return rest;
      return subtract(rest, combMembers(earlier, member, [reachStart, reachEnd], token));
    },
  };
}

/** Members of `reach` that one of the earlier combs attends. */
function combMembers(
  combs: readonly Comb[],
  member: number,
  reach: Intervals,
  token: (member: number) => number,
): Intervals {
  const members: number[] = [];
  for (let key = reach[0]; key < reach[1]; key++) {
    if (!combs.some((comb) => combAttends(comb, token(member), token(key)))) continue;
    if (members.at(-1) === key) members[members.length - 1] = key + 1;
    else members.push(key, key + 1);
  }
  return members;
}
