/** Commits as git knows them. */
export interface KnownCommits {
  /** Those of the branch by its first parents, oldest first, with when they were committed, ISO 8601 in UTC. */
  readonly line: ReadonlyMap<string, string>;
  /** Others of those asked for that git knows: on side branches, or not merged. */
  readonly elsewhere: ReadonlySet<string>;
}

/** The commits of a history in the order of its series. */
export interface CommitOrder {
  /** Oldest first. */
  readonly commits: readonly string[];
  /** Those that are in no series, since they are no part of the branch. */
  readonly elsewhere: readonly string[];
  /** Those that git does not know, which stand where their dates put them. */
  readonly unknown: readonly string[];
}

interface Dated {
  readonly commit: string;
  readonly committed: string;
}

/**
 * The order of the commits of entries. Along a branch: that of its first parents, as `git log --first-parent` lists them, since
 * only there does each commit contain the one before; what happened on side branches in the meantime would look like
 * changes back and forth. A commit that git does not know, such as one older than a shallow clone, stands before the first
 * one with a later date. Without git: by date, then by id.
 */
export function commitOrder(entries: readonly Dated[], known: KnownCommits | null): CommitOrder {
  const dates = new Map<string, string>();
  for (const { commit, committed } of entries) {
    const date = dates.get(commit);
    if (date === undefined || committed < date) dates.set(commit, committed);
  }
  const byDate = [...dates]
    .sort(([a, dateA], [b, dateB]) => (dateA === dateB ? (a < b ? -1 : 1) : dateA < dateB ? -1 : 1))
    .map(([commit]) => commit);
  if (known === null) return { commits: byDate, elsewhere: [], unknown: byDate };
  const elsewhere = byDate.filter((commit) => known.elsewhere.has(commit));
  const unknown = byDate.filter((commit) => !known.line.has(commit) && !known.elsewhere.has(commit));
  const commits: string[] = [];
  let next = 0;
  for (const [commit, committed] of known.line) {
    for (; next < unknown.length && (dates.get(unknown[next]) ?? "") < committed; next++) {
      commits.push(unknown[next]);
    }
    if (dates.has(commit)) commits.push(commit);
  }
  return { commits: [...commits, ...unknown.slice(next)], elsewhere, unknown };
}
