import type * as z from "zod";
import { BLOCKS_SCHEMA_VERSION, type BlocksLine, blocksLine } from "./schema/block-lines.ts";
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
  readonly version: number;
  /** The type of the first line, and of no other. */
  readonly head: Line["type"];
  /** Advice on what to give instead. */
  readonly advice: string;
  /** The name of a line in messages. */
  label(line: Line): string;
}

/** What `run` and `train` write. */
export const RESULTS: LineKind<FileLine> = {
  name: "results",
  schema: fileLine,
  version: SCHEMA_VERSION,
  head: "run",
  advice: "give a file that attnbench run or train wrote",
  label: labelOf,
};

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
};
