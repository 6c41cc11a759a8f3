import type * as z from "zod";
import { BLOCKS_SCHEMA_VERSION, type BlocksLine, blocksLine } from "./schema/block-lines.ts";
import { quickRound } from "./schema/quick-round.ts";
import { type FileLine, fileLine, SCHEMA_VERSION } from "./schema/result-lines.ts";

/** Any line that states its type. */
export interface AnyLine {
  readonly type: string;
}

/** A kind of files of JSON lines. */
export interface LineKind<Line extends AnyLine> {
  /** Its name in messages. */
  readonly name: string;
  readonly schema: z.ZodType<Line>;
  /** What the schema makes of a parsed line that is plainly valid, only faster; null wherever the schema has to be asked, and omitted if it always has. */
  readonly quick?: (value: unknown) => Line | null;
  readonly version: number;
  /** The type of the first line, and of no other. */
  readonly head: Line["type"];
  /** Advice on what to give instead. */
  readonly advice: string;
  /** The name of a line in messages. */
  label(line: Line): string;
  /** What is wrong with a second head where there may be one, and what to do about it. */
  secondHead(first: Line, second: Line): string;
}

/** What `run` and `train` write. */
export const RESULTS: LineKind<FileLine> = {
  name: "results",
  schema: fileLine,
  quick: quickRound,
  version: SCHEMA_VERSION,
  head: "run",
  advice: "give a file that attnbench run or train wrote",
  label: labelOf,
  secondHead: (first, second) => (isShard(first) && isShard(second) ? COLLECTION : onlyOne("run")),
};

/** What is told to whoever gives a sweep's collection where one run is meant. */
const COLLECTION =
  "one run is needed here, and the file is a sweep's collection of several; give the file of one shard, from shards/ in the sweep's folder (attnbench report, compare and export take the whole)";

function isShard(line: FileLine): boolean {
  return line.type === "run" && line.shard !== undefined;
}

function onlyOne(head: string): string {
  return `a file must hold one ${head}, got a second; split the file there, each with the lines that follow its ${head}`;
}

function labelOf(line: FileLine): string {
  switch (line.type) {
    case "run":
    case "study":
      return `the ${line.type}`;
    case "trained":
      return line.cell;
    default:
      return line.case;
  }
}

/** What `gate` and `calibrate` write. */
export const BLOCKS: LineKind<BlocksLine> = {
  name: "blocks",
  schema: blocksLine,
  version: BLOCKS_SCHEMA_VERSION,
  head: "gate",
  advice: "give a file that attnbench gate or calibrate wrote",
  label: (line) => (line.type === "gate" ? "the gate" : `a line of type ${line.type}`),
  secondHead: () => onlyOne("gate"),
};
