import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { scratchFolder } from "../input/scratch-folder.ts";
import { Dialogue, type Line, PYTHON_FOLDER } from "./dialogue.ts";
import { attended, expectNear } from "./plain-attention.ts";
import { pythonWith } from "./pythons.ts";
import { caseOf, type HeadRows, numbersOf, SharedCase, unwritten } from "./shared-case.ts";
import { writeShared } from "./shared-files.ts";

const found = pythonWith();
const python = found ?? "python3";
const plain = join(import.meta.dirname, "programs/plain.py");
const shape = [1, 1, 4, 2];
const qkv = { q: numbersOf(shape, 1), k: numbersOf(shape, 2), v: numbersOf(shape, 3) };
const near = [[0, 2], [0, 3], [1, 4], []];

/** Where the program has some words, as errors say it. */
function lineOf(words: string): string {
  const lines = readFileSync(plain, "utf8").split("\n");
  return `plain.py:${lines.findIndex((line) => line.includes(words)) + 1}`;
}

test("there is a Python to try attnbench_kernel.py with", (context) => {
  if (found === null) context.skip("no python3 here: nothing of attnbench_kernel.py is tested");
  expect(found).toMatch(/python/);
});

describe.skipIf(found === null)("a program of plain Python", () => {
  let dialogue: Dialogue;
  let shared: SharedCase;
  beforeAll(() => {
    dialogue = new Dialogue([python, plain]);
    shared = new SharedCase(dialogue);
  });
  afterAll(async () => {
    shared.remove();
    const { code, log } = await dialogue.end();
    expect(code).toBe(0);
    for (const words of ["while imported", "in prepare", "by another process", "in run"]) {
      expect(log).toContain(`printed ${words}`);
    }
    expect(log).toContain("written to descriptor 1");
    expect(log).toContain("Traceback (most recent call last)");
  });

  /** Prepares a kernel with `params`, which are whatever a test says. */
  const prepare = (kernel: string, params: unknown = {}, pattern: HeadRows | undefined = [near], kind = {}) =>
    shared.prepare(kernel, caseOf({ params, ...kind }), qkv, unwritten(shape), pattern);

  test("says what it is, and of its kernels what was left out", async () => {
    const { ok } = await dialogue.ask("hello", { protocol: [1, 7], attnbench: "0.1.0" });
    expect(ok).toMatchObject({ protocol: 1, name: "plain.py", clock: "time.perf_counter" });
    const { details, kernels } = ok as { details: Line; kernels: readonly Line[] };
    expect(details).toMatchObject({
      python: expect.stringMatching(/^CPython 3\.\d+\.\d+$/),
      "told by": "the file",
    });
    expect(kernels.map(({ id }) => id)).toEqual([
      "plain-softmax",
      "doubles",
      "prints",
      "raises",
      "choosy",
      "asks-twice",
    ]);
    expect(kernels[0]).toEqual({
      ...{ id: "plain-softmax", title: "Softmax in plain Python", kinds: ["softmaxPattern"], device: "cpu" },
      ...{ dtypes: ["float32"], freedoms: ["kvHeads", "queries", "valueDim"], forms: [], details: {} },
    });
    expect(kernels[1]).toEqual({
      ...{ id: "doubles", title: "Doubles q", dtypes: ["float32", "float16"], freedoms: [], forms: [] },
      ...{ device: "cpu", assumed_rate: 1e6, details: { unit: "none" } },
    });
  });

  test("refuses versions of the protocol that it does not speak", async () => {
    expect(await dialogue.ask("hello", { protocol: [2, 3], attnbench: "9" })).toEqual({
      error: "attnbench_kernel speaks version 1, attnbench [2, 3]",
    });
  });

  test("computes what a pattern's ranges say, and 0 where a query attends nothing", async () => {
    const { call, answer, needs } = await prepare("plain-softmax");
    expect({ answer, needs }).toEqual({ answer: { ok: {} }, needs: ["ranges"] });
    const { answers, out } = await shared.output(call);
    expect(answers).toEqual([
      { ok: { wall: expect.any(Number), device: null } },
      { ok: { dtype: "float32", shape } },
    ]);
    expectNear(out, attended(qkv, [near]));
  });

  test("computes heads that share keys and differ in their patterns, and queries that are other tokens", async () => {
    const given = {
      ...{ q: numbersOf([2, 4, 3, 2], 1), k: numbersOf([2, 2, 5, 2], 2), v: numbersOf([2, 2, 5, 3], 3) },
    };
    const pattern = [0, 1, 2, 3].map((head) => [[0, 1 + head], [], [0, 1, 3, 5]]);
    const data = caseOf({ batch: 2, heads: 4, kv_heads: 2, length: 5, queries: 3, value_dim: 3 });
    const { call } = await shared.prepare("plain-softmax", data, given, unwritten([2, 4, 3, 3]), pattern);
    const { answers, out } = await shared.output(call);
    expect(answers[1]).toEqual({ ok: { dtype: "float32", shape: [2, 4, 3, 3] } });
    expectNear(out, attended(given, pattern));
  });

  test("sees the numbers that attnbench has written since", async () => {
    const { call } = await prepare("plain-softmax");
    await shared.output(call);
    const others = { ...qkv, q: numbersOf(shape, 5) };
    shared.write(call, others);
    expect(await dialogue.ask("load", { call })).toEqual({ ok: {} });
    expectNear((await shared.output(call)).out, attended(others, [near]));
  });

  test("keeps several calls apart until they are disposed of", async () => {
    const first = await prepare("plain-softmax");
    const second = await prepare("doubles");
    expectNear((await shared.output(first.call)).out, attended(qkv, [near]));
    expectNear(
      (await shared.output(second.call)).out,
      [...qkv.q.data].map((number) => 2 * number),
    );
    expect(await dialogue.ask("dispose", { call: first.call })).toEqual({ ok: {} });
    expect(await dialogue.ask("run", { call: first.call, calls: 1 })).toEqual({
      error: `call ${first.call} is not prepared`,
    });
    expect((await shared.output(second.call)).answers).toHaveLength(2);
  });

  test("times as many calls as it is asked for, by a clock that never goes back", async () => {
    const { call } = await prepare("plain-softmax");
    const seconds = async (calls: number) =>
      ((await dialogue.ask("run", { call, calls })).ok as { wall: number }).wall;
    expect(await seconds(1)).toBeGreaterThan(0);
    // A call takes microseconds: a hundred of them take longer than the quickest of ten, however loaded the machine.
    const single: number[] = [];
    for (let time = 0; time < 10; time++) single.push(await seconds(1));
    expect(await seconds(100)).toBeGreaterThan(Math.min(...single));
  });

  test("keeps what its code prints out of the answers, and hears nothing itself", async () => {
    const { call, answer } = await prepare("prints");
    expect(answer).toEqual({ ok: {} });
    expect((await shared.output(call)).out[0]).toBe(0);
  });

  test.each([
    ["in prepare", `ValueError: a reason in two lines (${lineOf("raise ValueError")})`],
    ["exits", `SystemExit: 3 (${lineOf("sys.exit(3)")})`],
    ["refuses", "head_dim must be 64"],
    ["gives nothing", "prepare must return the function that computes the case, got NoneType"],
  ])("says in one line why a kernel that %s cannot be prepared", async (params, error) => {
    expect((await prepare("raises", params)).answer).toEqual({ error });
  });

  test.each([
    ["in run", { error: `KeyError: 'lost' (${lineOf("raise KeyError")})` }],
    ["asks later", { error: "case.ranges: is given while the case is prepared; call it in prepare" }],
  ])("says in one line why a run fails: %s", async (params, run) => {
    const { call, answer } = await prepare("raises", params);
    expect(answer).toEqual({ ok: {} });
    expect(await dialogue.ask("run", { call, calls: 1 })).toEqual(run);
  });

  test.each([
    ["too short", "run returned 4 bytes of f, which must be 32 of f"],
    [
      "a text",
      "run returned str, which must be the output as a tensor or an array, or nothing once out is written",
    ],
  ])("refuses to take for the output what is %s", async (params, error) => {
    const { call } = await prepare("raises", params);
    expect((await shared.output(call)).answers[1]).toEqual({ error });
  });

  test.each([
    ["yes", { ok: true }],
    ["why", { ok: "head_dim must be 64" }],
    ["no", { error: "supports must return True, or why not as a text, got False" }],
    [
      "tensors",
      { error: "case: has its tensors in prepare, and not where it is asked whether it is supported" },
    ],
  ])("answers whether a case is supported: %s", async (params, answer) => {
    expect(await dialogue.ask("supports", { kernel: "choosy", case: caseOf({ params }) })).toEqual(answer);
    expect(await dialogue.ask("supports", { kernel: "raises", case: caseOf({ params }) })).toEqual({
      ok: true,
    });
  });

  test.each(["ranges", "csr"])("asks for %s once, however often they are used", async (need) => {
    const { call, needs } = await prepare("asks-twice", need);
    expect(needs).toEqual([need]);
    expect((await shared.output(call)).out[0]).toBe(1);
  });

  test("says why it was not given a pattern, and which kinds have none", async () => {
    const refused = await shared.prepare("plain-softmax", caseOf(), qkv, unwritten(shape));
    expect(refused.answer).toEqual({ error: "it is too long" });
    const none = await prepare("plain-softmax", {}, undefined, { pattern: null, kind: "featureMap" });
    expect(none).toMatchObject({ answer: { error: "case.ranges: featureMap has no pattern" }, needs: [] });
  });

  test("refuses requests and kernels that it does not know, and goes on", async () => {
    expect(await dialogue.ask("sing")).toEqual({
      error: "request must be one of hello, supports, prepare, load, run, outputs, dispose, got 'sing'",
    });
    expect(await dialogue.ask("supports", { kernel: "other", case: caseOf() })).toMatchObject({
      error: expect.stringMatching(/^kernel must be one of plain-softmax, .*, got 'other'$/),
    });
  });

  test("is not ended by an interrupt, which is for attnbench", async () => {
    process.kill(dialogue.pid ?? 0, "SIGINT");
    expect(await dialogue.ask("dispose", { call: 12345 })).toEqual({ ok: {} });
  });

  test("takes half precision as its bits", async () => {
    const half = (factor: number) => ({ shape, data: new Float16Array(numbersOf(shape, factor).data) });
    const inputs = { q: half(1), k: half(2), v: half(3) };
    const { call } = await shared.prepare("doubles", caseOf({ dtype: "float16" }), inputs, half(4));
    expect((await shared.output(call)).answers[1]).toEqual({ ok: { dtype: "float16", shape } });
  });
});

