import * as z from "zod";
import { identified } from "./identified-code.ts";
import { callSeconds, count, elapsed, seconds, text } from "./quantities.ts";
import { caseLine, environment, plannedCase } from "./result-lines.ts";

/**
 * The lines of a file of paired blocks: what `gate` and `calibrate` write, and all that a verdict is made of.
 * JSON Lines, base units (seconds, bytes). `results/README.md` says the same in prose.
 */

/** Raised whenever a reader of the old form would misread the new one. */
export const BLOCKS_SCHEMA_VERSION = 1;

/** A fraction such as 0.03; none of the method's limits makes sense beyond 1. */
const share = z.number().nonnegative().max(1);
const blocks = count.min(2).max(1000);

/** The limits of the method, as fractions; `stats/two-stage-rule.ts` says what each means. */
const rule = z.object({
  stage1Blocks: blocks,
  routeAbove: share,
  stage2Blocks: blocks,
  floor: share,
  least: share,
  alpha: z.number().min(1e-6).max(0.2),
  margin: share.min(0.001),
  ungatedAbove: share,
});

const plan = z.object({
  seed: count,
  /** How often the whole method is repeated, each time with its own blocks: 1 except for calibration. */
  runs: count.positive(),
  rule,
  /** Seconds of calls that a slot aims at, and those that a cell takes in one block. */
  slot_s: callSeconds,
  entry_s: callSeconds,
  /** Share by which calls of one cell of each run are prolonged in head; 0 except for calibration. */
  inject: share,
  /** Seconds that it may take; null if not given. */
  budget_s: callSeconds.nullable(),
  /** As given with `--input`; the seed of a block makes the numbers. */
  input: text,
  /** As given with `--tensors`; omitted if the file's are q, k and v. */
  tensors: text.optional(),
  /** The build of WebAssembly that both sides use. */
  simd: text,
  cells: z.array(plannedCase),
});

const side = z.object({
  /** As typed. */
  name: text,
  kind: z.enum(["checkout", "module"]),
  commit: text.nullable(),
  dirty: z.boolean().nullable(),
  /** SHA-256 of the code that ran. */
  code_sha256: text,
  /**
   * The same by folder or file: SHA-256 for files, the version for packages (`npm:zod`), with their content
   * for a plug-in.
   */
  code: identified.optional(),
});

const gateLine = z.object({
  type: z.literal("gate"),
  schema: z.literal(BLOCKS_SCHEMA_VERSION),
  started: text,
  plan,
  base: side,
  head: side,
  environment,
});

/** One side's cell as verification found it, with its exact work. */
const facts = z.object({
  outcome: z.enum(["right", "wrong", "unsupported", "missing"]),
  /** Why it was not right; null if it was. */
  reason: text.nullable(),
  /** Seconds of one warm call; null if none was made. */
  call_s: seconds.nullable(),
  ...caseLine.pick({
    prepare_s: true,
    pairs: true,
    useful_flops: true,
    executed_flops: true,
    bytes: true,
    workspace_bytes: true,
    saved_bytes: true,
    state_bytes: true,
    gate_error: true,
    gate_budget: true,
    remarks: true,
  }).shape,
});

const checkedLine = z.object({ type: z.literal("checked"), cell: text, base: facts, head: facts });

/** What a stage measures, decided before its first block. */
const stageLine = z.object({
  type: z.literal("stage"),
  run: count,
  stage: count.positive().max(2),
  blocks,
  cells: z.array(text),
  /** The cells in which base is measured against a second load of itself. */
  nulls: z.array(text),
  /** The cell whose calls are prolonged in head; null if none is. */
  injected: text.nullable(),
});

/**
 * The means of an entry's slots: lists hold one number per pair, as `base_s` does. Nothing is dropped from
 * them: an expensive call, even if it was interrupted only because of its length, is a call that users pay
 * for.
 */
const means = z.object({
  /** Timed calls of a slot. */
  calls: count.positive(),
  /** Seconds per call. */
  base_s: z.array(callSeconds).min(1),
  head_s: z.array(callSeconds).min(1),
  /**
   * Seconds of the timed calls of each slot in which its thread was ready to run but was not run: they are
   * included in the means.
   */
  base_waited_s: z.array(elapsed),
  head_waited_s: z.array(elapsed),
  /** The pairs, by index, during which the hypervisor gave the processor to others. */
  stolen: z.array(count),
});

/** What one cell, or the fixed kernel, took in one block. */
const entry = z.object({
  /** A cell, or `yardstick`, the name of the fixed kernel. */
  cell: text,
  /** What base was compared with: head, a second load of base, or head's run of the fixed kernel. */
  against: z.enum(["head", "twin", "yardstick"]),
  /**
   * Seconds per call, the median of a slot, in time order. The slots of one index ran one after the other: a
   * pair.
   */
  base_s: z.array(callSeconds).min(1),
  head_s: z.array(callSeconds).min(1),
  /** The pairs, by index, that something else disturbed: they do not count. */
  disturbed: z.array(count),
  /** Seconds of the fastest call. */
  base_min_s: callSeconds,
  head_min_s: callSeconds,
  /** Left out by older versions, which did not look at means. */
  means: means.optional(),
});

const blockLine = z.object({
  type: z.literal("block"),
  run: count,
  stage: count.positive().max(2),
  /** From 0 within its stage. */
  block: count,
  order: z.enum(["ABBA", "BAAB"]),
  /** Seconds since the gate began; a resumed one continues from where it stopped. */
  at_s: elapsed,
  seconds: elapsed,
  load: elapsed,
  entries: z.array(entry),
});

/** A cell that failed in a block, or the whole block: a process died, hung, or found a side wrong. */
const lostLine = z.object({
  type: z.literal("lost"),
  run: count,
  stage: count.positive().max(2),
  block: count,
  /** The cell under way; null if none was. */
  cell: text.nullable(),
  /** The side at fault; null if unknown. */
  side: z.enum(["base", "head"]).nullable(),
  /** Whether that side gave a wrong output; otherwise the block ended there. */
  wrong: z.boolean(),
  reason: text,
  at_s: elapsed,
});

export const blocksLine = z.discriminatedUnion("type", [
  gateLine,
  checkedLine,
  stageLine,
  blockLine,
  lostLine,
]);

/** Enough undisturbed pairs to trust their median, however many others were disturbed. */
const ENOUGH_PAIRS = 6;

/**
 * Whether too few of its pairs were left undisturbed to stand for the block: under half of them, and under
 * six.
 */
export function isVoid({ base_s, disturbed }: Pick<BlockEntry, "base_s" | "disturbed">): boolean {
  const left = base_s.length - disturbed.length;
  return left < ENOUGH_PAIRS && 2 * left <= base_s.length;
}

/** The name of the fixed kernel's entries. */
export const YARDSTICK = "yardstick";

export type BlocksPlan = z.infer<typeof plan>;
export type BlocksSide = z.infer<typeof side>;
export type GateLine = z.infer<typeof gateLine>;
export type CellFacts = z.infer<typeof facts>;
export type CheckedLine = z.infer<typeof checkedLine>;
export type StageLine = z.infer<typeof stageLine>;
export type BlockEntry = z.infer<typeof entry>;
export type SlotMeans = z.infer<typeof means>;
export type BlockLine = z.infer<typeof blockLine>;
export type LostLine = z.infer<typeof lostLine>;
export type BlocksLine = z.infer<typeof blocksLine>;
