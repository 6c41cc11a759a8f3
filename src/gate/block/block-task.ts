import type { Simd } from "../../kernels/index.ts";
import type { BlockEntry, CellFacts, CheckedLine } from "../../record/schema/block-lines.ts";
import type { PlannedCase } from "../../record/schema/result-lines.ts";
import type { SubjectPlace } from "./load-subject.ts";

/** Which side of a block; the twin is a second load of base. */
export type ArmName = "base" | "head" | "twin";

/** What every process of a gate is told. */
interface Settings {
  readonly places: Readonly<Record<ArmName, SubjectPlace>>;
  readonly simd: Simd;
  /** `--input`. */
  readonly input: string;
  /** `--tensors`; omitted if it was not given. */
  readonly tensors?: string | undefined;
  /** Seeds the inputs' numbers. */
  readonly seed: number;
}

/** Verifies cells on both sides, and counts their exact work. */
export interface CheckTask extends Settings {
  readonly kind: "check";
  readonly cells: readonly PlannedCase[];
}

/** Measures cells in turns. */
export interface BlockTask extends Settings {
  readonly kind: "block";
  readonly order: "ABBA" | "BAAB";
  /** Which side is started, and opens each cell, first. */
  readonly first: "base" | "head";
  /** Bytes by which each side's memory is shifted. */
  readonly padding: Readonly<Record<ArmName, number>>;
  readonly slot_s: number;
  readonly entry_s: number;
  /** In the order in which they are measured. */
  readonly entries: readonly TaskEntry[];
}

export interface TaskEntry {
  /** Null for the fixed kernel. */
  readonly cell: PlannedCase | null;
  readonly against: BlockEntry["against"];
  /** Share by which head's calls are prolonged. */
  readonly pad: number;
}

/** What such a process says, in order. */
export type BlockMessage =
  /** What comes next; without a cell a side is loaded, without a side both are asked in turn. */
  | { readonly kind: "begin"; readonly cell: string | null; readonly side: "base" | "head" | null }
  | { readonly kind: "entry"; readonly entry: BlockEntry }
  /** What one side of the cell under way was found to be. */
  | { readonly kind: "facts"; readonly side: "base" | "head"; readonly facts: CellFacts }
  | { readonly kind: "checked"; readonly line: CheckedLine }
  /** A side gave a wrong output, although it was right when checked; the others continue. */
  | {
      readonly kind: "wrong";
      readonly cell: string;
      readonly side: "base" | "head";
      readonly reason: string;
    }
  /** The code of a side cannot be loaded; the process ends. */
  | { readonly kind: "lost"; readonly side: "base" | "head" | null; readonly reason: string }
  | { readonly kind: "done"; readonly load: number };

/** Sends a message, and resolves when it has left: what is said before a kernel hangs must be heard. */
export type Say = (message: BlockMessage) => Promise<void>;
