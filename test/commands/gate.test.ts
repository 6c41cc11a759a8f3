import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Comparison } from "../../src/compare/comparison.ts";
import { readBlocks } from "../../src/record/read-blocks.ts";
import { blockFile, cellName, only, onlyCell, until, type World } from "../gate/judge/block-file.ts";
import { type Manner, spinModule } from "../gate/stand-in.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { fileOf } from "../record/sample-lines.ts";
import { hostile } from "../report/hostile-results.ts";
import { commandLine } from "./command-line.ts";

// Processes of their own are looked at in the tests of gate/, and in gate.long.test.ts.
vi.mock("../../src/gate/run-process.ts", () => import("../gate/in-this-process.ts"));
const folder = scratchFolder();
const home = process.cwd();
const root = join(import.meta.dirname, "../..");
beforeAll(() => process.chdir(folder.path));
afterAll(() => process.chdir(home));

const write = (name: string, blocks: ReturnType<typeof blockFile>) =>
  folder.write(name, fileOf([blocks.gate, ...blocks.lines]));
const inHead =
  (change: object): NonNullable<World["facts"]> =>
  (cell, side) =>
    side === "head" && cell === cellName(1) ? change : {};

const slow = blockFile({ cells: 4, ratio: onlyCell(1, 1.1) });
beforeAll(() => {
  const files: Readonly<Record<string, World>> = {
    same: {},
    fast: { ratio: onlyCell(1, 0.8) },
    "work-changed": { facts: inHead({ bytes: 4096 }) },
    broken: { facts: inHead({ outcome: "wrong", reason: "verification: row 3" }) },
    missing: { facts: inHead({ outcome: "missing", reason: "it has no variant local" }) },
    "null-arm": { ratio: only("twin", 1.1) },
    yardstick: { ratio: only("yardstick", 1.2) },
    noisy: { noise: 0.3 },
    disturbed: { disturbed: () => [0, 1, 2, 3] },
    nothing: { facts: () => ({ outcome: "wrong", reason: "verification: row 1" }) },
    calibration: { runs: 3 },
    evil: { base: { name: hostile, commit: hostile }, facts: inHead({ outcome: "wrong", reason: hostile }) },
  };
  for (const [name, world] of Object.entries(files))
    write(`${name}.jsonl`, blockFile({ cells: 4, ...world }));
  write("slow.jsonl", slow);
  write(
    "cut.jsonl",
    until(slow, (line) => line.type === "block" && line.stage === 2 && line.block === 3),
  );
});

