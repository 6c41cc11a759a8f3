import type { BoundPattern, Comb, Intervals } from "../core/pattern.ts";
import { combAttends } from "../pattern/comb-arithmetic.ts";
import { intersect, interval, subtract } from "../pattern/intervals.ts";
import { cutRows } from "./cut-rows.ts";
import { writeGroup } from "./group-tiles.ts";
import type { TileSizes } from "./schedule.ts";
import type { ScheduleWriter, TaskRange } from "./schedule-writer.ts";

/**
 * One comb of a pattern, less what the runs and the combs before it did. Rows and keys go by residue class: token
 * `residue + n·stride` is member n of its class, and among members the comb is a band.
 */
export function combPass(
  pattern: BoundPattern,
  index: number,
  tile: TileSizes,
  writer: ScheduleWriter,
): void {
  const stride = strideWithin(pattern, index);
  let last: { residue: number; rows: number[] | null; tasks: TaskRange } | null = null;
  for (let residue = 0; residue < stride; residue++) {
    const rows = runsOfClass(pattern, index, stride, residue);
    if (last !== null && rows !== null && last.rows !== null && sameNumbers(rows, last.rows)) {
      // Most classes differ from the one before in nothing but their residue.
      last.tasks = writer.repeat(last.tasks, residue - last.residue);
      last.residue = residue;
      continue;
    }
    const from = writer.end;
    writeClass(residueClass(pattern, index, residue), stride, tile, writer);
    last = { residue, rows, tasks: { from, to: writer.end } };
  }
}

function writeClass(members: ResidueClass, stride: number, tile: TileSizes, writer: ScheduleWriter): void {
  const keys = { rows: members.count, open: members.open, full: members.full };
  for (const { from, to, full, partial } of cutRows(keys, tile.queries)) {
    const group = {
      full,
      partial,
      row: (row: number) => members.row(from + row),
      tokens: (start: number, end: number) => ({
        start: members.token(start),
        step: stride,
        count: end - start,
      }),
    };
    writeGroup(writer, { start: members.token(from), step: stride, count: to - from }, group, tile.keys);
  }
}

/**
 * What a comb leaves to do in a class depends on the runs of its rows alone, in members, where no earlier comb took any: the
 * bounds of all of them, row by row, behind the number of rows. Null where there is an earlier comb.
 */
function runsOfClass(pattern: BoundPattern, index: number, stride: number, residue: number): number[] | null {
  if (index > 0) return null;
  const bounds = [Math.ceil((pattern.length - residue) / stride)];
  for (let token = residue; token < pattern.length; token += stride) {
    const runs = pattern.runs(token);
    bounds.push(runs.length);
    for (const bound of runs) bounds.push(firstMember(bound, residue, stride));
  }
  return bounds;
}

/** The first member of a residue class at or after a position. */
function firstMember(position: number, residue: number, stride: number): number {
  return Math.max(0, Math.ceil((position - residue) / stride));
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** A comb's stride; one beyond the length is as good as the length, and fits into a task's word. */
function strideWithin({ combs, length }: BoundPattern, index: number): number {
  return Math.min(combs[index].stride, length);
}

type ResidueClass = ReturnType<typeof residueClass>;

/** What a comb leaves to do in one residue class, in members. */
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
  const open = (from: number, to: number): Intervals =>
    subtract(interval(from - left, to + right, count), doneByEvery(from, to));

  return {
    count,
    token,
    /** Members that some row of `[from, to)` may still have to attend. */
    open,
    /** Members that every row of `[from, to)` attends in this pass. */
    full(from: number, to: number): Intervals {
      if (earlier.length > 0) return [];
      const every = interval(to - 1 - left, from + right + 1, count);
      return intersect(open(from, to), subtract(every, doneBySome(from, to)));
    },
    /** Members that one row attends in this pass. */
    row(member: number): Intervals {
      const reachStart = Math.max(0, member - left);
      const reachEnd = Math.min(count, member + right + 1);
      const runs = pattern.runs(token(member));
      const rest: number[] = [];
      let from = reachStart;
      for (let at = 0; at < runs.length && from < reachEnd; at += 2) {
        const start = firstFrom(runs[at]);
        if (start > from) rest.push(from, Math.min(start, reachEnd));
        from = Math.max(from, firstFrom(runs[at + 1]));
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
