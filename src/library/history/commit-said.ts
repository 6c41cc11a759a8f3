import { FailureError, printable, UsageError } from "../../core/errors.ts";
import { type DatedCommit, findCommit } from "../../history/git-commits.ts";
import type { MeasuredEntry } from "./measured-entry.ts";
import { momentOf } from "./moment.ts";

/** What is said of the commits of what is added, where files do not say it or say something else. */
export interface CommitOptions {
  /** The commit that was measured; of a gate, that of head. */
  readonly commit?: string | undefined;
  /** The commit of a gate's base. */
  readonly baseCommit?: string | undefined;
  /** When it was committed, if no repository knows: ISO 8601. */
  readonly committed?: string | undefined;
  /** Whether what differs from its commit is added, and noted to be so. */
  readonly dirty?: boolean | undefined;
  /** A folder in the repository whose commits were measured; the working directory if omitted. */
  readonly repository?: string | undefined;
}

/** The commit of what was measured, and whether it differed from it. */
export function commitOf(
  { where, side, commit, dirty }: MeasuredEntry,
  options: CommitOptions,
): DatedCommit & { readonly dirty?: true } {
  const option = side === "base" ? "--base-commit" : "--commit";
  const said = side === "base" ? options.baseCommit : options.commit;
  const allowed = options.dirty === true;
  if (said !== undefined) {
    const full = HASH.test(said) ? said : null;
    return { ...dated(where, said, full, options), ...(allowed && { dirty: true }) };
  }
  if (commit === null || !HASH.test(commit)) {
    throw new FailureError(`history: ${where}: its commit is not known; say it with ${option} REV`);
  }
  if (dirty !== false && !allowed) {
    const why = dirty ? "it differed from its commit" : "whether it differed from its commit is not known";
    throw new FailureError(
      `history: ${where}: ${why} ${commit.slice(0, 12)} when it was measured; measure a commit, add it with --dirty, which is noted, or say what it was with ${option} REV`,
    );
  }
  return { ...dated(where, commit, commit, options), ...(dirty !== false && { dirty: true }) };
}

const HASH = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

/** The commit with its date, by git or as said. `full` is its whole hash, if that is known without git. */
function dated(where: string, revision: string, full: string | null, options: CommitOptions): DatedCommit {
  const { repository = ".", committed } = options;
  const found = findCommit(repository, revision);
  const said = committed === undefined ? null : momentOf("--committed", committed);
  if (found !== null) {
    if (said === null || said === found.committed) return found;
    throw new UsageError(
      `--committed: must be ${found.committed}, as git knows of ${found.commit.slice(0, 12)}, got ${said}; omit it`,
    );
  }
  const name = printable(revision, 80);
  const place = printable(repository, 120);
  if (full === null) {
    throw new UsageError(
      `history: ${where}: ${name} must be a commit of the repository at ${place}; name its folder with --repository, or give the whole hash and --committed`,
    );
  }
  if (said !== null) return { commit: full, committed: said };
  throw new FailureError(
    `history: ${where}: when ${name.slice(0, 12)} was committed is not known to the repository at ${place}; name its folder with --repository, fetch it, or say when with --committed 2026-07-01T12:00:00Z`,
  );
}
