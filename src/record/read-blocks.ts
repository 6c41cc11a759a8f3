import { FailureError, printable } from "../core/errors.ts";
import { BLOCKS } from "./line-kind.ts";
import type { PlacedLine } from "./line-reader.ts";
import { awaitLineFile, type ReadLines, readLineFile } from "./read-line-file.ts";
import { type BlocksLine, type GateLine, YARDSTICK } from "./schema/block-lines.ts";

/** A file of paired blocks as it was read. */
export interface ReadBlocks {
  readonly gate: GateLine;
  readonly lines: readonly Exclude<BlocksLine, GateLine>[];
  readonly validBytes: number;
  readonly truncated: boolean;
}

/** Reads and validates what `gate` or `calibrate` wrote. */
export function readBlocks(path: string): ReadBlocks {
  return checked(path, readLineFile(BLOCKS, "gate", path));
}

/** The same, with a pipe waited for without holding up this process. */
export async function awaitBlocks(path: string): Promise<ReadBlocks> {
  return checked(path, await awaitLineFile(BLOCKS, "gate", path));
}

function checked(
  path: string,
  { head: gate, headNumber: _, lines, ...read }: ReadLines<BlocksLine, "gate">,
): ReadBlocks {
  checkReferences(path, gate, lines);
  return { gate, lines: lines.map(({ line }) => line), ...read };
}

/**
 * Cells and runs must be planned; a stage must be introduced before its blocks; and each must appear once.
 */
function checkReferences(
  path: string,
  { plan }: GateLine,
  lines: readonly Pick<PlacedLine<ReadBlocks["lines"][number]>, "line" | "number">[],
): void {
  const cells = new Set(plan.cells.map((one) => one.case));
  const seen = new Set<string>();
  const refuse = (at: number, rule: string): FailureError =>
    new FailureError(`${BLOCKS.name}: ${printable(path)} line ${at}: ${rule}; remove the line`);
  if (cells.size < plan.cells.length || cells.has(YARDSTICK)) {
    throw refuse(1, `a cell must appear once and not be named ${YARDSTICK}, got one that does not`);
  }
  for (const { line, number: at } of lines) {
    const named = namesIn(line).find((name) => !cells.has(name));
    if (named !== undefined)
      throw refuse(at, `a cell must be one of the plan, got '${printable(named, 80)}'`);
    if ("run" in line && !(line.run < plan.runs)) {
      throw refuse(at, `a run must be under the ${plan.runs} planned, got ${line.run}`);
    }
    if (line.type === "block" || (line.type === "lost" && !line.wrong)) {
      if (!seen.has(`stage ${line.run} ${line.stage}`)) {
        throw refuse(at, "a block must come after the line of its stage, got one before");
      }
    }
    const key = keyOf(line);
    if (seen.has(key)) throw refuse(at, `it must appear once, got ${printable(key, 80)} again`);
    seen.add(key);
    if (line.type !== "block") continue;
    const held = new Set<string>();
    for (const { cell, against, base_s, head_s, disturbed, means } of line.entries) {
      const entry = `${against} ${cell}`;
      if (held.has(entry)) {
        throw refuse(at, `a block must hold an entry once, got ${printable(entry, 80)} again`);
      }
      held.add(entry);
      const fits = head_s.length === base_s.length && disturbed.every((one) => one < base_s.length);
      if (!fits)
        throw refuse(at, "a cell must have as many times of base as of head, and disturb only those");
      if (new Set(disturbed).size < disturbed.length) throw refuse(at, "a pair must be disturbed once");
      if (means === undefined) continue;
      const lists = [means.base_s, means.head_s, means.base_waited_s, means.head_waited_s];
      if (lists.some(({ length }) => length !== base_s.length)) {
        throw refuse(at, "a cell must have a mean and a time of waiting for each of its pairs");
      }
      const stolen = new Set(means.stolen);
      if (stolen.size < means.stolen.length || means.stolen.some((one) => one >= base_s.length)) {
        throw refuse(at, "a stolen pair must be one of the cell's, and appear once");
      }
    }
  }
}

function namesIn(line: ReadBlocks["lines"][number]): readonly string[] {
  switch (line.type) {
    case "checked":
      return [line.cell];
    case "stage":
      return [...line.cells, ...line.nulls, ...(line.injected === null ? [] : [line.injected])];
    case "block":
      return line.entries.map(({ cell }) => cell).filter((cell) => cell !== YARDSTICK);
    case "lost":
      return line.cell === null || line.cell === YARDSTICK ? [] : [line.cell];
    default:
      return line satisfies never;
  }
}

/** What a file can hold only once. */
function keyOf(line: ReadBlocks["lines"][number]): string {
  switch (line.type) {
    case "checked":
      return `checked ${line.cell}`;
    case "stage":
      return `stage ${line.run} ${line.stage}`;
    case "block":
      return `block ${line.run} ${line.stage} ${line.block}`;
    case "lost":
      return `lost ${line.run} ${line.stage} ${line.block} ${line.wrong ? line.cell : ""}`;
    default:
      return line satisfies never;
  }
}
