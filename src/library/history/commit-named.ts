import { printable, UsageError } from "../../core/errors.ts";
import { findCommit, knownCommits } from "../../history/git-commits.ts";

/**
 * The position among measured commits, oldest first, of the first one after a commit that is named by a revision of
 * git's or by the beginning of its hash; their number if none is after it. The commit itself need not have been
 * measured if git knows it.
 */
export function positionAfter(
  option: string,
  name: string,
  commits: readonly string[],
  repository: string | undefined,
): number {
  const named = measuredCommit(option, name, commits, repository);
  if (named.position !== null) return named.position + 1;
  const folder = repository ?? ".";
  const line = knownCommits(folder, named.commit, [])?.line;
  return commits.findLastIndex((commit) => line?.has(commit)) + 1;
}

/**
 * A commit by its whole hash, and its position among the measured ones; null if it was not measured, but git knows it.
 */
export function measuredCommit(
  option: string,
  name: string,
  commits: readonly string[],
  repository: string | undefined,
): { readonly commit: string; readonly position: number | null } {
  const starting = /^[0-9a-f]{7,64}$/.test(name) ? commits.filter((one) => one.startsWith(name)) : [];
  if (starting.length > 1) {
    throw new UsageError(
      `${option}: must name one commit, got '${printable(name, 80)}' for ${starting.length}; give more of its hash`,
    );
  }
  const commit = starting[0] ?? findCommit(repository ?? ".", name)?.commit;
  if (commit === undefined) {
    throw new UsageError(
      `${option}: must name a commit of the history or of the repository, got '${printable(name, 80)}'; give its hash, or name the repository's folder with --repository`,
    );
  }
  const position = commits.indexOf(commit);
  return { commit, position: position === -1 ? null : position };
}
