import { existsSync, statSync } from "node:fs";
import * as z from "zod";
import { FailureError, messageOf, printable, UsageError } from "../core/errors.ts";
import { readWhole } from "../files/read-whole.ts";
import { replaceFile } from "../files/replace-file.ts";
import { schemaRule } from "../record/schema-rule.ts";
import { placesIn } from "./folder.ts";
import type { Shard } from "./shard.ts";

/** Raised whenever a reader of the old form would misread the new one. */
const SCHEMA_VERSION = 1;

const word = z.string().max(20_000);
const plainName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/);
const count = z.number().int().nonnegative();

const shard = z.object({
  /** No file of a shard can lie outside of the folder. */
  name: z.string().regex(/^[0-9a-f]{16}$/, { error: "must be 16 hexadecimal digits" }),
  machine: plainName,
  repeat: count,
  options: z.record(z.string(), z.union([word, z.number(), z.boolean(), z.array(word)])),
  cases: count,
  predicted_s: z.number().nonnegative(),
}) satisfies z.ZodType<Shard>;

const sweepFile = z.object({
  type: z.literal("sweep"),
  schema: z.literal(SCHEMA_VERSION),
  name: plainName,
  /** What hands its shards to machines, unless told otherwise. */
  engine: word,
  /** Where it was begun: what its plan names is found from there. */
  directory: word,
  /** The variant that the others are compared with; `full` if omitted. */
  baseline: word.optional(),
  /** By the names of classes, what the plan says of them for each engine. */
  machines: z.record(plainName, z.record(z.string(), z.unknown())),
  shards: z.array(shard),
});

/** What `sweep.json` holds. */
export interface Sweep extends Omit<z.infer<typeof sweepFile>, "type" | "schema" | "shards"> {
  readonly shards: readonly Shard[];
}

/** Writes the shards of a sweep, a line each, whole or not at all. */
export function writeSweep(folder: string, { shards, ...rest }: Sweep): void {
  const head = JSON.stringify({ type: "sweep", schema: SCHEMA_VERSION, ...rest }, null, 1).slice(0, -2);
  const lines = shards.map((one) => `  ${JSON.stringify(one)}`).join(",\n");
  replaceFile(placesIn(folder).sweep, `${head},\n "shards": [\n${lines}\n ]\n}\n`);
}

/** Whether a folder is that of a sweep. */
export function isSweep(folder: string): boolean {
  return existsSync(placesIn(folder).sweep);
}

/** Reads the sweep that a folder holds. */
export function readSweep(folder: string): Sweep {
  const path = placesIn(folder).sweep;
  const where = printable(path);
  if (!isFolder(folder) || !existsSync(path)) {
    throw new UsageError(
      `sweep: ${printable(folder)} must be the folder of a sweep, got none; make one with attnbench sweep PLAN`,
    );
  }
  const advice = "make it again with attnbench sweep PLAN, which keeps what was measured";
  let value: unknown;
  try {
    value = JSON.parse(readWhole(path).toString("utf8"));
  } catch (thrown) {
    if (thrown instanceof FailureError || thrown instanceof UsageError) throw thrown;
    throw new FailureError(`sweep: ${where} must be JSON, got ${messageOf(thrown)}; ${advice}`);
  }
  const version = typeof value === "object" && value !== null && "schema" in value ? value.schema : undefined;
  if (version !== undefined && version !== SCHEMA_VERSION) {
    throw new FailureError(
      `sweep: ${where}: the schema must be ${SCHEMA_VERSION}, got ${printable(JSON.stringify(version), 40)}; use the version of attnbench that wrote it`,
    );
  }
  const parsed = sweepFile.safeParse(value);
  if (parsed.success) {
    const { type: _, schema: __, ...sweep } = parsed.data;
    return sweep;
  }
  const [issue] = parsed.error.issues;
  const rule = issue.code === "invalid_format" ? issue.message : schemaRule(issue);
  throw new FailureError(`sweep: ${where}: ${printable(issue.path.join("."), 80)}: ${rule}; ${advice}`);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** The shard of a name. */
export function findShard({ shards }: Pick<Sweep, "shards">, name: string): Shard {
  const found = shards.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new UsageError(
    `--shard: must be one of the ${shards.length} of the sweep, got '${printable(name, 60)}'; attnbench sweep status --json names them, by how far they are`,
  );
}
