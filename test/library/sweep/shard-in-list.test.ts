import { expect, test } from "vitest";
import { UsageError } from "../../../src/core/errors.ts";
import { shardInList } from "../../../src/library/sweep/shard-in-list.ts";
import { scratchFolder } from "../../input/scratch-folder.ts";

const folder = scratchFolder();

test("a list names the shard of a position from 0, and none beyond its last", () => {
  folder.write("names", "aaaa\nbbbb\ncccc\n");
  expect(["0", "1", "2"].map((index) => shardInList(folder.path, "names", index))).toEqual([
    "aaaa",
    "bbbb",
    "cccc",
  ]);
  for (const index of ["3", "-1", "1.5", "", "$(id)"]) {
    expect(() => shardInList(folder.path, "names", index)).toThrow(/--index: must be an integer from 0 to 2/);
  }
});

test("a list lies in the sweep's folder", () => {
  for (const list of ["/etc/passwd", "../names", "a/../../names"]) {
    expect(() => shardInList(folder.path, list, "0")).toThrow(/must be a file in the sweep's folder/);
  }
  expect(() => shardInList(folder.path, "missing", "0")).toThrow(UsageError);
});
