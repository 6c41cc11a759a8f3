import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize, resolve } from "node:path";
import { FailureError, printable, UsageError } from "../../core/errors.ts";
import { lockOrRefuse } from "../../files/lock-file.ts";
import { makeFolder } from "../../files/make-folder.ts";
import { replaceFile, whyNotWritten } from "../../files/replace-file.ts";
import { schemaRule } from "../../record/schema-rule.ts";
import type { Engine, Submission } from "../../sweep/engines/engine.ts";
import { placesIn } from "../../sweep/folder.ts";
import { addJobLine, readJobLines, type WrittenFiles } from "../../sweep/jobs.ts";
import type { Shard } from "../../sweep/shard.ts";
import { ShardFiles } from "../../sweep/states.ts";
import type { Sweep } from "../../sweep/sweep-file.ts";
import type { Host } from "../host.ts";
import { expectedElsewhere } from "./expected-elsewhere.ts";
import { programWords } from "./program.ts";

/** What was handed over of a class of machines. */
export interface HandedOver {
  readonly machine: string;
  readonly shards: number;
  /** What it is known by there; null if its files were only written. */
  readonly id: string | null;
  /** The files that the engine has for it, by their paths in the folder. */
  readonly files: readonly string[];
}

/**
 * Hands to an engine the shards of some classes that are not done and that nothing measures or is about to. The files that
 * it takes are written into the folder first; with `filesOnly` that is all. One that was changed by a person stays, and is
 * used for the shards that it was made for.
 */
export async function handOver(
  folder: string,
  sweep: Sweep,
  asked: Asked,
  host: Pick<Host, "remark" | "today">,
): Promise<readonly HandedOver[]> {
  const lock = lockOrRefuse(placesIn(folder).handOver, `sweep: ${printable(folder)}`);
  try {
    return await handOverLocked(folder, sweep, asked, host);
  } finally {
    lock.release();
  }
}

/** What is handed over, to whom. */
interface Asked {
  readonly engine: Engine;
  readonly classes: readonly string[];
  readonly filesOnly: boolean;
}

async function handOverLocked(
  folder: string,
  sweep: Sweep,
  { engine, classes, filesOnly }: Asked,
  host: Pick<Host, "remark" | "today">,
): Promise<readonly HandedOver[]> {
  // Of all classes before anything is handed over.
  const settings = new Map(classes.map((machine) => [machine, settingsOf(engine, sweep, machine)]));
  const files = new ShardFiles(folder);
  const { jobs, unknown } = await expectedElsewhere(folder, sweep.shards, files);
  for (const [name, why] of unknown) {
    throw new FailureError(`${name}: cannot tell what it still measures, ${why}`);
  }
  const expected = new Set(jobs.flatMap(({ waiting, running }) => [...waiting, ...running]));
  const handed: HandedOver[] = [];
  for (const machine of classes) {
    const todo = sweep.shards.filter(
      (one) => one.machine === machine && !expected.has(one.name) && isOpen(one, files),
    );
    if (todo.length === 0) continue;
    const submission: Submission = {
      folder: resolve(folder),
      sweep: sweep.name,
      machine,
      settings: settings.get(machine),
      shards: todo,
      program: programWords(),
      directory: sweep.directory,
    };
    const { shards, paths } = written(engine, submission, sweep, host);
    const at = host.today().toISOString();
    const id = filesOnly ? null : await engine.submit({ ...submission, shards });
    if (id !== null) {
      const names = shards.map(({ name }) => name);
      addJobLine(folder, { type: "job", engine: engine.id, id, machine, at, shards: names });
    }
    handed.push({ machine, shards: shards.length, id, files: paths });
  }
  return handed;
}

function isOpen(shard: Shard, files: ShardFiles): boolean {
  const { state } = files.of(shard);
  return state === "waiting" || state === "failed";
}

/** What the plan says of a class for an engine, by the engine's own rules. */
export function settingsOf(engine: Engine, { machines }: Sweep, machine: string): unknown {
  const given = machines[machine][engine.id];
  const parsed = engine.settings.safeParse(given ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = ["machines", machine, engine.id, ...issue.path].map(String).join(".");
  const none = given === undefined ? `, got nothing for ${engine.id}` : "";
  throw new UsageError(`plan: ${printable(path, 120)}: ${schemaRule(issue)}${none}; add it to the plan`);
}

/** Writes the files of a submission, unless a person changed them. Returns the shards that they are for. */
function written(
  engine: Engine,
  submission: Submission,
  sweep: Sweep,
  { remark, today }: Pick<Host, "remark" | "today">,
): { readonly shards: readonly Shard[]; readonly paths: readonly string[] } {
  const { folder, machine } = submission;
  const before = readJobLines(folder).findLast(
    (line): line is WrittenFiles =>
      line.type === "files" && line.engine === engine.id && line.machine === machine,
  );
  const changed = Object.entries(before?.files ?? {}).filter(([path, hash]) =>
    isChanged(join(folder, path), hash),
  );
  if (before !== undefined && changed.length > 0) {
    const own = new Map(sweep.shards.map((one) => [one.name, one]));
    const shards = before.shards.flatMap((name) => own.get(name) ?? []);
    if (shards.length !== before.shards.length) {
      throw new FailureError(
        `sweep: ${printable(changed[0][0])} was changed, and is for shards that the plan no longer has; remove it to have it made anew`,
      );
    }
    remark(
      `${changed.map(([path]) => printable(path)).join(", ")}: was changed, and is used as it is; remove it to have it made anew`,
    );
    return { shards, paths: Object.keys(before.files) };
  }
  const files = engine.files(submission);
  for (const [path, content] of files) write(folder, path, content);
  const hashes = Object.fromEntries([...files].map(([path, content]) => [path, hashOf(content)]));
  const names = submission.shards.map(({ name }) => name);
  const at = today().toISOString();
  addJobLine(folder, { type: "files", engine: engine.id, machine, at, shards: names, files: hashes });
  return { shards: submission.shards, paths: [...files.keys()] };
}

function write(folder: string, path: string, content: string): void {
  if (normalize(path).startsWith("..") || resolve(folder, path) !== join(resolve(folder), path)) {
    throw new TypeError(`sweep: an engine's files lie in the sweep's folder, got ${path}`);
  }
  const target = join(folder, path);
  try {
    makeFolder(dirname(target));
  } catch (thrown) {
    throw new FailureError(`sweep: ${printable(dirname(target))} cannot be made, ${whyNotWritten(thrown)}`);
  }
  replaceFile(target, content);
}

function isChanged(path: string, hash: string): boolean {
  return existsSync(path) && hashOf(readFileSync(path)) !== hash;
}

function hashOf(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
