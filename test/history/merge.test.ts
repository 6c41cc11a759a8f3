import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { addEntries } from "../../src/history/add-entries.ts";
import { readHistory } from "../../src/history/read-history.ts";
import { sampleEntry } from "./sample-entries.ts";
import { type ScratchRepository, scratchRepository } from "./scratch-repository.ts";

/** A repository with a history of entry 0, and what git is told about it. */
function withHistory(repository: ScratchRepository, attributes: string | null): string {
  const path = join(repository.path, "history.jsonl");
  if (attributes !== null) writeFileSync(join(repository.path, ".gitattributes"), attributes);
  repository.commit("first", 0);
  add(repository, 0);
  return path;
}

function add(repository: ScratchRepository, ...indices: readonly number[]): void {
  addEntries(
    join(repository.path, "history.jsonl"),
    indices.map((index) => sampleEntry(index)),
  );
  repository.git("add", ".");
  repository.git("commit", "-qm", `entries ${indices}`);
}

const told = (path: string) => readHistory([path]).entries.map(({ id }) => id);
const ids = (...indices: readonly number[]) => indices.map((index) => sampleEntry(index).id);
const UNION = "history.jsonl merge=union\n";

test("two branches that each added entries merge to one history, with every entry once", () => {
  const repository = scratchRepository();
  const path = withHistory(repository, UNION);
  repository.git("switch", "-qc", "other");
  add(repository, 1, 2);
  add(repository, 5);
  repository.git("switch", "-q", "main");
  add(repository, 3);
  // The same was added on both.
  add(repository, 2, 4);
  repository.git("merge", "-q", "--no-edit", "other");
  expect(repository.git("status", "--porcelain")).toBe("");
  expect(told(path)).toEqual(ids(0, 1, 2, 3, 4, 5));
  add(repository, 6);
  expect(told(path)).toEqual(ids(0, 1, 2, 3, 4, 5, 6));
});

test("so do branches that each began the file", () => {
  const repository = scratchRepository();
  writeFileSync(join(repository.path, ".gitattributes"), UNION);
  repository.git("add", ".");
  repository.commit("first", 0);
  repository.git("switch", "-qc", "other");
  add(repository, 1);
  repository.git("switch", "-q", "main");
  add(repository, 2);
  repository.git("merge", "-q", "--no-edit", "other");
  expect(told(join(repository.path, "history.jsonl"))).toEqual(ids(1, 2));
});

test("so do a rebase and a cherry-pick, and a merge of what was picked", () => {
  const repository = scratchRepository();
  const path = withHistory(repository, UNION);
  repository.git("switch", "-qc", "other");
  add(repository, 1);
  add(repository, 2);
  const second = repository.git("rev-parse", "HEAD");
  add(repository, 3);
  repository.git("switch", "-q", "main");
  add(repository, 4);
  // The second commit alone: no entry needs another.
  repository.git("cherry-pick", second);
  expect(told(path)).toContain(ids(2)[0]);
  expect(told(path)).toContain(ids(4)[0]);
  repository.git("switch", "-q", "other");
  repository.git("rebase", "-q", "main");
  expect(told(path)).toEqual(ids(0, 1, 2, 3, 4));
  repository.git("switch", "-q", "main");
  repository.git("merge", "-q", "--no-edit", "other");
  expect(told(path)).toEqual(ids(0, 1, 2, 3, 4));
});

test("without the attribute git leaves a conflict, which one line explains, and keeping all lines resolves", () => {
  const repository = scratchRepository();
  const path = withHistory(repository, null);
  repository.git("switch", "-qc", "other");
  add(repository, 1);
  repository.git("switch", "-q", "main");
  add(repository, 2);
  expect(() => repository.git("merge", "-q", "--no-edit", "other")).toThrow();
  const conflict = readFileSync(path, "utf8");
  expect(conflict).toContain("<<<<<<<");
  expect(() => told(path)).toThrow(/line 3: must be an entry, got a mark of a conflict of git; remove/);
  writeFileSync(path, conflict.replace(/^(<|=|>){7}.*\n/gm, ""));
  expect(told(path)).toEqual(ids(0, 1, 2));
});

test("a file whose lines git ends with a carriage return too is the same history", () => {
  const repository = scratchRepository();
  const path = withHistory(repository, `${UNION}*.jsonl text eol=crlf\n`);
  add(repository, 1);
  repository.git("rm", "-q", "--cached", "history.jsonl");
  repository.git("reset", "-q", "--hard");
  expect(readFileSync(path, "utf8")).toContain("\r\n");
  add(repository, 2);
  expect(told(path)).toEqual(ids(0, 1, 2));
});