describe.skipIf(found === null)("a file of kernels", () => {
  const folder = scratchFolder();
  const dialogues: Dialogue[] = [];
  afterEach(async () => {
    for (const one of dialogues.splice(0)) await one.end();
  });

  const file = (name: string, ...lines: readonly string[]) => folder.write(name, `${lines.join("\n")}\n`);
  const kernelsOf = async (words: readonly string[]) => {
    const dialogue = new Dialogue([python, ...words]);
    dialogues.push(dialogue);
    const { ok } = await dialogue.ask("hello", { protocol: [1], attnbench: "0" });
    const { name, kernels } = ok as { name: string; kernels: readonly { id: string }[] };
    return [name, ...kernels.map(({ id }) => id)];
  };
  const declared = (name: string) => ["from attnbench_kernel import *", "@kernel", `def ${name}(case): ...`];

  test("need not serve itself if attnbench_kernel does, nor be the only one", async () => {
    const first = file("first.py", ...declared("one"));
    const second = file("second.py", ...declared("two_too"), "serve()");
    expect(await kernelsOf(["-m", "attnbench_kernel", first, second])).toEqual([
      "first.py second.py",
      "one",
      "two-too",
    ]);
  });

  test("that serves nothing says so", () => {
    const path = file("silent.py", ...declared("one"));
    const { stderr, stdout } = spawnSync(python, [path], {
      env: { ...process.env, PYTHONPATH: PYTHON_FOLDER, ATTNBENCH_PROTOCOL: "1" },
      encoding: "utf8",
    });
    expect({ stdout, stderr }).toEqual({
      stdout: "",
      stderr: "attnbench_kernel: the file declares kernels and does not serve them; end it with serve()\n",
    });
  });

  test("ends when attnbench does, even where it waits for a pattern", async () => {
    const dialogue = new Dialogue([python, plain]);
    const inputs = writeShared(join(folder.path, "inputs"), qkv);
    const output = writeShared(join(folder.path, "output"), { out: unwritten(shape) });
    const asked = { kernel: "plain-softmax", case: caseOf(), call: 1, inputs, output };
    expect(await dialogue.ask("prepare", asked)).toEqual({ need: "ranges" });
    expect((await dialogue.end()).code).toBe(0);
  });

  test("is told what is wrong with what @kernel was given", () => {
    const options = [
      "id='Mine'",
      "dtypes=['float64']",
      "freedoms='queries'",
      "forms=['shape']",
      "id='twice'",
    ];
    const path = file(
      "wrong.py",
      ...["from attnbench_kernel import *", "def mine(case): ...", "kernel(mine, id='twice')"],
      ...options.flatMap((words) => [
        "try:",
        `    kernel(${words})(mine)`,
        "except ValueError as e: print(e)",
      ]),
    );
    const env = { ...process.env, PYTHONPATH: PYTHON_FOLDER };
    expect(spawnSync(python, [path], { env, encoding: "utf8" }).stdout.split("\n")).toEqual([
      "kernel: id must be lower-case letters, digits and hyphens, got 'Mine'",
      "kernel: dtypes must be of float32, float16, bfloat16, got 'float64'",
      "kernel: freedoms must be a list of names, got 'queries'",
      "kernel: forms must be of score, bias, turn, normaliser, got 'shape'",
      "kernel: ids must be unique, got 'twice' twice",
      "",
    ]);
  });
});
