import { type RandomStream, randomStream } from "../../../src/core/random.ts";
import { drawInjected, drawNulls } from "../../../src/gate/block/draw-block.ts";
import { directionsOf } from "../../../src/gate/judge/routing.ts";
import type { ReadBlocks } from "../../../src/record/read-blocks.ts";
import {
  BLOCKS_SCHEMA_VERSION,
  type BlockEntry,
  type BlockLine,
  type BlocksPlan,
  type BlocksSide,
  type CellFacts,
  type CheckedLine,
  type GateLine,
  type LostLine,
  type StageLine,
  YARDSTICK,
} from "../../../src/record/schema/block-lines.ts";
import type { PlannedCase } from "../../../src/record/schema/result-lines.ts";
import { GATE_RULE, type GateRule } from "../../../src/stats/two-stage-rule.ts";
import { sampleLines } from "../../record/sample-lines.ts";

/** Where an entry of a block stands. */
export interface EntryPlace {
  readonly run: number;
  readonly stage: number;
  readonly block: number;
  readonly cell: string;
  readonly against: BlockEntry["against"];
}

/** A gate that never was: what the machine and the two versions of the code are like. */
export interface World {
  readonly cells?: number;
  readonly seed?: number;
  /** Standard deviation of a block's log ratio. */
  readonly noise?: number;
  /** Pairs of an entry. */
  readonly pairs?: number;
  /** Head's time over base's. */
  readonly ratio?: (place: EntryPlace) => number;
  /** The same of the fastest calls, where it differs. */
  readonly minima?: (place: EntryPlace) => number;
  /** What few calls cost beside, as a share of a pair's usual time in head; the random stream is the blocks' own. */
  readonly rare?: (place: EntryPlace, pair: number, random: RandomStream) => number;
  /** Standard deviation of the log ratio of a block's means beside that of its medians. */
  readonly meanNoise?: number;
  /** Whether the file holds means: not where an older version wrote it. */
  readonly means?: boolean;
  /** Pairs, of those that are not disturbed, that the hypervisor disturbed. */
  readonly stolen?: (place: EntryPlace) => readonly number[];
  /** The pairs that something else disturbed: their times are wild. */
  readonly disturbed?: (place: EntryPlace) => readonly number[];
  /** An entry that a block lacks. */
  readonly missing?: (place: EntryPlace) => boolean;
  readonly facts?: (cell: string, side: "base" | "head") => Partial<CellFacts>;
  readonly rule?: Partial<GateRule>;
  readonly runs?: number;
  readonly inject?: number;
  readonly base?: Partial<BlocksSide>;
  readonly head?: Partial<BlocksSide>;
}

/** What each cell takes in base, and its fastest call: far below, so that the means' own bound on it never shows. */
const BASE_S = 1e-3;
const FASTEST_S = BASE_S / 100;
/** Timed calls of a slot. */
const CALLS = 4;

/** The file of blocks that the gate would have written. */
export function blockFile(world: World = {}): ReadBlocks {
  const { cells = 10, seed = 1, runs = 1, inject = 0 } = world;
  const random = randomStream(seed);
  const planned = Array.from({ length: cells }, (_, at) => plannedCell(at));
  const names = planned.map((one) => one.case);
  const plan = planOf(planned, world);
  const checked = names.map((cell) => checkedLine(cell, world));
  const right = checked.filter(({ base, head }) => base.outcome === "right" && head.outcome === "right");
  const measured = right.map(({ cell }) => cell);
  const stages: (StageLine | BlockLine)[] = [];
  for (let run = 0; run < runs && measured.length > 0; run++) {
    const injected = inject > 0 ? drawInjected(seed, run, measured) : null;
    const first = stageOf(plan, { run, stage: 1 }, plan.rule.stage1Blocks, measured, injected);
    const firstBlocks = blocksOf(first, world, random);
    const sent = measured.filter((cell) => isSentOn(firstBlocks, cell, plan.rule));
    const second = stageOf(plan, { run, stage: 2 }, plan.rule.stage2Blocks, sent, injected);
    stages.push(first, ...firstBlocks, second);
    if (second.cells.length > 0) stages.push(...blocksOf(second, world, random));
  }
  return { gate: gateLine(plan, world), lines: [...checked, ...stages], validBytes: 0, truncated: false };
}