describe("gate --from", () => {
  test.each([
    ["same.jsonl", 0, /^No change seen in 4 cells\.\n/],
    ["fast.jsonl", 0, /^1 of 4 cells faster, 3 unchanged; most: local/],
    [
      "slow.jsonl",
      4,
      /^Regressed\. 1 of 4 cells slower, 3 unchanged; most: local.*\n {2}1 cell slower or broken: local\(window=4\)/,
    ],
    ["work-changed.jsonl", 4, /^Regressed\. No change seen in 4 cells\. Also work changed in 1 cell\.\n/],
    ["work-changed.jsonl --accept-work", 0, /^No change seen in 4 cells\.\n/],
    ["work-changed.jsonl --accept-work=bytes", 0, /^No change seen/],
    ["work-changed.jsonl --accept-work=pairs", 4, /^Regressed\./],
    ["broken.jsonl", 4, /^Regressed\. No change seen in 3 cells\. Also 1 broken\.\n/],
    ["broken.jsonl --accept-missing", 4, /^Regressed\./],
    ["missing.jsonl", 4, /^Regressed\. .*\. Also 1 missing\.\n/],
    ["missing.jsonl --accept-missing", 0, /^No change seen in 3 cells/],
    ["null-arm.jsonl", 3, /^Inconclusive\. .*\n {2}\S+: base against itself came out slower/],
    ["yardstick.jsonl", 3, /^Inconclusive\. .*\n {2}the fixed kernel, which both sides share, moved by/],
    ["noisy.jsonl", 3, /^Inconclusive\. /],
    ["disturbed.jsonl", 3, /^Inconclusive\. .*\n {2}base against itself was disturbed too often/],
    ["cut.jsonl", 3, /^Inconclusive\. .*\n {2}stage 2 ended after 3 of 16 blocks/],
  ] as const)("%s ends with exit code %i", async (words, code, says) => {
    const outcome = await commandLine(`gate --from ${words}`);
    expect(outcome).toMatchObject({ code, stderr: "", stdout: expect.stringMatching(says) });
  });

  test.each([
    ["nothing.jsonl", 1, /gate: nothing was measured of 4 cells; verification: row 1$/],
    ["missing-file.jsonl", 2, /missing-file.jsonl: no such file or folder/],
    ["calibration.jsonl", 2, /the file must hold one run, got the 3 of a calibration; .*calibrate --from$/],
    [
      join(root, "results/example.jsonl"),
      1,
      /example.jsonl line 1.*give a file that attnbench gate or calibrate/,
    ],
    ["same.jsonl --annotate --json", 2, /--annotate: is printed with the table/],
    ["same.jsonl --format md", 2, /--format: needs a folder/],
    ["same.jsonl --report out.html", 2, /--report: must name a folder, got out\.html/],
    ["same.jsonl --report out --format pdf", 2, /unknown format of a comparison 'pdf'/],
    ["same.jsonl --accept-work=byte", 2, /unknown quantity of work 'byte'/],
    // What says how to measure would be passed over.
    ["same.jsonl --base .", 2, /--base: cannot be changed when --from names a file, which has its own/],
    ["same.jsonl --head .", 2, /--head: cannot be changed/],
    ["same.jsonl --blocks 8", 2, /--blocks: cannot be changed/],
    ["same.jsonl --cell-time 20ms", 2, /--cell-time: cannot be changed/],
    ["same.jsonl --head-dim 8", 2, /--head-dim: cannot be changed/],
    ["same.jsonl --set local.window=3", 2, /--set: cannot be changed/],
    ["same.jsonl --causal", 2, /--causal: cannot be changed/],
    ["same.jsonl --cells linear", 2, /--cells: cannot be changed/],
    ["same.jsonl --budget 10m", 2, /--budget: cannot be changed/],
    ["same.jsonl --resume other.jsonl", 2, /--resume: cannot be changed/],
    ["same.jsonl --out other.jsonl", 2, /--out: cannot be changed/],
    ["same.jsonl --calibration other.jsonl", 2, /--calibration: cannot be changed/],
  ] as const)("%s is refused in one line", async (words, code, says) => {
    const outcome = await commandLine(`gate --from ${words}`);
    expect(outcome).toMatchObject({ code, stdout: "" });
    expect(outcome.stderr).toMatch(/^attnbench: \P{Cc}+\n$/u);
    expect(outcome.stderr.trim()).toMatch(says);
    expect(existsSync("out")).toBe(false);
  });

  test("says the same every time, as JSON too, and whatever end of a line is missing", async () => {
    const once = await commandLine("gate --from slow.jsonl --json");
    expect(await commandLine("gate --from slow.jsonl --json")).toEqual(once);
    const comparison = JSON.parse(once.stdout) as Comparison;
    expect(comparison).toMatchObject({ schema: 1, kind: "gate", outcome: "regressed", margin: 0.03 });
    expect(comparison.cells.map(({ verdict }) => verdict)).toEqual(["same", "slower", "same", "same"]);
    writeFileSync("half.jsonl", readFileSync("slow.jsonl").subarray(0, -20));
    const half = await commandLine("gate --from half.jsonl");
    expect(half).toMatchObject({
      code: 3,
      stdout: expect.stringContaining("stage 2 ended after 15 of 16 blocks"),
    });
    expect(half.stdout).toContain("note: the last line of the file was cut off and is ignored");
  });

  test("annotates after the table, and writes the outputs of a comparison with a number a block", async () => {
    const { code, stdout } = await commandLine(
      "gate --from slow.jsonl --annotate --report out --format md,junit,go",
    );
    expect(code).toBe(4);
    expect(stdout).toMatch(/\n::error title=attnbench gate%3A regressed::regressed: /);
    expect(stdout).toMatch(/\nwrote out\/comparison\.md\n/);
    expect(readdirSync("out").sort()).toEqual(
      expect.arrayContaining(["base.txt", "comparison.md", "head.txt"]),
    );
    // Three cells of 6 blocks, and one of 16 more.
    expect(readFileSync("out/head.txt", "utf8").match(/^Benchmark/gm)).toHaveLength(4 * 6 + 16);
    expect(readFileSync("out/comparison.md", "utf8")).toContain("regressed");
  });

  test("files from strangers are refused or judged, and never obeyed", async () => {
    const outcome = await commandLine("gate --from evil.jsonl");
    expect(outcome.code).toBe(4);
    expect(outcome.stdout).toMatch(/^[\P{Cc}\n]*$/u);
    const text = readFileSync("slow.jsonl", "utf8");
    for (const [name, content] of [
      ["nan", text.replace(/"base_s":\[[^\]]*\]/, '"base_s":[NaN]')],
      ["negative", text.replace(/"head_min_s":[^,}]*/, '"head_min_s":-1')],
      ["huge", text.replaceAll(/"head_min_s":[^,}]*/g, '"head_min_s":1e300')],
      ["foreign", '{"schema":7,"hello":"world"}\n'],
      ["empty", ""],
      ["words", "hello\n"],
    ]) {
      folder.write(`${name}.jsonl`, content);
      const refused = await commandLine(`gate --from ${name}.jsonl`);
      expect(refused).toMatchObject({ code: 1, stdout: "" });
      expect(refused.stderr).toMatch(/^attnbench: blocks: \P{Cc}{10,2000}\n$/u);
    }
  });
});

