import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readLines } from "../../src/record/read.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { csvRows } from "../record/csv-rows.ts";
import { commandLine } from "./command-line.ts";
import { commandHost } from "./hosted.ts";
import { launch } from "./launched.ts";

const folder = scratchFolder();
const example = join(import.meta.dirname, "../plugin/sink.ts");
const wrongKernels = join(import.meta.dirname, "../plugin/wrong-kernels.ts");
// Plug-ins are imported by Node itself.
const ended = commandHost(folder.path);
/** In a process of its own, for what that process does not outlive. */
const alone = (words: string) => launch(words.split(" "), folder.path).ended;

describe("the example of a plug-in", () => {
  test("is short enough to be quoted whole", () => {
    expect(readFileSync(example, "utf8").trimEnd().split("\n").length).toBeLessThanOrEqual(70);
  });

  test("is listed after what is built in", async () => {
    const { code, stdout } = await ended(`list --json --plugin ${example}`);
    expect(code).toBe(0);
    const { variants, kernels } = JSON.parse(stdout);
    expect(variants.at(-1)).toMatchObject({ id: "sink", params: { sinks: { default: 4, least: 1 } } });
    expect(kernels.at(-1)).toEqual({ id: "plain", title: "plain rows, float64" });
  });

  test("is drawn as what it declares", async () => {
    const words = `show sink --plugin ${example} --causal --length 12 --set window=2 --set sinks=1 --format json`;
    const { rows, pairs } = JSON.parse((await ended(words)).stdout);
    expect(rows[0]).toEqual([[0, 1]]);
    expect(rows[3]).toEqual([[0, 4]]);
    expect(rows[11]).toEqual([
      [0, 1],
      [9, 12],
    ]);
    expect(pairs).toBe(1 + 2 + 3 + 9 * 4);
  });

  test("is timed beside the others, goes on with --resume and is reported", async () => {
    const run = await ended(
      `run --plugin ${example} --variants full,sink --kernel js,plain --lengths 16,32 --rounds 2 --causal --out sink.jsonl`,
    );
    expect(run.code).toBe(0);
    const rows = csvRows(readFileSync(join(folder.path, "sink.csv"), "utf8"));
    expect(rows.map(({ outcome }) => outcome)).toEqual(Array(8).fill("measured"));
    expect(rows.find(({ variant, kernel }) => variant === "sink" && kernel === "plain")).toMatchObject({
      params: '{"window":255,"sinks":4}',
      executed_flops: "",
      workspace_bytes: "",
    });
    expect(readLines(join(folder.path, "sink.jsonl")).run.plan.plugins).toEqual([example]);

    const without = await ended("run --resume sink.jsonl");
    expect(without.code).toBe(2);
    expect(without.stderr).toMatch(
      /unknown kernel 'plain'; .*; the run was made with --plugin .*sink.ts; give it again\n$/,
    );
    expect(await ended(`run --resume sink.jsonl --plugin ${example}`)).toMatchObject({ code: 0 });

    expect(await ended("report sink.jsonl --out report")).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder.path, "report/index.html"), "utf8")).toContain("sink");
  });
});

