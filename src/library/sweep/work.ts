import { existsSync, lstatSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { FailureError, messageOf, printable, UsageError } from "../../core/errors.ts";
import { holderText, isVisible, type Lock, takeLock } from "../../files/lock-file.ts";
import { makeFolder } from "../../files/make-folder.ts";
import { whyNotWritten } from "../../files/replace-file.ts";
import { readLines } from "../../record/read.ts";
import type { CaseLine } from "../../record/schema/result-lines.ts";
import { whyDamaged } from "../../sweep/done-file.ts";
import { placesIn } from "../../sweep/folder.ts";
import { moveAside } from "../../sweep/move-aside.ts";
import type { Shard } from "../../sweep/shard.ts";
import { SHARD_SILENCE_S, writeFailed } from "../../sweep/states.ts";
import { findShard, readSweep, type Sweep } from "../../sweep/sweep-file.ts";
import type { Host } from "../host.ts";
import { measureRun, type PreparedRun, prepareRun, whyNotHere } from "../run.ts";
import { choicesOf } from "./option-forms.ts";
import { setDamagedAside } from "./set-aside.ts";
import { uncomparedIn } from "./uncompared.ts";

/** How the work on a shard ended, if it did not fail. */
export type Worked =
  | { readonly end: "done"; readonly outcomes: ReadonlyMap<CaseLine["outcome"], number> }
  /** It was done before. */
  | { readonly end: "already" }
  /** It is to be gone on with: it was interrupted, or somebody else is at it. */
  | { readonly end: "again"; readonly reason: string };

/** A shard of which no kernel here supports anything is done when that is written down. */
const SKIPPING = { mayBeSkipped: true } as const;

/** Seconds from one sign of life to the next, and from one look at another's lock to the next. */
const REFRESH_S = 10;
const LOOK_S = 15;

/**
 * Measures one shard of a sweep into its folder: what is done is left alone, what was begun is gone on with, and what is
 * measured is kept whatever happens. Two processes never measure the same shard. Throws why it cannot be measured, which the
 * folder then tells as well.
 */
export async function workOn(folder: string, name: string, host: Host): Promise<Worked> {
  const sweep = readSweep(folder);
  const shard = findShard(sweep, name);
  const places = placesIn(folder);
  if (isWhole(folder, name)) return { end: "already" };
  makeFolder(places.shards);
  const taken = await takeOrWait(places.lock(name), host);
  if ("reason" in taken) return { end: "again", reason: taken.reason };
  const { lock } = taken;
  try {
    if (isWhole(folder, name)) return { end: "already" };
    setDamagedAside(folder, name, host);
    rmSync(places.failed(name), { force: true });
    return await measureShard(folder, sweep, shard, refreshing(lock, host));
  } catch (thrown) {
    tryToRemember(() => writeFailed(folder, shard, messageOf(thrown), host.today()));
    throw thrown;
  } finally {
    lock.release();
  }
}

async function measureShard(
  folder: string,
  { name: sweep, baseline }: Pick<Sweep, "name" | "baseline">,
  shard: Shard,
  host: Host,
): Promise<Worked> {
  const places = placesIn(folder);
  const { name, machine, repeat } = shard;
  const part = places.part(name);
  const prepared =
    (await continued(folder, shard, host)) ??
    (await prepareRun(choicesOf(shard.options), host, { ...SKIPPING, baseline }));
  for (const line of uncomparedIn(prepared.plan, baseline)) host.warn(line);
  const head = { sweep, name, machine, repeat, ...(baseline !== undefined && { baseline }) };
  const outcomes = new Map<string, CaseLine["outcome"]>();
  for (const line of prepared.earlier?.lines ?? [])
    if (line.type === "case") outcomes.set(line.case, line.outcome);
  for await (const line of measureRun({ ...prepared, shard: head }, part, host)) {
    if (line.type === "case") outcomes.set(line.case, line.outcome);
  }
  if (host.signal.aborted) return { end: "again", reason: "interrupted; what was measured is kept" };
  try {
    renameSync(part, places.done(name));
  } catch (thrown) {
    throw new FailureError(`sweep: ${printable(part)} cannot be renamed, ${whyNotWritten(thrown, part)}`);
  }
  return { end: "done", outcomes: counted([...outcomes.values()]) };
}

/** The run of a shard that was begun here before; null if it begins anew, what is there being set aside. */
async function continued(folder: string, shard: Shard, host: Host): Promise<PreparedRun | null> {
  const { name } = shard;
  const part = placesIn(folder).part(name);
  if (!existsSync(part)) return null;
  refuseLink(part);
  const setAside = (why: string): null => {
    host.warn(
      `${printable(part)}: ${why}; it is kept as ${printable(moveAside(folder, name, "part"))}, and measured anew`,
    );
    return null;
  };
  // A process that was killed while it wrote the first line measured nothing.
  if (!readFileSync(part).includes("\n")) {
    rmSync(part);
    return null;
  }
  let prepared: PreparedRun;
  try {
    const { run } = readLines(part);
    if (run.shard?.name !== name)
      return setAside(`it is of ${run.shard?.name ?? "no shard"}, not of this one`);
    const { plugins, python } = choicesOf(shard.options);
    prepared = await prepareRun({ resume: part, plugins, python }, host, SKIPPING);
  } catch (thrown) {
    if (!(thrown instanceof FailureError || thrown instanceof UsageError)) throw thrown;
    return setAside(messageOf(thrown));
  }
  const why = whyNotHere(prepared);
  if (why === null) return prepared;
  await prepared.catalogue.close();
  return setAside(why);
}

/** Whether there are results that are said to be all, of which a short look tells nothing else. */
function isWhole(folder: string, name: string): boolean {
  return existsSync(placesIn(folder).done(name)) && whyDamaged(folder, name) === null;
}

/** What is appended to must lie in the folder itself. */
function refuseLink(path: string): void {
  if (lstatSync(path).isFile()) return;
  throw new FailureError(
    `sweep: ${printable(path)} must be a regular file, got a link or a folder; remove it`,
  );
}

/** The lock; or why it is not to be had. Who cannot be seen from here is dead after a long silence, which is waited for. */
async function takeOrWait(
  path: string,
  { signal, remark }: Pick<Host, "signal" | "remark">,
): Promise<{ readonly lock: Lock } | { readonly reason: string }> {
  let waiting: number | null = null;
  for (;;) {
    const taken = takeLock(path, SHARD_SILENCE_S);
    if ("lock" in taken) return taken;
    const reason = `it is being measured, by ${holderText(taken.holder)}`;
    const changed = changedAt(path);
    const { holder } = taken;
    if (holder !== null && isVisible(holder)) return { reason };
    if (waiting !== null && changed !== waiting) return { reason };
    if (waiting === null) remark(`${reason}; waiting to see whether that lives`);
    waiting = changed;
    await pause(LOOK_S * 1000, undefined, { signal }).catch(() => {});
    if (signal.aborted) return { reason: "interrupted before anything was measured" };
  }
}

function changedAt(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null;
}

/** A host that shows, whenever it hears something, that this process lives. */
function refreshing(lock: Lock, { observe, now, signal, warn, remark, today }: Host): Host {
  let last = now();
  return {
    signal,
    warn,
    remark,
    now,
    today,
    observe(progress) {
      if (now() - last >= REFRESH_S) {
        last = now();
        lock.refresh();
      }
      observe(progress);
    },
  };
}

function counted<T>(values: readonly T[]): ReadonlyMap<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** What went wrong is thrown in any case: that it cannot be written down as well, as on a full disk, adds nothing. */
function tryToRemember(write: () => void): void {
  try {
    write();
  } catch (thrown) {
    if (!(thrown instanceof FailureError)) throw thrown;
  }
}
