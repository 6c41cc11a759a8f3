import { expect, test } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { listedShard } from "../../src/sweep/listed-shard.ts";
import { scratchFolder } from "../input/scratch-folder.ts";

const folder = scratchFolder();

test("a list names the shard of a position from 0, and none beyond its last", () => {
  folder.write("names", "aaaa\nbbbb\ncccc\n");
  expect(["0", 1, "2"].map((index) => listedShard(folder.path, "names", index))).toEqual([
    "aaaa",
    "bbbb",
    "cccc",
  ]);
  expect(() => listedShard(folder.path, "names", "3")).toThrow(
    "--index: must be less than the 3 lines of names, got 3",
  );
  for (const index of ["-1", "1.5", "", "$(id)", Number.NaN]) {
    expect(() => listedShard(folder.path, "names", index)).toThrow(/--index: must be an integer/);
  }
});

test("a list lies in the sweep's folder", () => {
  for (const list of ["/etc/passwd", "../names", "a/../../names"]) {
    expect(() => listedShard(folder.path, list, 0)).toThrow(/must be a file in the sweep's folder/);
  }
  expect(() => listedShard(folder.path, "missing", 0)).toThrow(UsageError);
});