function isSentOn(blocks: readonly BlockLine[], cell: string, rule: GateRule): boolean {
  const { median, mean } = directionsOf(blocks, cell, rule);
  return median !== null || mean !== null;
}

export function cellName(at: number): string {
  return `local(window=4)/js/b1h1n${64 + at}d8`;
}

function plannedCell(at: number): PlannedCase {
  return {
    case: cellName(at),
    variant: "local",
    kernel: "js",
    length: 64 + at,
    batch: 1,
    heads: 1,
    head_dim: 8,
    causal: false,
    threads: 1,
    params: { window: 4 },
    useful_flops: 6400,
    predicted_s: 1e-6,
    unsupported: null,
  };
}

function planOf(cells: PlannedCase[], { seed = 1, runs = 1, inject = 0, rule }: World): BlocksPlan {
  return {
    seed,
    runs,
    rule: { ...GATE_RULE, ...rule },
    slot_s: 2e-3,
    entry_s: 0.2,
    inject,
    budget_s: null,
    input: "gaussian",
    simd: "plain",
    cells,
  };
}

function gateLine(plan: BlocksPlan, { base, head }: World): GateLine {
  const [{ environment }] = sampleLines();
  const side = { kind: "checkout", commit: "c0ffee", dirty: false } as const;
  return {
    type: "gate",
    schema: BLOCKS_SCHEMA_VERSION,
    started: "2026-01-02T03:04:05.000Z",
    plan,
    base: { name: "../base", ...side, code_sha256: "aa", ...base },
    head: { name: "../head", ...side, code_sha256: "bb", ...head },
    environment,
  };
}

const rightFacts: CellFacts = {
  outcome: "right",
  reason: null,
  call_s: BASE_S,
  prepare_s: 1e-5,
  pairs: 100,
  useful_flops: 6400,
  executed_flops: 8000,
  bytes: 2048,
  workspace_bytes: 512,
  gate_error: 1e-7,
  gate_budget: 2e-6,
};

function checkedLine(cell: string, { facts = () => ({}) }: World): CheckedLine {
  const [base, head] = (["base", "head"] as const).map((side) => ({ ...rightFacts, ...facts(cell, side) }));
  return { type: "checked", cell, base, head };
}

function stageOf(
  { seed }: BlocksPlan,
  place: { run: number; stage: number },
  blocks: number,
  cells: readonly string[],
  injected: string | null,
): StageLine {
  return {
    type: "stage",
    ...place,
    blocks,
    cells: [...cells],
    nulls: drawNulls(seed, place, cells),
    injected,
  };
}

/** The blocks of a stage. */
function blocksOf(
  { run, stage, blocks, cells, nulls, injected }: StageLine,
  world: World,
  random: RandomStream,
) {
  const { inject = 0, missing = () => false } = world;
  const list = (against: BlockEntry["against"]) => (cell: string) => ({ cell, against });
  const all = [
    ...cells.map(list("head")),
    ...nulls.map(list("twin")),
    { cell: YARDSTICK, against: "yardstick" as const },
  ];
  return Array.from({ length: blocks }, (_, block): BlockLine => {
    const places = all.map((one): EntryPlace => ({ run, stage, block, ...one }));
    const pad = ({ cell, against }: EntryPlace) => (cell === injected && against === "head" ? inject : 0);
    const entries = places
      .filter((place) => !missing(place))
      .map((place) => entryOf(place, 1 + pad(place), world, random));
    const order = random.below(2) === 0 ? "ABBA" : "BAAB";
    return { type: "block", run, stage, block, order, at_s: block, seconds: 1, load: 0.5, entries };
  });
}

