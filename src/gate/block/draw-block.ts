import { distinctBelow, randomStream, shuffled } from "../../core/random.ts";
import type { PlannedCase } from "../../record/schema/result-lines.ts";
import type { BlockTask, TaskEntry } from "./block-task.ts";

/** A block's position: all that its draws depend on, besides the seed. */
export interface BlockPlace {
  readonly run: number;
  readonly stage: number;
  readonly block: number;
}

/** What a block measures, before its order is drawn. */
export interface BlockContent {
  readonly cells: readonly PlannedCase[];
  /** The cells in which base is compared with a second load of itself. */
  readonly nulls: readonly PlannedCase[];
  readonly injected: string | null;
  readonly inject: number;
}

/** Bytes up to which memory is shifted, in steps of a cache line. */
const MOST_PADDING = 2 ** 20;
const LINE = 64;

type Draws = Pick<BlockTask, "order" | "first" | "padding" | "seed" | "entries">;

/**
 * Draws whatever could favour a side: which goes first, the order of turns and of cells, the numbers, where
 * memory lies.
 */
export function drawBlock(seed: number, { run, stage, block }: BlockPlace, content: BlockContent): Draws {
  const random = randomStream(seed, run, stage, block);
  const padding = () => LINE * random.below(MOST_PADDING / LINE);
  const entries = [
    ...content.cells.map((cell): TaskEntry => {
      return { cell, against: "head", pad: cell.case === content.injected ? content.inject : 0 };
    }),
    ...content.nulls.map((cell): TaskEntry => ({ cell, against: "twin", pad: 0 })),
    { cell: null, against: "yardstick", pad: 0 } as const,
  ];
  return {
    order: random.below(2) === 0 ? "ABBA" : "BAAB",
    first: random.below(2) === 0 ? "base" : "head",
    padding: { base: padding(), head: padding(), twin: padding() },
    seed: random.uint32(),
    entries: shuffled(entries.length, random).map((index) => entries[index]),
  };
}

/** Share of the cells in which base is compared with a second load of itself. */
const NULL_SHARE = 0.1;

/** The cells of a stage that are measured against a second load of base as well: a tenth, at least one. */
export function drawNulls<T>(
  seed: number,
  { run, stage }: Omit<BlockPlace, "block">,
  cells: readonly T[],
): T[] {
  const random = randomStream(seed, run, stage);
  return distinctBelow(cells.length, Math.ceil(cells.length * NULL_SHARE), random).map((at) => cells[at]);
}

/** The cell of a run that is slowed down on purpose. */
export function drawInjected<T>(seed: number, run: number, cells: readonly T[]): T {
  return cells[randomStream(seed, run).below(cells.length)];
}
