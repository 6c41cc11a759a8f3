import {
  type BlockLine,
  type BlocksLine,
  type CheckedLine,
  isVoid,
  type LostLine,
  type StageLine,
} from "../record/schema/block-lines.ts";

/** A line other than the gate's own. */
export type InnerLine = Exclude<BlocksLine, { type: "gate" }>;

/**
 * What a gate has found so far, in this session and in those before: what comes next follows from this alone.
 */
export class GateLog {
  readonly #lines: InnerLine[];

  constructor(already: readonly InnerLine[]) {
    this.#lines = [...already];
  }

  add<Line extends InnerLine>(line: Line): Line {
    this.#lines.push(line);
    return line;
  }

  checked(): ReadonlyMap<string, CheckedLine> {
    return new Map(this.#ofType("checked").map((line) => [line.cell, line]));
  }

  stage(run: number, stage: number): StageLine | undefined {
    return this.#ofType("stage").find((line) => line.run === run && line.stage === stage);
  }

  blocks(run: number, stage: number): readonly BlockLine[] {
    return this.#ofType("block").filter((line) => line.run === run && line.stage === stage);
  }

  lost(run: number, stage: number): readonly LostLine[] {
    return this.#ofType("lost").filter((line) => line.run === run && line.stage === stage);
  }

  /** Cells for which a side has given a wrong output in some block. */
  wrong(): ReadonlySet<string> {
    return new Set(this.#ofType("lost").flatMap(({ wrong, cell }) => (wrong && cell !== null ? [cell] : [])));
  }

  /** Seconds that earlier sessions took, as far as their blocks show. */
  elapsed(): number {
    return this.#ofType("block").reduce((most, { at_s, seconds }) => Math.max(most, at_s + seconds), 0);
  }

  #ofType<Type extends InnerLine["type"]>(type: Type): Extract<InnerLine, { type: Type }>[] {
    return this.#lines.filter((line): line is Extract<InnerLine, { type: Type }> => line.type === type);
  }
}

/** How many of these blocks hold a cell, undisturbed enough to count. */
export function validBlocks(
  blocks: readonly BlockLine[],
  cell: string,
  against: BlockLine["entries"][number]["against"],
): number {
  return blocks.filter(({ entries }) =>
    entries.some((entry) => entry.cell === cell && entry.against === against && !isVoid(entry)),
  ).length;
}
