import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Comparison } from "../../src/compare/comparison.ts";
import { readBlocks } from "../../src/record/read-blocks.ts";
import { spinModule } from "../gate/stand-in.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { launch, launcher } from "./launched.ts";

const folder = scratchFolder();
const home = process.cwd();
const root = join(import.meta.dirname, "../..");
beforeAll(() => process.chdir(folder.path));
afterAll(() => process.chdir(home));

test("a disk that is full ends a gate in one line, keeps its blocks, and says how to go on", () => {
  folder.write("base.mjs", `// base\n${spinModule()}`);
  folder.write("slower.mjs", `// slower\n${spinModule({ microseconds: 300, workspaceBytes: 128 })}`);
  const cells = "--variants full --kernel spin --lengths 8 --head-dim 4 --cell-time 10ms";
  // Writing past the limit fails as it does on a full disk.
  const shell = ["-c", `ulimit -f 8; trap '' XFSZ; exec "$@"`, "bash", process.execPath, launcher];
  const words = `gate --base base.mjs --head slower.mjs ${cells} --out full.jsonl`;
  const { status, stderr } = spawnSync("bash", [...shell, ...words.split(" ")], {
    cwd: folder.path,
    encoding: "utf8",
  });
  expect(status).toBe(1);
  expect(stderr.trimEnd().split("\n").at(-1)).toMatch(
    /^attnbench: blocks: cannot write full.jsonl, .*; what was measured so far is in it: make room, then resume with --resume full.jsonl$/,
  );
  expect(readBlocks("full.jsonl")).toMatchObject({ truncated: false });
});

describe("gate of two checkouts", () => {
  /** Starts a gate of this checkout against itself and interrupts it after some blocks. */
  async function interrupted(name: string): Promise<{ code: number | null; stderr: string }> {
    const words = `gate --base ${root} --head ${root} --variants linear --lengths 64 --cell-time 20ms --blocks 2`;
    const { child, ended } = launch([...words.split(" "), "--out", name], folder.path);
    while (!(existsSync(name) && readFileSync(name, "utf8").includes('"block":2,'))) {
      if (child.exitCode !== null) throw new Error(`ended too early: ${(await ended).stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill("SIGINT");
    return ended;
  }

  test("keeps its blocks when it is interrupted, goes on after a cut, and never calls the same code slower", async () => {
    const { code, stderr } = await interrupted("same-code.jsonl");
    expect(code).toBe(1);
    expect(stderr).toContain(
      `interrupted; resume with: attnbench gate --base ${root} --head ${root} --resume same-code.jsonl\n`,
    );
    // As a kill in the midst of a line would leave it.
    const bytes = readFileSync("same-code.jsonl");
    writeFileSync("same-code.jsonl", bytes.subarray(0, -25));
    const { validBytes } = readBlocks("same-code.jsonl");
    const words = `gate --base ${root} --head ${root} --resume same-code.jsonl --json`;
    const resumed = await launch(words.split(" "), folder.path).ended;
    expect(resumed.stderr).toContain("same-code.jsonl: its last line was cut off and is ignored\n");
    const { outcome, remarks, cells: judged } = JSON.parse(resumed.stdout) as Comparison;
    expect([0, 3]).toContain(resumed.code);
    expect(["fine", "inconclusive"]).toContain(outcome);
    expect(judged.filter(({ verdict }) => verdict === "slower")).toEqual([]);
    expect(remarks).toContain("base and head are the same code");
    const after = readFileSync("same-code.jsonl");
    expect(after.subarray(0, validBytes)).toEqual(bytes.subarray(0, validBytes));
    const { lines, truncated } = readBlocks("same-code.jsonl");
    expect(truncated).toBe(false);
    expect(lines.filter((line) => line.type === "stage").map(({ stage }) => stage)).toEqual([1, 2]);
    expect(lines.filter((line) => line.type === "block").length).toBeGreaterThanOrEqual(6);
  });
});
