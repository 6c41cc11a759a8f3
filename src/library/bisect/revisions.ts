import { FailureError, printable, UsageError } from "../../core/errors.ts";
import { gitIn } from "./git.ts";

/** A commit as a person knows it. */
export interface CommitText {
  readonly commit: string;
  readonly subject: string;
  readonly author: string;
  /** ISO 8601, as its author's clock had it. */
  readonly date: string;
}

/** Where a repository's checkout begins, and what of it lies around a folder: empty, or a path that ends in a slash. */
export function repositoryAt(folder: string): { readonly top: string; readonly prefix: string } {
  try {
    const git = gitIn(folder);
    return { top: git("rev-parse", "--show-toplevel"), prefix: git("rev-parse", "--show-prefix") };
  } catch (thrown) {
    if (!(thrown instanceof FailureError)) throw thrown;
    throw new UsageError(
      `bisect: ${printable(folder)} must lie in a git checkout; change to the one whose commits are to be tested`,
    );
  }
}

/** The commit that a revision names. */
export function commitOf(top: string, option: string, revision: string): string {
  try {
    return gitIn(top)("rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`);
  } catch (thrown) {
    if (!(thrown instanceof FailureError)) throw thrown;
    throw new UsageError(
      `${option}: must name a commit of this repository, got '${printable(revision, 80)}'; git log lists them`,
    );
  }
}

/** Refuses what is no range: good must be among the ancestors of bad. */
export function refuseNoRange(top: string, good: string, bad: string): void {
  const git = gitIn(top);
  if (good === bad) {
    throw new UsageError("bisect: --good and --bad must be two commits, got one; nothing lies between them");
  }
  try {
    git("merge-base", "--is-ancestor", good, bad);
  } catch (thrown) {
    if (!(thrown instanceof FailureError)) throw thrown;
    throw new UsageError(
      "bisect: --good must be an ancestor of --bad, got one that is not; take their merge base, git merge-base GOOD BAD",
    );
  }
}

/** Commits that may be the first bad one: those of `bad` that no good one has, the newest first. */
export function candidates(folder: string, bad: string, good: readonly string[]): readonly string[] {
  const listed = gitIn(folder)("rev-list", bad, ...good.map((one) => `^${one}`), "--");
  return listed.split("\n").filter(Boolean);
}

export function commitText(folder: string, commit: string): CommitText {
  const told = gitIn(folder)("log", "-1", "--format=%s%x00%an%x00%aI", "--end-of-options", commit, "--");
  const [subject = "", author = "", date = ""] = told.split("\0");
  return { commit, subject, author, date };
}
