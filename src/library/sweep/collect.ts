import { existsSync, realpathSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { FailureError, printable, UsageError } from "../../core/errors.ts";
import { draftFor, leftoverDrafts } from "../../files/draft.ts";
import { type Lock, lockOrRefuse } from "../../files/lock-file.ts";
import { openSink } from "../../files/sink.ts";
import { type OpenRuns, openRuns } from "../../record/collection/open-runs.ts";
import { BASELINE } from "../../record/schema/baseline.ts";
import { candidates } from "../../sweep/collect/candidates.ts";
import { copyRun } from "../../sweep/collect/copy-run.ts";
import { whyNoFile } from "../../sweep/collect/sources.ts";
import { placesIn } from "../../sweep/folder.ts";
import { ShardFiles } from "../../sweep/states.ts";
import { readSweep, type Sweep } from "../../sweep/sweep-file.ts";
import type { Host } from "../host.ts";
import { endingIn } from "../run-file.ts";

/** The options of `sweep collect`, as typed. */
export interface CollectOptions {
  readonly folder: string;
  /** The collection: a new file, or one that an earlier collection wrote and this one extends. */
  readonly out: string;
  /** Whether what is measured so far of shards under way is taken as well. */
  readonly partial?: boolean;
}

/** What became of a sweep's shards. */
export interface Collected {
  /** Whether the collection was written: not where there was nothing to write. */
  readonly written: boolean;
  /** What is in it. */
  readonly shards: number;
  readonly cases: number;
  readonly rounds: number;
  readonly bytes: number;
  /** How many of its shards an earlier collection alone had. */
  readonly kept: number;
  /** How many of its shards are not done. */
  readonly parts: number;
  /** Of shards that are done, cases that were measured in fewer rounds than planned, and how many shards have such. */
  readonly short: { readonly shards: number; readonly cases: number };
  /** Files that are left out, and why, in one line that names each. */
  readonly broken: readonly string[];
  /** How many shards of the sweep are not done, by the class of machines that they wait for, in the order of the plan. */
  readonly missing: ReadonlyMap<string, number>;
  /** Results of shards that the plan no longer has, which are left out. */
  readonly strays: readonly string[];
}

/** Seconds from one sign of life to the next. */
const REFRESH_S = 10;

/**
 * Puts the results of a sweep's shards that are done into one file, in the order of their names, so that it is the same
 * whatever the order in which they were measured. Each is validated as it is copied; a file that is broken is left out, and
 * told. What an earlier collection in the same place has, and the folder has not, stays. The file is written completely or not
 * at all, by one collector at a time; no more than one shard is in memory.
 */
export async function collectSweep(
  { folder, out, partial = false }: CollectOptions,
  host: Pick<Host, "signal" | "observe" | "now">,
): Promise<Collected> {
  const sweep = readSweep(folder);
  const path = outPath(folder, endingIn("--out", out, ".jsonl"));
  const { signal } = host;
  const lock = lockOrRefuse(`${path}.lock`, `sweep: ${printable(out)}`);
  try {
    // Nobody else writes there now: what a collector left that was killed is of no use.
    for (const draft of leftoverDrafts(path)) rmSync(draft, { force: true });
    const earlier = existsSync(path) ? await openEarlier(path, sweep) : null;
    try {
      const files = new ShardFiles(folder);
      const found = candidates(sweep, {
        folder,
        files,
        partial,
        earlier: earlier && { path, runs: earlier },
      });
      const counts = await write(path, found, { signal, observe: refreshing(lock, host) });
      return { ...counts, missing: missingIn(sweep, files), strays: files.strays(sweep.shards) };
    } finally {
      await earlier?.close();
    }
  } finally {
    lock.release();
  }
}

/** Writes the first of the candidates of each shard that is not broken. */
async function write(
  path: string,
  found: ReturnType<typeof candidates>,
  { signal, observe }: Pick<Host, "signal" | "observe">,
): Promise<Omit<Collected, "missing" | "strays">> {
  const counts = { shards: 0, cases: 0, rounds: 0, kept: 0, parts: 0 };
  const short = { shards: 0, cases: 0 };
  const broken: string[] = [];
  if (found.size === 0) return { written: false, bytes: 0, short, broken, ...counts };
  const draft = draftFor(path, "file");
  const sink = openSink(draft.path, path);
  try {
    let done = 0;
    for (const [name, sources] of found) {
      observe({ phase: "collect", case: name, done: done++, total: found.size, secondsLeft: null });
      for (const { kind, source } of sources) {
        const why = kind === "earlier" ? null : whyNoFile(source.path);
        const copied = why === null ? await copyRun(source, sink, signal) : { broken: why };
        refuseInterrupt(path, signal);
        if ("broken" in copied) {
          broken.push(copied.broken);
          continue;
        }
        counts.shards++;
        counts.cases += copied.cases;
        counts.rounds += copied.rounds;
        // What is not done has fewer in any case.
        if (kind === "done" && copied.short > 0) {
          short.shards++;
          short.cases += copied.short;
        }
        counts.kept += Number(kind === "earlier");
        counts.parts += Number(kind === "part");
        break;
      }
    }
    const { bytes } = sink;
    if (counts.shards > 0) sink.sync();
    sink.close();
    if (counts.shards > 0) draft.keep();
    return { written: counts.shards > 0, bytes, short, broken, ...counts };
  } finally {
    sink.close();
    draft.discard();
  }
}

function refuseInterrupt(path: string, signal: AbortSignal): void {
  if (signal.aborted) throw new FailureError(`${printable(path)}: interrupted; nothing was written`);
}

/** The file that is meant, through links. The results of a shard cannot be written over. */
function outPath(folder: string, out: string): string {
  const path = existsSync(out) ? realpathSync(out) : resolve(out);
  const own = placesIn(folder);
  const shards = existsSync(own.shards) ? realpathSync(own.shards) : resolve(own.shards);
  if (dirname(path) !== shards) return path;
  throw new UsageError(
    `--out: must not lie among the shards of the sweep, got ${printable(out)}; name another folder`,
  );
}

/** An earlier collection of the same sweep, which is extended. Anything else is never written over. */
async function openEarlier(path: string, { name, baseline = BASELINE }: Sweep): Promise<OpenRuns> {
  const where = `--out: ${printable(path)}`;
  const advice = "remove it, or name another";
  let runs: OpenRuns;
  try {
    runs = await openRuns(path);
  } catch (thrown) {
    if (!(thrown instanceof FailureError)) throw thrown;
    throw new FailureError(
      `${where} must be a collection to be extended, got another file (${thrown.message}); ${advice}`,
    );
  }
  const other = runs.index.find(
    ({ head: { shard } }) => shard?.sweep !== name || (shard.baseline ?? BASELINE) !== baseline,
  );
  if (other === undefined) return runs;
  await runs.close();
  const { shard } = other.head;
  if (shard?.sweep === name) {
    throw new UsageError(
      `${where} must have the plan's baseline ${baseline} to be extended, got ${printable(shard.baseline ?? BASELINE, 40)}; ${advice}`,
    );
  }
  const got = shard === undefined ? "a run that is no shard" : `one of ${shard.sweep}`;
  throw new UsageError(`${where} must be a collection of ${name} to be extended, got ${got}; ${advice}`);
}

function missingIn({ shards, machines }: Sweep, files: ShardFiles): ReadonlyMap<string, number> {
  const missing = new Map(Object.keys(machines).map((machine) => [machine, 0]));
  for (const shard of shards) {
    if (!files.isDone(shard)) missing.set(shard.machine, (missing.get(shard.machine) ?? 0) + 1);
  }
  return new Map([...missing].filter(([, count]) => count > 0));
}

/** Observes, and shows that this process lives. */
function refreshing(lock: Lock, { observe, now }: Pick<Host, "observe" | "now">): Host["observe"] {
  let last = now();
  return (progress) => {
    if (now() - last >= REFRESH_S) {
      last = now();
      lock.refresh();
    }
    observe(progress);
  };
}
