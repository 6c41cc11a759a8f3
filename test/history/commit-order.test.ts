import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commitOrder } from "../../src/history/commit-order.ts";
import { findCommit, knownCommits } from "../../src/history/git-commits.ts";
import { commitHash, dayOf } from "./sample-entries.ts";
import { scratchRepository } from "./scratch-repository.ts";

const dated = (commit: string, day: number) => ({ commit, committed: dayOf(day) });

describe("without git", () => {
  test("commits go by date, and those of one second by their id", () => {
    const entries = [dated("c", 2), dated("b", 1), dated("a", 2), dated("b", 1)];
    expect(commitOrder(entries, null)).toEqual({
      commits: ["b", "a", "c"],
      elsewhere: [],
      unknown: ["b", "a", "c"],
    });
  });

  test("a commit that two entries date differently stands by the earlier date", () => {
    const entries = [dated("a", 9), dated("b", 5), dated("a", 1)];
    expect(commitOrder(entries, null).commits).toEqual(["a", "b"]);
  });
});

test("every commit is in the order once, or elsewhere, whatever is known", () => {
  const some = fc.uniqueArray(
    fc.tuple(fc.nat(30), fc.nat(9), fc.constantFrom("line", "elsewhere", "unknown")),
    {
      selector: ([index]) => index,
    },
  );
  fc.assert(
    fc.property(some, (commits) => {
      const entries = commits.map(([index, day]) => dated(commitHash(index), day));
      const named = (where: string) =>
        commits.flatMap(([index, , is]) => (is === where ? [commitHash(index)] : []));
      const line = new Map([...named("line"), "other"].map((commit, at) => [commit, dayOf(at)]));
      const known = { line, elsewhere: new Set(named("elsewhere")) };
      const order = commitOrder(entries, known);
      expect([...order.commits, ...order.elsewhere].sort()).toEqual(
        entries.map(({ commit }) => commit).sort(),
      );
      expect(order.commits.filter((commit) => line.has(commit))).toEqual(named("line"));
      expect([...order.unknown].sort()).toEqual(named("unknown").sort());
      expect(order).toEqual(commitOrder(entries.toReversed(), known));
    }),
  );
});

describe("with git", () => {
  const repository = scratchRepository();
  // Dates that lie: the second was committed before the first, as after a rebase or with a wrong clock.
  const first = repository.commit("first", 10);
  const second = repository.commit("second", 3);
  repository.git("switch", "-qc", "side");
  const side = repository.commit("on a side branch", 11);
  repository.git("switch", "-q", "main");
  const third = repository.commit("third", 12);
  repository.git("merge", "-q", "--no-ff", "--no-edit", "side");
  const merge = repository.git("rev-parse", "HEAD");
  repository.git("switch", "-qc", "unmerged", first);
  const unmerged = repository.commit("never merged", 20);
  repository.git("switch", "-q", "main");
  const all = [third, unmerged, second, merge, side, first].map((commit, at) => dated(commit, at));

  test("commits go by first parents, whatever their dates, and those of side branches are in no series", () => {
    const known = knownCommits(
      repository.path,
      "HEAD",
      all.map(({ commit }) => commit),
    );
    expect(commitOrder(all, known)).toEqual({
      commits: [first, second, third, merge],
      elsewhere: [unmerged, side],
      unknown: [],
    });
  });

  test("another branch has another line", () => {
    const known = knownCommits(
      repository.path,
      "unmerged",
      all.map(({ commit }) => commit),
    );
    expect(commitOrder(all, known).commits).toEqual([first, unmerged]);
  });

  test("what git does not know stands where its date puts it", () => {
    const old = dated(commitHash(1), 0);
    const between = dated(commitHash(2), 11);
    const late = dated(commitHash(3), 9000);
    const known = knownCommits(
      repository.path,
      "main",
      [...all, old, between, late].map(({ commit }) => commit),
    );
    const order = commitOrder([...all, late, between, old], known);
    expect(order.commits).toEqual([old.commit, first, second, between.commit, third, merge, late.commit]);
    expect(order.unknown).toEqual([old.commit, between.commit, late.commit]);
  });

  test("what git does not know of the same second stands behind what it knows", () => {
    const same = dated(commitHash(1), 12);
    const known = knownCommits(
      repository.path,
      "main",
      all.map(({ commit }) => commit),
    );
    expect(commitOrder([...all, same], known).commits).toEqual([first, second, third, same.commit, merge]);
  });

  test("a shallow clone knows its own commits, and the rest go by date", () => {
    const shallow = scratchRepository("shallow");
    shallow.git("fetch", "-q", "--depth", "2", `file://${repository.path}`, "main");
    shallow.git("reset", "-q", "--hard", "FETCH_HEAD");
    const entries = [dated(first, 10), dated(second, 3), dated(third, 12), dated(merge, 13)];
    const known = knownCommits(
      shallow.path,
      "HEAD",
      entries.map(({ commit }) => commit),
    );
    const order = commitOrder(entries, known);
    expect(order.unknown).toEqual([second, first]);
    expect(order.commits).toEqual([second, first, third, merge]);
  });

  test("a revision is found with its date in UTC, and what is none, or looks like an option, is not", () => {
    expect(findCommit(repository.path, "main~1")).toEqual({ commit: third, committed: dayOf(12) });
    expect(findCommit(repository.path, third.slice(0, 10))).toEqual({ commit: third, committed: dayOf(12) });
    for (const name of ["nope", "", "--all", "-h", "HEAD:file", "^main", "main..side", commitHash(1)]) {
      expect(findCommit(repository.path, name), name).toBeNull();
    }
    expect(findCommit("/", "HEAD")).toBeNull();
    expect(knownCommits("/", "HEAD", [first])).toBeNull();
  });
});
