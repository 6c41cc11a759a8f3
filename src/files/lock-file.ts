import { randomUUID } from "node:crypto";
import {
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import process from "node:process";
import * as z from "zod";
import { FailureError, printable } from "../core/errors.ts";
import { beganOf, isRunning } from "./process-of.ts";
import { whyNotWritten } from "./replace-file.ts";

/** A lock that this process holds. */
export interface Lock {
  /** Says that its holder is alive, to those who cannot see the process. Throws if the lock was taken away. */
  refresh(): void;
  /** Gives it back; nothing if it was taken away. */
  release(): void;
}

/** Who holds a lock. */
export type Holder = z.infer<typeof holder>;

const holder = z.object({
  /** Of this acquisition alone. */
  token: z.string(),
  host: z.string(),
  pid: z.number().int().positive(),
  /** Where that process id means this process: equal texts are one table of processes. Null if unknown. */
  processes: z.string().nullable(),
  /** Of the process, in the system's ticks since it booted, so that an id that is used again shows. Null if unknown. */
  began: z.string().nullable(),
  since: z.string(),
});

/**
 * Seconds without a refresh after which a holder whose process cannot be seen from here, since it runs on another machine,
 * counts as dead. A holder should refresh several times as often.
 */
const SILENCE_S = 300;

/**
 * Takes the lock that `path` is, or says who holds it. The file appears with its content or not at all (`link`), which holds
 * on shared file systems as well. A lock whose process has ended is taken over: at once if it ran here, after `silence`
 * seconds without a refresh if it ran elsewhere, by the file server's clock.
 */
export function takeLock(
  path: string,
  silence = SILENCE_S,
): { readonly lock: Lock } | { readonly holder: Holder | null } {
  const own = whoAmI();
  const content = `${JSON.stringify(own)}\n`;
  const mine = `${path}.${own.token}`;
  writing(path, () => writeFileSync(mine, content, { flag: "wx" }));
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (appears(mine, path)) return { lock: lockOf(path, content) };
      const found = holderOf(path);
      if (found === null) continue; // it was given back in the meantime
      if (!isDead(found, statSync(mine).mtimeMs, silence)) return { holder: found.holder };
      const other = bury(path, found.content, mine, silence);
      if (other !== null) return { holder: other.holder };
    }
    return { holder: holderOf(path)?.holder ?? null };
  } finally {
    rmSync(mine, { force: true });
  }
}

/** The same for those who cannot go on without it. `what` says what it is for, such as `history: h.jsonl`. */
export function lockOrRefuse(path: string, what: string, silence = SILENCE_S): Lock {
  const taken = takeLock(path, silence);
  if ("lock" in taken) return taken.lock;
  throw new FailureError(
    `${what} is in use, by ${holderText(taken.holder)}; wait until it has ended, and try again`,
  );
}

/** Who holds the lock that `path` is, if someone alive does, as far as can be told without taking it; otherwise null. */
export function lookAtLock(path: string, silence = SILENCE_S): { readonly holder: Holder | null } | null {
  const found = holderOf(path);
  return found === null || isDead(found, Date.now(), silence) ? null : { holder: found.holder };
}

/** Whether the process of a holder is in the table of processes that this one is in, so that it is known whether it lives. */
export function isVisible({ processes }: Holder): boolean {
  return processes !== null && processes === processTable();
}

/** A holder in words. */
export function holderText(one: Holder | null): string {
  if (one === null) return "a process that did not say which it is";
  return `process ${one.pid} on ${printable(one.host, 80)} since ${printable(one.since, 40)}`;
}

/** Takers that meet over a dead holder's lock try again, and one of them wins each time. */
const ATTEMPTS = 10;

function lockOf(path: string, content: string): Lock {
  const isMine = () => readOrNull(path) === content;
  return {
    refresh() {
      if (!isMine()) {
        throw new FailureError(
          `lock: ${printable(path)} was taken by another process, since this one seemed dead to it; end one of them`,
        );
      }
      // Writing sets the time by the file server's clock.
      writing(path, () => {
        const descriptor = openSync(path, "r+");
        try {
          writeSync(descriptor, content, 0);
        } finally {
          closeSync(descriptor);
        }
      });
    },
    release() {
      if (isMine()) rmSync(path, { force: true });
    },
  };
}

function whoAmI(): Holder {
  return {
    token: randomUUID(),
    host: hostname(),
    pid: process.pid,
    processes: processTable(),
    began: beganOf(process.pid),
    since: new Date().toISOString(),
  };
}

/** On Linux the boot and the namespace of process ids: two containers of one machine have different ones. */
function processTable(): string | null {
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return null;
  }
}

/** Whether the file appeared at `path`; false if there is one already. */
function appears(file: string, path: string): boolean {
  try {
    linkSync(file, path);
    return true;
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS") throw notLocked(thrown, path);
  }
  // A file system without links: the file may be seen empty for a moment, which counts as held.
  try {
    writeFileSync(path, readFileSync(file), { flag: "wx" });
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw notLocked(thrown, path);
  }
}

interface Found {
  /** Null if the file does not say. */
  readonly holder: Holder | null;
  readonly content: string;
  readonly changed_ms: number;
}

function holderOf(path: string): Found | null {
  const content = readOrNull(path);
  if (content === null) return null;
  try {
    const { mtimeMs } = statSync(path);
    return { holder: parsed(content), content, changed_ms: mtimeMs };
  } catch {
    return null;
  }
}

function parsed(content: string): Holder | null {
  try {
    return holder.safeParse(JSON.parse(content)).data ?? null;
  } catch {
    return null;
  }
}

function isDead({ holder: one, changed_ms }: Found, now_ms: number, silence: number): boolean {
  if (one !== null && isVisible(one)) {
    return !isRunning(one.pid) || (one.began !== null && one.began !== beganOf(one.pid));
  }
  return now_ms - changed_ms > silence * 1000;
}

/**
 * Removes a dead holder's lock, unless it is another's by now: whoever removes one holds a lock of its own for that, so that
 * nobody takes it over between the last look at it and its end. Gives who is at it already, if somebody is.
 */
function bury(path: string, content: string, mine: string, silence: number): Found | null {
  const spade = `${path}.dead`;
  if (!appears(mine, spade)) {
    const found = holderOf(spade);
    if (found === null) return null;
    if (!isDead(found, statSync(mine).mtimeMs, silence)) return found;
    moveAway(spade, found.content, mine);
    return null;
  }
  try {
    if (readOrNull(path) === content) rmSync(path, { force: true });
  } catch (thrown) {
    throw notLocked(thrown, path);
  } finally {
    rmSync(spade, { force: true });
  }
  return null;
}

/**
 * Removes a lock that is left of someone who died while removing one. It is moved aside first and looked at again: if
 * another took it over between, what was moved is a lock that is alive, and goes back.
 */
function moveAway(path: string, content: string, mine: string): void {
  const aside = `${mine}.dead`;
  try {
    renameSync(path, aside);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return;
    throw notLocked(thrown, path);
  }
  if (readOrNull(aside) !== content) appears(aside, path);
  rmSync(aside, { force: true });
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function writing(path: string, write: () => void): void {
  try {
    write();
  } catch (thrown) {
    throw notLocked(thrown, path);
  }
}

function notLocked(thrown: unknown, path: string): FailureError {
  return new FailureError(`lock: cannot write ${printable(path)}, ${whyNotWritten(thrown, path)}`);
}