const spin = (name: string, manner: Manner = {}) =>
  folder.write(`${name}.mjs`, `// ${name}\n${spinModule(manner)}`);
const cells = "--variants full --kernel spin --lengths 8 --head-dim 4 --cell-time 10ms";

/** The reasons for which a busy machine may say nothing: of the run as a whole, or of a cell. */
const busy =
  /disturbed|moved by|against itself|no block of it counts|too noisy|do not prove it|could not be resolved/;

describe("gate with two sides", () => {
  beforeAll(() => {
    spin("base");
    spin("slower", { microseconds: 300, workspaceBytes: 128 });
    spin("broken-now", { mood: folder.write("wrong", "wrong") });
    spin("elsewhere", { supports: '"only on Sundays"' });
  });

  test("tells a kernel that takes twice as long, and the work that it changed, and writes what can be judged again", async () => {
    const { code, stdout, stderr } = await commandLine(
      `gate --base base.mjs --head slower.mjs ${cells} --blocks 6 --out slower.jsonl --json`,
    );
    const { outcome, cells: judged, work, reasons } = JSON.parse(stdout) as Comparison;
    // Work is counted, so that no machine is too busy for it.
    expect({ code, outcome }).toEqual({ code: 4, outcome: "regressed" });
    expect(work).toMatchObject([{ quantity: "workspace_bytes", base: 64, head: 128, accepted: false }]);
    if (!reasons.some((reason) => busy.test(reason))) {
      expect(judged).toMatchObject([{ verdict: "slower", base_s: expect.any(Number) }]);
      expect(judged[0].time.ratio).toBeCloseTo(2, 0);
    }
    expect(stderr).toMatch(/^blocks: slower.jsonl; judge them again with gate --from$/m);
    expect(stderr).toMatch(/^stage 1: 6 blocks of 1 cell, about .* each$/m);
    const again = await commandLine("gate --from slower.jsonl --json");
    expect(again).toEqual({ code, stdout, stderr: "" });
    // The file is neither written over nor gone on with by accident.
    const before = readFileSync("slower.jsonl");
    const second = await commandLine(`gate --base base.mjs --head slower.mjs ${cells} --out slower.jsonl`);
    expect(second).toMatchObject({ code: 1, stdout: "" });
    expect(second.stderr).toMatch(/slower.jsonl already exists; continue it with --resume, or name another/);
    expect(readFileSync("slower.jsonl")).toEqual(before);
  });

  test("calls a head that is wrong broken, without a block", async () => {
    const outcome = await commandLine(
      `gate --base base.mjs --head broken-now.mjs ${cells} --out broken-now.jsonl`,
    );
    expect(outcome).toMatchObject({ code: 4, stdout: expect.stringMatching(/^Regressed\. .*1 broken/) });
    expect(readBlocks("broken-now.jsonl").lines.map(({ type }) => type)).toEqual(["checked"]);
  });

  test("ends with an error where nothing could be measured", async () => {
    const both = "--base broken-now.mjs --head broken-now.mjs";
    const { code, stderr } = await commandLine(`gate ${both} ${cells} --out nothing-now.jsonl`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/attnbench: gate: nothing was measured of 1 cell; verification: .*\n$/);
  });

  test("refuses a budget that cannot do, once it knows what a call takes, and says what would", async () => {
    const words = `gate --base base.mjs --head base.mjs ${cells} --budget 2s --out budget.jsonl`;
    const { code, stderr } = await commandLine(words);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /--budget: must be enough for 6 blocks of 1 cell and 6 of one that changed, about .*, got 2.0+ s/,
    );
    // Its plan could never be gone on with.
    expect(existsSync("budget.jsonl")).toBe(false);
  });

  test.each([
    ["--base base.mjs", 2, /gate: --head must name a checkout or a plug-in's module; to judge a file/],
    ["--head base.mjs", 2, /gate: --base must name a checkout or a plug-in's module; to judge a file/],
    ["--base base.mjs --head gone.mjs", 2, /--head gone.mjs: there is no such folder or file/],
    ["--base . --head base.mjs", 2, /--base \.: must be a checkout of attnbench or a plug-in/],
    ["--base base.mjs --head elsewhere.mjs --cells nope", 1, /--cells: must match a cell, got 'nope'/],
    [
      "--base elsewhere.mjs --head elsewhere.mjs",
      2,
      /a cell must be supported by its kernel, got none of all/,
    ],
    [
      "--base base.mjs --head base.mjs --out missing/x.jsonl",
      1,
      /cannot create missing\/x.jsonl, .*does not exist/,
    ],
    ["--base base.mjs --head base.mjs --calibration gone.jsonl", 2, /gone.jsonl: no such file or folder/],
    [
      "--base base.mjs --head base.mjs --resume slow.jsonl --blocks 4",
      2,
      /--blocks: cannot be changed when --resume/,
    ],
  ] as const)("refuses %s in one line and leaves nothing", async (words, code, says) => {
    const before = readdirSync(".").sort();
    const given = words.includes("--resume")
      ? ""
      : `${cells} ${words.includes("--out") ? "" : "--out x.jsonl"}`;
    const outcome = await commandLine(`gate ${words} ${given}`);
    expect(outcome).toMatchObject({ code, stdout: "" });
    expect(outcome.stderr).toMatch(/^attnbench: \P{Cc}+\n$/u);
    expect(outcome.stderr.trim()).toMatch(says);
    expect(readdirSync(".").sort()).toEqual(before);
  });

  test("goes on with no file of other code or of another machine", async () => {
    const lines = readFileSync("broken-now.jsonl", "utf8");
    folder.write("other-machine.jsonl", lines.replace(/"cpu":"[^"]*"/, '"cpu":"Another"'));
    const sides = "gate --base base.mjs --head broken-now.mjs";
    const elsewhere = await commandLine(`${sides} --resume other-machine.jsonl`);
    expect(elsewhere).toMatchObject({ code: 1, stdout: "" });
    expect(elsewhere.stderr).toMatch(
      /--resume: the run began with cpu Another, this is .*; start over with --out\n$/,
    );
    const other = await commandLine("gate --base base.mjs --head slower.mjs --resume broken-now.jsonl");
    expect(other).toMatchObject({ code: 1, stdout: "" });
    expect(other.stderr).toMatch(
      /--resume: the gate began with different code of head than slower.mjs holds now/,
    );
    expect(readFileSync("broken-now.jsonl", "utf8")).toBe(lines);
  });

  test("makes no use of a calibration that it cannot read, and fails only where it was named", async () => {
    const sides = `gate --base base.mjs --head broken-now.mjs ${cells}`;
    folder.write("no-blocks.jsonl", "hello\n");
    const named = await commandLine(`${sides} --calibration no-blocks.jsonl --out named.jsonl`);
    expect(named).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no-blocks.jsonl line 1 must be JSON/),
    });
    expect(existsSync("named.jsonl")).toBe(false);
    mkdirSync("results");
    folder.write("results/calibration.jsonl", "hello\n");
    const { code, stderr } = await commandLine(sides);
    expect(code).toBe(4);
    expect(stderr).toMatch(
      /^warning: blocks: results\/calibration.jsonl line 1 must be JSON.*; the calibration is not used$/m,
    );
    // Without a name, a file is named by what it holds and when it began.
    expect(stderr).toMatch(
      /^blocks: results\/gate-\d{4}-\d{2}-\d{2}T\d+Z?\.jsonl; judge them again with gate --from$/m,
    );
  });
});
