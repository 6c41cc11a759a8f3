import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { draftFor } from "../../src/files/draft.ts";
import { refusal } from "../input/refusal.ts";
import { scratchFolder } from "../input/scratch-folder.ts";

const folder = scratchFolder();
const at = (...names: readonly string[]) => join(folder.path, ...names);
const drafts = () => readdirSync(folder.path).filter((name) => name.endsWith(".draft"));

test("a file is there when it is kept, and not before", () => {
  const draft = draftFor(at("file"), "file", false);
  writeFileSync(draft.path, "whole");
  expect(existsSync(at("file"))).toBe(false);
  draft.keep();
  draft.discard();
  expect(readFileSync(at("file"), "utf8")).toBe("whole");
  expect(drafts()).toEqual([]);
});

test("a folder takes the place of one that holds something, whose files are gone", () => {
  mkdirSync(at("old"));
  writeFileSync(at("old", "a"), "old");
  const draft = draftFor(at("old"), "folder", true);
  writeFileSync(join(draft.path, "b"), "new");
  expect(readdirSync(at("old"))).toEqual(["a"]);
  draft.keep();
  expect(readdirSync(at("old"))).toEqual(["b"]);
  expect(drafts()).toEqual([]);
});

test("what is discarded leaves what was there", () => {
  writeFileSync(at("kept"), "old");
  for (const kind of ["file", "folder"] as const) {
    const draft = draftFor(at("kept"), kind, true);
    if (kind === "file") writeFileSync(draft.path, "new");
    draft.discard();
  }
  expect(readFileSync(at("kept"), "utf8")).toBe("old");
  expect(drafts()).toEqual([]);
});

test("a link stays a link, and what it leads to is replaced", () => {
  mkdirSync(at("target"));
  symlinkSync("target", at("link"));
  const draft = draftFor(at("link"), "folder", true);
  writeFileSync(join(draft.path, "new"), "");
  draft.keep();
  expect(readdirSync(at("target"))).toEqual(["new"]);
});

test.each([
  ["gone/file", /its folder does not exist; create it first/],
  ["kept/file", /its folder is a file/],
])("%s is refused before anything is written", (name, rule) => {
  for (const kind of ["file", "folder"] as const)
    expect(refusal(() => draftFor(at(name), kind, true))).toMatch(rule);
});

test.each(["file", "folder"] as const)(
  "of two who write the same %s at once, the second is refused",
  (kind) => {
    const name = `once-${kind}`;
    const [one, two] = [draftFor(at(name), kind, false), draftFor(at(name), kind, false)];
    for (const [index, { path }] of [one, two].entries()) {
      writeFileSync(kind === "file" ? path : join(path, "a"), `${index}`);
    }
    one.keep();
    expect(refusal(() => two.keep())).toMatch(
      /cannot be written, another has written it meanwhile; name another/,
    );
    two.discard();
    expect(readFileSync(kind === "file" ? at(name) : at(name, "a"), "utf8")).toBe("0");
    expect(drafts()).toEqual([]);
  },
);
