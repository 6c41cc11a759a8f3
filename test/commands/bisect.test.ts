import { expect, test } from "vitest";
import { scratchFolder } from "../input/scratch-folder.ts";
import { repositoryIn } from "../library/bisect/repository.ts";
import { commandHost } from "./hosted.ts";

const scratch = scratchFolder();
const { git, commit } = repositoryIn(scratch.path);
const [first, last] = [commit("first", { n: "1" }), commit("last", { n: "2" })];
const attnbench = commandHost(scratch.path);

test.each([
  ["bisect", "bisect: --good must name a commit, such as v1.0 or HEAD~40"],
  [`bisect --good ${first}`, "bisect: --bad must name a commit, such as HEAD"],
  [
    `bisect --good ${last} --bad ${first}`,
    "bisect: --good must be an ancestor of --bad, got one that is not;",
  ],
  [
    "bisect --good nothing --bad HEAD",
    "--good: must name a commit of this repository, got 'nothing'; git log lists them",
  ],
  ["bisect --resume results", "--resume: must be the folder of a bisection, got '"],
  [
    "bisect --resume results --lengths 64",
    "--resume: goes on as the bisection was begun, and takes no other options;",
  ],
  ["bisect --head .", "unknown option of bisect '--head'; expected one of --good, --bad, "],
])("%s is refused in one line", async (words, message) => {
  const { code, stdout, stderr } = await attnbench(words);
  expect({ code, stdout, lines: stderr.split("\n").length }).toEqual({ code: 2, stdout: "", lines: 2 });
  expect(stderr).toContain(`attnbench: ${message}`);
  expect(git("status", "--porcelain")).toBe("");
});
