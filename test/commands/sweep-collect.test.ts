import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, test } from "vitest";
import { scratchFolder } from "../input/scratch-folder.ts";
import { putDone, sampleSweep, shardText } from "../library/sweep/sample-sweep.ts";
import { commandLine } from "./command-line.ts";

const scratch = scratchFolder();

test("a collection that the disk has no room for is told in a line, and leaves what was there", () => {
  const { folder } = sampleSweep(scratch.path, 8);
  for (let index = 0; index < 8; index++) putDone(folder, index);
  const place = join(scratch.path, "full");
  mkdirSync(place);
  writeFileSync(join(place, "all.jsonl"), shardText(0));
  // Writing past the limit fails as it does on a full disk.
  const limited = ["-c", `ulimit -f 4; trap '' XFSZ; exec "$@"`, "bash", process.execPath];
  const words = [
    join(import.meta.dirname, "../../src/cli.ts"),
    "sweep",
    "collect",
    folder,
    "--out",
    "all.jsonl",
  ];
  const { status, stderr } = spawnSync("bash", [...limited, ...words], { cwd: place, encoding: "utf8" });
  expect(status).toBe(1);
  const errors = stderr.split("\n").filter((line) => line.startsWith("attnbench: "));
  expect(errors).toEqual([
    expect.stringMatching(/all\.jsonl: cannot be written, .*; make room or name another, and try again$/),
  ]);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(readdirSync(place)).toEqual(["all.jsonl"]);
  expect(readFileSync(join(place, "all.jsonl"), "utf8")).toBe(shardText(0));
});

test("files that are broken are named one by one, and end the command with exit code 1", async () => {
  const { folder } = sampleSweep(scratch.path, 3);
  const broken = [0, 2].map((index) => putDone(folder, index, shardText(index).slice(0, -3)));
  putDone(folder, 1);
  const out = join(scratch.path, "some.jsonl");
  const { code, stderr } = await commandLine(["sweep", "collect", folder, "--out", out]);
  expect(code).toBe(1);
  for (const path of broken) expect(stderr).toContain(`${path}: ends within a line`);
  expect(readFileSync(out, "utf8")).toBe(shardText(1));
});