describe("wrong kernels", () => {
  const names = ["forgets-the-scale", "misses-the-edge", "leaves-a-row-out", "reads-the-future"];
  const shared = `--kernel ${names.join()} --plugin ${wrongKernels}`;

  test("are refused by a run, each at its row, and get no time", async () => {
    const { code, stderr } = await ended(
      `run --variants local --set window=4 --causal --lengths 48 --rounds 1 ${shared} --out wrong.jsonl`,
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/attnbench: run: nothing was measured; verification: row \d+ of batch 0, head 0/);
    const rows = csvRows(readFileSync(join(folder.path, "wrong.csv"), "utf8"));
    expect(rows.map(({ kernel }) => kernel).sort()).toEqual(names.toSorted());
    for (const { outcome, reason, median_s, kernel } of rows) {
      expect({ kernel, outcome, median_s }).toEqual({ kernel, outcome: "failed", median_s: "" });
      expect(reason).toMatch(/^verification: row \d+ of batch 0, head 0, column \d+: got \S+/);
      expect(reason).toMatch(/expected \S+; .*seed 1$/);
    }
    expect(rows.find(({ kernel }) => kernel === "leaves-a-row-out")?.reason).toMatch(
      /row 32 .* got NaN \(never written/,
    );
  });

  test("beside right ones make the run fail, which are measured all the same", async () => {
    const { code, stdout } = await ended(
      `run --variants local --lengths 48 --rounds 1 --plugin ${wrongKernels} --kernel js,forgets-the-scale --out both.jsonl`,
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(/^not ranked: failed: local · forgets-the-scale$/m);
    const rows = csvRows(readFileSync(join(folder.path, "both.csv"), "utf8"));
    expect(rows.map(({ kernel, outcome }) => `${kernel} ${outcome}`).sort()).toEqual([
      "forgets-the-scale failed",
      "js measured",
    ]);
  });

  test("are refused by check, each at its row", async () => {
    const { code, stdout } = await ended(`check local ${shared}`);
    expect(code).toBe(1);
    for (const name of names) {
      expect(stdout).toMatch(
        new RegExp(
          `^FAILED {2}local by ${name}: gate\\n {8}at \\[.*\\].*: verification: row \\d+ of batch`,
          "m",
        ),
      );
    }
  });

  test("are refused by apply, which then writes nothing", async () => {
    const { code, stdout, stderr } = await ended(
      `apply local --input gaussian --length 64 --set window=4 --output never.safetensors --kernel misses-the-edge --plugin ${wrongKernels}`,
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(
      /^attnbench: apply: local by misses-the-edge was refused, nothing was written; verification: row \d+ .*\n$/,
    );
    expect(() => readFileSync(join(folder.path, "never.safetensors"))).toThrow("ENOENT");
  });
});

describe("a plug-in that cannot be used is refused in one line:", () => {
  const variant = (more: string) =>
    `import { everything, softmaxPattern } from "attnbench";
     export const variants = [softmaxPattern({ id: "mine", title: "", source: "", params: {}, exponent: () => 2, pattern: () => everything(), ${more} })];`;
  const kernel = (id: string) =>
    `import { simpleKernel } from "attnbench"; export const kernels = [simpleKernel({ id: "${id}", prepare: () => () => {} })];`;

  test.each<[string, string, number, RegExp]>([
    ["it is empty", "", 2, /must export an array 'variants' or 'kernels' that is not empty/],
    ["it exports by default only", "export default { variants: [] };", 2, /must export an array/],
    ["its list is empty", "export const variants = [];", 2, /must export an array/],
    ["its list is none", "export const variants = 3;", 2, /'variants' must be an array, got number/],
    ["its kernel is none", "export const kernels = [{}];", 2, /kernels\[0\] must be made with simpleKernel/],
    [
      "its kernel is null",
      "export const kernels = [null];",
      2,
      /kernels\[0\] must be made with simpleKernel/,
    ],
    [
      "its variant is handmade",
      "export const variants = [{ id: 'mine' }];",
      2,
      /variants\[0\] must be made with/,
    ],
    ["it does not parse", "export const variants = [", 1, /cannot be loaded, /],
    ["it is TypeScript that needs compiling", "enum A { B }", 1, /cannot be loaded, .*enum/],
    ["it throws", "throw new Error('boom\\nand more')", 1, /cannot be loaded, boom$/],
    ["it throws nothing in particular", "throw null", 1, /cannot be loaded, it threw null/],
    [
      "it imports what is not there",
      "import 'not-there-at-all';",
      1,
      /cannot be loaded, Cannot find package/,
    ],
    [
      "it wants more of us than there is",
      "import { nope } from 'attnbench';",
      1,
      /does not provide an export named/,
    ],
    ["its name is taken", variant(`id: "full"`), 2, /the variant name 'full' is taken/],
    ["its alias is taken", variant(`aliases: ["truncated"]`), 2, /the variant name 'truncated' is taken/],
    ["its kernel's name is taken", kernel("js"), 2, /the kernel name 'js' is taken/],
    ["its kernel is called auto", kernel("auto"), 2, /the kernel name 'auto' is taken/],
    ["its name is no word", variant(`id: "My Own"`), 2, /id must be lower-case letters, digits and hyphens/],
    [
      "its pattern throws",
      variant("pattern: () => { throw new Error('no'); }"),
      2,
      /variant mine cannot be used, no$/,
    ],
    ["its pattern is none", variant("pattern: () => undefined"), 2, /variant mine cannot be used, /],
    [
      "its exponent is none",
      variant("exponent: () => NaN"),
      2,
      /the exponent must be a number from 0, got NaN/,
    ],
  ])("%s", async (title, source, code, says) => {
    const path = folder.write(`${title.replaceAll(/\W/g, "-")}.ts`, source);
    const outcome = await ended(`list --plugin ${path}`);
    expect(outcome.stderr).toMatch(/^attnbench: plug-in \P{Cc}+\n$/u);
    expect(outcome).toMatchObject({ code, stdout: "" });
    expect(outcome.stderr.trim()).toMatch(says);
  });

  test("it waits for ever", async () => {
    const path = folder.write("waits.ts", "await new Promise(() => {});");
    expect(await alone(`list --plugin ${path}`)).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(
        /^attnbench: plug-in \P{Cc}+ cannot be loaded, it waits for something that never \P{Cc}+\n$/u,
      ),
    });
  });

  test("it is a folder", async () => {
    const { code, stderr } = await commandLine(`list --plugin ${folder.path}`);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/must be a file, got a folder/),
    });
  });

  test("and one that fails behind our back ends the program in one line all the same", async () => {
    const source = `${kernel("mine")} setTimeout(() => { throw new Error("late"); });`;
    const { code, stderr } = await alone(
      `check local --kernel mine --plugin ${folder.write("late.ts", source)}`,
    );
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^attnbench: internal error, late; .*\n$/),
    });
  });

  test("--debug shows where it failed", async () => {
    const path = folder.write("stack.ts", "throw new Error('boom');");
    const { stderr } = await ended(`list --plugin ${path} --debug`);
    expect(stderr).toMatch(/\[cause\]: Error: boom\n\s+at .*stack\.ts:1/);
  });
});