function entryOf(place: EntryPlace, times: number, world: World, random: RandomStream): BlockEntry {
  const { noise = 0.005, pairs = 5, ratio = () => 1, minima = ratio, disturbed = () => [] } = world;
  const drawn = Math.exp(noise * random.gaussian());
  // The pace of the machine is that of both sides of a pair.
  const pace = Array.from({ length: pairs }, () => BASE_S * Math.exp(0.3 * random.gaussian()));
  const wild = new Set(disturbed(place));
  const moved = ratio(place) * drawn * times;
  const { rare = () => 0, meanNoise = 0, means = true, stolen = () => [] } = world;
  const ofMean = meanNoise > 0 ? Math.exp(meanNoise * random.gaussian()) : 1;
  // What disturbs a pair is waited for.
  const waited = pace.map((base, index) => (wild.has(index) ? CALLS * base * moved * 49 : 0));
  const held = {
    calls: CALLS,
    base_s: pace,
    head_s: pace.map((base, index) => {
      return base * moved * (ofMean + rare(place, index, random) + (wild.has(index) ? 49 : 0));
    }),
    base_waited_s: pace.map(() => 0),
    head_waited_s: waited,
    stolen: [...stolen(place)],
  };
  return {
    cell: place.cell,
    against: place.against,
    base_s: pace,
    head_s: pace.map((base, index) => base * moved * (wild.has(index) ? 50 : 1)),
    disturbed: [...wild],
    base_min_s: FASTEST_S,
    head_min_s: FASTEST_S * minima(place) * drawn * times,
    ...(means ? { means: held } : {}),
  };
}

/** A ratio that one cell alone has, against head. */
export function onlyCell(at: number, value: number | ((place: EntryPlace) => number)) {
  return (place: EntryPlace): number => {
    if (place.cell !== cellName(at) || place.against !== "head") return 1;
    return typeof value === "number" ? value : value(place);
  };
}

/** A ratio of all entries of one kind. */
export function only(against: BlockEntry["against"], value: number) {
  return (place: EntryPlace): number => (place.against === against ? value : 1);
}

/** The blocks with another list in place of each. */
export function mapBlocks(blocks: ReadBlocks, change: (block: BlockLine) => BlockLine): ReadBlocks {
  return { ...blocks, lines: blocks.lines.map((line) => (line.type === "block" ? change(line) : line)) };
}

/** The same with every entry changed. */
export function mapEntries(blocks: ReadBlocks, change: (entry: BlockEntry) => BlockEntry): ReadBlocks {
  return mapBlocks(blocks, (block) => ({ ...block, entries: block.entries.map(change) }));
}

/** The file of the same gate with base and head changed for one another. */
export function swapped(blocks: ReadBlocks): ReadBlocks {
  const turned = mapEntries(blocks, ({ base_s, head_s, base_min_s, head_min_s, means, ...entry }) => ({
    ...entry,
    ...(means === undefined
      ? {}
      : {
          means: {
            ...means,
            base_s: means.head_s,
            head_s: means.base_s,
            base_waited_s: means.head_waited_s,
            head_waited_s: means.base_waited_s,
          },
        }),
    base_s: head_s,
    head_s: base_s,
    base_min_s: head_min_s,
    head_min_s: base_min_s,
  }));
  return {
    ...turned,
    gate: { ...blocks.gate, base: blocks.gate.head, head: blocks.gate.base },
    lines: turned.lines.map((line) =>
      line.type === "checked" ? { ...line, base: line.head, head: line.base } : line,
    ),
  };
}

/** The file cut off where it was interrupted: before the first line that `ends`. */
export function until(blocks: ReadBlocks, ends: (line: ReadBlocks["lines"][number]) => boolean): ReadBlocks {
  const end = blocks.lines.findIndex(ends);
  return { ...blocks, lines: end === -1 ? blocks.lines : blocks.lines.slice(0, end) };
}

/** A cell that a side got wrong in a block, or a block that was lost. */
export function lostLine(change: Partial<LostLine> = {}): LostLine {
  return {
    type: "lost",
    run: 0,
    stage: 1,
    block: 0,
    cell: cellName(0),
    side: "head",
    wrong: true,
    reason: "row 3 is off",
    at_s: 1,
    ...change,
  };
}
