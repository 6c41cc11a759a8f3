import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Calibration } from "../../src/gate/judge/calibration.ts";
import { readBlocks } from "../../src/record/read-blocks.ts";
import { blockFile, cellName, only, until, type World } from "../gate/judge/block-file.ts";
import { spinModule } from "../gate/stand-in.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { fileOf } from "../record/sample-lines.ts";
import { commandLine } from "./command-line.ts";
import { fakeIo } from "./fake-io.ts";

// Processes of their own are looked at in the tests of gate/, and in gate.long.test.ts.
vi.mock("../../src/gate/run-process.ts", () => import("../gate/in-this-process.ts"));
const folder = scratchFolder();
const home = process.cwd();
beforeAll(() => process.chdir(folder.path));
afterAll(() => process.chdir(home));

const same = { head: { code_sha256: "aa" } } as const;
function write(name: string, world: World): string {
  const { gate, lines } = blockFile({ cells: 3, runs: 4, ...same, ...world });
  return folder.write(name, fileOf([gate, ...lines]));
}

beforeAll(() => {
  write("quiet.jsonl", { noise: 0.01 });
  write("injected.jsonl", { noise: 0.01, inject: 0.05 });
  write("noisy.jsonl", { noise: 0.3 });
  write("spoiled.jsonl", { ratio: only("yardstick", 1.3) });
  write("two.jsonl", { head: {} });
  const whole = blockFile({ cells: 2, runs: 3, ...same });
  const early = until(whole, (line) => line.type === "stage" && line.stage === 2);
  folder.write("early.jsonl", fileOf([early.gate, ...early.lines]));
});

describe("calibrate --from", () => {
  test.each([
    ["quiet", 0, /^unchanged cells called changed: 0 of 12 \(95 % interval 0 % to \d+ %\)$/m],
    ["quiet", 0, /^cell +block sd +seen 9 in 10 +blocks for 5 % +mean sd +in the mean$/m],
    ["injected", 0, /^slow-downs of 5 % found: 4 of 4 \(95 % interval \d+ % to 100 %\)$/m],
    ["noisy", 3, /^runs without a result: 4 of 4/m],
    ["spoiled", 0, /^runs with a false alarm: none could be judged$/m],
  ] as const)("%s.jsonl ends with exit code %i", async (name, code, says) => {
    const outcome = await commandLine(`calibrate --from ${name}.jsonl`);
    expect(outcome).toMatchObject({ code, stderr: "", stdout: expect.stringMatching(says) });
    for (const at of [0, 1, 2]) expect(outcome.stdout).toContain(cellName(at));
  });

  test("gives what it found as JSON, the same every time", async () => {
    const once = await commandLine("calibrate --from injected.jsonl --json");
    expect(await commandLine("calibrate --from injected.jsonl --json")).toEqual(once);
    const found = JSON.parse(once.stdout) as Calibration;
    expect(found).toMatchObject({
      inject: 0.05,
      aim: 0.05,
      detected: { count: 4, of: 4 },
      falseAlarms: { count: 0 },
    });
    expect(found.cells).toHaveLength(3);
  });

  test.each([
    ["two.jsonl", 2, /must hold base against itself, got two versions; judge it with attnbench gate --from$/],
    ["gone.jsonl", 2, /gone.jsonl: no such file or folder/],
    ["quiet.jsonl --base .", 2, /--base: cannot be changed when --from names a file/],
    ["quiet.jsonl --runs 3", 2, /--runs: cannot be changed/],
    ["quiet.jsonl --inject 5", 2, /--inject: cannot be changed/],
    ["quiet.jsonl --out x.jsonl", 2, /--out: cannot be changed/],
    ["quiet.jsonl --resume x.jsonl", 2, /--resume: cannot be changed/],
  ] as const)("%s is refused in one line", async (words, code, says) => {
    const outcome = await commandLine(`calibrate --from ${words}`);
    expect(outcome).toMatchObject({ code, stdout: "" });
    expect(outcome.stderr).toMatch(/^attnbench: \P{Cc}+\n$/u);
    expect(outcome.stderr.trim()).toMatch(says);
  });

  test("fails where no run finished", async () => {
    const { code, stderr } = await commandLine("calibrate --from early.jsonl");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^attnbench: calibrate: no run finished; allow more with --budget, or resume with/,
    );
  });
});

