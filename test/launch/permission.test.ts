import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { expect, test } from "vitest";

const src = join(import.meta.dirname, "../../src");

test.each([
  ["nothing", []],
  ["the launcher alone", [`--allow-fs-read=${join(src, "launch")}/*`]],
  ["the sources without the packages", [`--allow-fs-read=${src}/*`]],
])("a Node that may read %s is told in one line what forbids it", (_, allowed) => {
  const words = ["--permission", ...allowed, join(src, "launch.js"), "list"];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: "",
    stderr:
      "attnbench: Node may not read the files of attnbench; omit --permission, or add --allow-fs-read=*\n",
  });
});
