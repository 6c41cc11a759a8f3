import { git } from "../identity/git.ts";
import type { KnownCommits } from "./commit-order.ts";

/** A commit, and when it was committed: ISO 8601 in UTC. */
export interface DatedCommit {
  readonly commit: string;
  readonly committed: string;
}

/** The commit that a revision names in the repository around `folder`; null if it names none, or there is no repository. */
export function findCommit(folder: string, revision: string): DatedCommit | null {
  const name = `${revision}^{commit}`;
  const found = git(folder, ["rev-parse", "--verify", "--quiet", "--end-of-options", name]);
  const commit = found?.toString("utf8").trim() ?? "";
  if (!HASH.test(commit)) return null;
  const listed = git(folder, ["rev-list", "--no-walk", "--timestamp", commit, "--"]);
  return listed === null ? null : (datedLines(listed)[0] ?? null);
}

/**
 * What the repository around `folder` knows of commits: which are on the line of first parents of `branch`, and which exist
 * elsewhere. Null if there is no repository, or no such branch in it.
 */
export function knownCommits(
  folder: string,
  branch: string,
  commits: readonly string[],
): KnownCommits | null {
  const tip = findCommit(folder, branch);
  if (tip === null) return null;
  const listed = git(folder, ["rev-list", "--first-parent", "--timestamp", tip.commit, "--"]);
  if (listed === null) return null;
  const line = new Map(
    datedLines(listed)
      .toReversed()
      .map(({ commit, committed }) => [commit, committed]),
  );
  const others = [...new Set(commits)].filter((commit) => HASH.test(commit) && !line.has(commit));
  const input = others.map((commit) => `${commit}\n`).join("");
  const looked = git(folder, ["cat-file", "--batch-check=%(objectname) %(objecttype)"], input);
  const found = (looked?.toString("utf8") ?? "").split("\n").flatMap((text) => {
    const [name, type] = text.split(" ");
    return type === "commit" ? [name] : [];
  });
  return { line, elsewhere: new Set(found) };
}

const HASH = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

/** Lines of seconds since 1970 and a hash. */
function datedLines(listed: Buffer): readonly DatedCommit[] {
  return listed
    .toString("utf8")
    .split("\n")
    .flatMap((text) => {
      const [, seconds, commit] = /^(\d+) ([0-9a-f]+)$/.exec(text) ?? [];
      return commit === undefined ? [] : [{ commit, committed: moment(Number(seconds)) }];
    });
}

/** The last second whose year has four digits: git takes later ones. */
const LAST_S = 253_402_300_799;

function moment(seconds: number): string {
  return new Date(1000 * Math.min(seconds, LAST_S)).toISOString().replace(".000Z", "Z");
}