describe("calibrate", () => {
  const cells = "--variants full --kernel spin --lengths 8 --head-dim 4 --cell-time 10ms";

  test("can be interrupted and gone on with, finds what it injected, and its file is made use of by gate", async () => {
    folder.write("spin.mjs", spinModule());
    const io = fakeIo((text) => {
      // The first line that is told of a stage.
      if (text.includes("stage 1")) io.interrupt();
    });
    const words = `calibrate --base spin.mjs ${cells} --runs 1 --blocks 6 --inject 50 --out mine.jsonl`;
    const first = await commandLine(words, io);
    expect(first.code).toBe(1);
    expect(first.stderr).toContain(
      "interrupted; resume with: attnbench calibrate --base spin.mjs --resume mine.jsonl\n",
    );
    const before = readFileSync("mine.jsonl");
    const { code, stdout, stderr } = await commandLine(
      "calibrate --base spin.mjs --resume mine.jsonl --json",
    );
    expect(readFileSync("mine.jsonl").subarray(0, before.length)).toEqual(before);
    const { lines } = readBlocks("mine.jsonl");
    const stages = lines.filter((line) => line.type === "stage");
    expect(stages[0].injected).toBe("full/spin/b1h1n8d4");
    // A machine that is too busy says so; what it says of the cell is never a false alarm.
    expect({ code, stderr }).toEqual({ code: code === 3 ? 3 : 0, stderr: expect.any(String) });
    const found = JSON.parse(stdout) as Calibration;
    expect(found).toMatchObject({ inject: 0.5, falseCells: { count: 0 }, inconclusive: { of: 1 } });
    if (found.inconclusive.count === 0) {
      expect(stages.map(({ stage }) => stage)).toEqual([1, 2]);
      expect(found.detected).toMatchObject({ count: 1, of: 1 });
    }
    expect(stderr).toMatch(/^blocks: mine.jsonl$/m);
    expect(await commandLine("calibrate --from mine.jsonl --json")).toMatchObject({ code, stdout });
  });

  test.each([
    ["--base gone.mjs", 2, /--base gone.mjs: there is no such folder or file/],
    ["--runs 0", 2, /--runs: must be an integer from 1 to 10000, got '0'/],
    ["--resume quiet.jsonl --runs 3", 2, /--runs: cannot be changed when --resume names a file/],
    ["--resume quiet.jsonl --set local.window=3", 2, /--set: cannot be changed when --resume names a file/],
  ] as const)("refuses %s in one line and leaves nothing", async (words, code, says) => {
    const before = readdirSync(".").sort();
    const outcome = await commandLine(
      `calibrate ${words} ${words.startsWith("--resume") ? "" : "--out z.jsonl"}`,
    );
    expect(outcome).toMatchObject({ code, stdout: "" });
    expect(outcome.stderr).toMatch(/^attnbench: \P{Cc}+\n$/u);
    expect(outcome.stderr.trim()).toMatch(says);
    expect(readdirSync(".").sort()).toEqual(before);
  });

  test("writes over no calibration that is there", async () => {
    writeFileSync("there.jsonl", "mine");
    const { code, stderr } = await commandLine(`calibrate ${cells} --out there.jsonl`);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /there.jsonl already exists; continue it with --resume, or name another with --out/,
    );
    expect(readFileSync("there.jsonl", "utf8")).toBe("mine");
    expect(existsSync(join("results", "calibration.jsonl"))).toBe(false);
  });
});