test("a kernel that cannot say what it supports is skipped with what it said", async () => {
  const source = `import { simpleKernel } from "attnbench";
    export const kernels = [
      simpleKernel({ id: "throws", supports: () => { throw new Error("who knows"); }, prepare: () => () => {} }),
      simpleKernel({ id: "shrugs", supports: () => undefined, prepare: () => () => {} }),
    ];`;
  const path = folder.write("unsure.ts", source);
  const words = `run --dry-run --json --variants local --lengths 8 --kernel js,throws,shrugs --plugin ${path}`;
  const { cases } = JSON.parse((await ended(words)).stdout);
  expect(cases.map((one: { unsupported: string | null }) => one.unsupported)).toEqual([
    null,
    "supports threw who knows",
    "supports returned undefined",
  ]);
});

describe("a kernel that prepares something else than it should", () => {
  const must = "must return an object with";
  const forward = `the kernel's prepare ${must} run, output, dispose, got`;
  const decode = `the kernel's decode.prepare ${must} reset, prefill, step, dispose, got`;

  test.each([
    ["forward", "null", `${forward} null`],
    ["forward", "undefined", `${forward} undefined`],
    ["forward", "{ run() {}, dispose() {} }", `${forward} one without output`],
    ["decode", "null", `${decode} null`],
    ["decode", "Promise.resolve()", `${decode} undefined`],
    ["decode", "{ reset() {}, prefill() {}, dispose() {} }", `${decode} one without step`],
    ["decode", "() => {}", `${decode} () => {}`],
  ])("is refused with what was missing: mode %s, %s", async (mode, made, reason) => {
    const prepare = `{ supports: () => true, prepare: () => (${made}) }`;
    const source = `export const kernels = [{ id: "odd", ...${prepare}, decode: ${prepare} }];`;
    const name = `odd-${mode}-${made.replaceAll(/\W/g, "")}`;
    const path = folder.write(`${name}.ts`, source);
    const words = `--mode ${mode} --kernel odd --plugin ${path}`;
    const { code } = await ended(`run ${words} --variants full --lengths 16 --rounds 2 --out ${name}.jsonl`);
    expect(code).toBe(1);
    const rows = csvRows(readFileSync(join(folder.path, `${name}.csv`), "utf8"));
    expect(rows.find((row) => row.mode === mode)).toMatchObject({ outcome: "failed", reason });
    const applied = await ended(`apply full ${words} --input gaussian --length 8 --output odd.safetensors`);
    expect(applied).toMatchObject({ code: 1, stdout: "" });
    expect(applied.stderr).toContain(reason);
    const checked = await ended(`check full ${words}`);
    expect(checked.code).toBe(1);
    expect(checked.stdout).toContain(reason);
  });
});

describe("a plug-in's own stepper", () => {
  const steppers = join(import.meta.dirname, "../plugin/steppers.ts");

  test("is held to the reference and timed like any other; one that forgets a key has no time", async () => {
    const words = `run --mode decode --plugin ${steppers} --kernel steps,forgets,unsure,js --variants full --lengths 16 --rounds 2 --out steps.jsonl`;
    const { code } = await ended(words);
    expect(code).toBe(1);
    const rows = csvRows(readFileSync(join(folder.path, "steps.csv"), "utf8"));
    const told = new Map(rows.filter(({ mode }) => mode === "decode").map((row) => [row.kernel, row]));
    expect(told.get("steps")).toMatchObject({ outcome: "measured", reason: "" });
    expect(told.get("steps")?.state_bytes).toBe(told.get("js")?.state_bytes);
    expect(told.get("forgets")).toMatchObject({ outcome: "failed", median_s: "" });
    expect(told.get("forgets")?.reason).toMatch(/^verification: in the steps from position 12 on, row/);
    expect(told.get("unsure")).toMatchObject({
      outcome: "skipped",
      reason: "decode.supports threw who knows",
    });
  });
});
