import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { FailureError, printable } from "../../core/errors.ts";
import { lockOrRefuse, takeLock } from "../../files/lock-file.ts";
import { whyNotWritten } from "../../files/replace-file.ts";
import { gitIn } from "./git.ts";

/** Two checkouts of a repository in a temporary folder: worktrees, whose index, HEAD and bisection are their own. */
export interface WorkFolder {
  readonly path: string;
  readonly base: string;
  readonly head: string;
  /** Says that this process lives. */
  refresh(): void;
  remove(): void;
}

const PREFIX = "attnbench-bisect-";
const SIDES = ["base", "head"] as const;

/** Makes it, with both checkouts at a commit, after what a killed process left of one was removed. */
export function makeWorkFolder(top: string, commit: string): WorkFolder {
  removeLeftovers(top);
  const path = temporaryFolder();
  const lock = lockOrRefuse(join(path, "lock"), `bisect: ${printable(path)}`);
  const [base, head] = SIDES.map((side) => join(path, side));
  const remove = () => {
    removeCheckouts(top, path);
    lock.release();
    rmSync(path, { recursive: true, force: true });
  };
  try {
    for (const one of [base, head]) gitIn(top)("worktree", "add", "--quiet", "--detach", one, commit);
  } catch (thrown) {
    remove();
    throw thrown;
  }
  return { path, base, head, refresh: lock.refresh, remove };
}

function temporaryFolder(): string {
  try {
    return mkdtempSync(join(realpathSync(tmpdir()), PREFIX));
  } catch (thrown) {
    throw new FailureError(
      `${printable(tmpdir())}: checkouts cannot be made there, ${whyNotWritten(thrown)}; name another folder in TMPDIR`,
    );
  }
}

/** Removes the checkouts of bisections of this repository whose process has ended. */
function removeLeftovers(top: string): void {
  for (const path of new Set(ownCheckouts(top).map(dirname))) {
    if (existsSync(path)) {
      const taken = takeLock(join(path, "lock"));
      if (!("lock" in taken)) continue;
    }
    removeCheckouts(top, path);
    rmSync(path, { recursive: true, force: true });
  }
}

function removeCheckouts(top: string, path: string): void {
  const git = gitIn(top);
  const known = new Set(ownCheckouts(top));
  for (const one of SIDES.map((side) => join(path, side))) {
    // What is in it may be anything: git would look at it first.
    rmSync(one, { recursive: true, force: true });
    if (known.has(one)) git("worktree", "remove", "--force", one);
  }
}

/** Worktrees of this repository that a bisection made, by their paths. */
function ownCheckouts(top: string): readonly string[] {
  return gitIn(top)("worktree", "list", "--porcelain", "-z")
    .split("\0")
    .flatMap((line) => (line.startsWith("worktree ") ? [line.slice("worktree ".length)] : []))
    .filter((path) => isSide(basename(path)) && basename(dirname(path)).startsWith(PREFIX));
}

function isSide(name: string): boolean {
  return (SIDES as readonly string[]).includes(name);
}
