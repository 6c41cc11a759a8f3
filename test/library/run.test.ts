import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  band,
  type CheckOptions,
  type CompareOptions,
  check,
  compare,
  type GateOptions,
  gate,
  int,
  plan,
  type ReportOptions,
  type ResultLine,
  type RunOptions,
  readResults,
  report,
  run,
  simpleKernel,
  softmaxPattern,
} from "../../src/index.ts";
import { commandLine } from "../commands/command-line.ts";
import { fakeIo } from "../commands/fake-io.ts";
import { onAnyProcessor } from "../commands/on-any-processor.ts";
import { scratchFolder } from "../input/scratch-folder.ts";

const folder = scratchFolder();
const quick = { variants: ["local"], lengths: [16, 32], headDim: 8, rounds: 2 } as const;

async function linesOf(options: RunOptions): Promise<readonly ResultLine[]> {
  return Array.fromAsync(run(options));
}

const variants = [
  softmaxPattern({
    id: "past",
    title: "Past",
    source: "here",
    params: { window: int(3, { unit: "keys", meaning: "reach", probe: 2 }) },
    pattern: ({ window }) => band(window, 0),
    exponent: () => 1,
  }),
];
const kernels = [simpleKernel({ id: "mine", prepare: () => () => {} })];

describe("run", () => {
  test("yields the run, then its cases, then their rounds", async () => {
    const lines = await linesOf(quick);
    expect(lines.map(({ type }) => type)).toEqual(["run", "case", "case", ...Array(4).fill("round")]);
    const { rows, truncated } = await readResults({ lines });
    expect(rows.map(({ length, outcome, rounds }) => [length, outcome, rounds])).toEqual([
      [16, "measured", 2],
      [32, "measured", 2],
    ]);
    expect(truncated).toBe(false);
  });

  test("records of a case which of Long Range Arena's models its variant is, if it is one", async () => {
    const lines = await linesOf({ ...quick, variants: ["local", "stride"], rounds: 1 });
    const { rows } = await readResults({ lines });
    expect(rows).toHaveLength(4);
    for (const { variant, arena } of rows) {
      expect(arena).toBe(variant === "local" ? "Local Attention" : undefined);
    }
  });

  test("has each line in its file before it is given, and no other", async () => {
    const out = join(folder.path, "out.jsonl");
    const given: string[] = [];
    for await (const line of run({ ...quick, out })) {
      given.push(`${JSON.stringify(line)}\n`);
      expect(readFileSync(out, "utf8")).toBe(given.join(""));
    }
    expect(given.length).toBe(7);
  });

  test("ends where its reader leaves it, and is resumed by what it has not given yet", async () => {
    const out = join(folder.path, "left.jsonl");
    let given = 0;
    for await (const _ of run({ ...quick, out })) if (++given === 4) break;
    const { lines: before } = await readResults(out);
    expect(before.length).toBe(3);
    const rest = await linesOf({ resume: out });
    expect(rest.map(({ type }) => type)).toEqual(["round", "round", "round"]);
    const { lines } = await readResults(out);
    expect(lines).toEqual([...before, ...rest]);
  });

  test("ends where its signal is aborted, and throws nothing", async () => {
    const controller = new AbortController();
    const lines: ResultLine[] = [];
    for await (const line of run({ ...quick, signal: controller.signal })) {
      lines.push(line);
      if (line.type === "round") controller.abort();
    }
    expect(lines.filter(({ type }) => type === "round").length).toBe(1);
  });

  test("tells how far it is", async () => {
    const phases = new Set<string>();
    await linesOf({ ...quick, onProgress: ({ phase }) => phases.add(phase) });
    expect([...phases]).toEqual(["check", "measure"]);
  });

  test("runs the plan of a file again", async () => {
    const out = join(folder.path, "once.jsonl");
    await linesOf({ ...quick, seed: 7, out });
    const again = await plan({ replay: out });
    expect(again).toEqual((await readResults(out)).run.plan);
  });

  test("gives no line that a file would refuse, though it is kept nowhere", async () => {
    const title = "x".repeat(30_000);
    const choices = { ...quick, variants: "past", plugins: [{ variants: [{ ...variants[0], title }] }] };
    await expect(linesOf(choices)).rejects.toThrow(/^results: past.*: title: .*; correct the plug-in/);
  });

  test("refuses a file that is there, or none of results, before anything is measured", async () => {
    const out = join(folder.path, "out.jsonl");
    await expect(linesOf({ ...quick, out })).rejects.toThrow(/out\.jsonl already exists/);
    await expect(linesOf({ ...quick, out: "mine.csv" })).rejects.toThrow(
      "--out: must be a file ending in .jsonl, got 'mine.csv'; name one such as mine.jsonl",
    );
    expect(existsSync("mine.csv")).toBe(false);
  });
});

describe("a plug-in that a program has loaded", () => {
  const choices = { ...quick, variants: "past", causal: true, plugins: [{ name: "mine", variants }] };

  test("is measured, and results say that nobody knows its code", async () => {
    const [first, one] = await linesOf(choices);
    expect(first).toMatchObject({
      plan: { plugins: ["mine"] },
      environment: { plugins: [{ name: "mine", code: { mine: "unreadable" } }] },
    });
    expect(one).toMatchObject({ variant: "past", outcome: "measured" });
  });

  test("is looked at like any other, and named by what it is called", async () => {
    const taken = { name: "mine", variants: [{ ...variants[0], id: "full" }] };
    expect(await refusalOf({ plugins: [taken] })).toBe(
      "plug-in mine: the variant name 'full' is taken; choose another",
    );
    expect(await refusalOf({ plugins: [{ kernels: [{ ...kernels[0], id: "A" }] }] })).toMatch(
      /^plug-in a loaded plug-in: kernels\[0\] must be made with simpleKernel/,
    );
    expect(await refusalOf({ plugins: [{}] })).toMatch(/must export an array 'variants' or 'kernels'/);
  });

  test("cannot go on with a run, since it may be other code by now", async () => {
    const out = join(folder.path, "past.jsonl");
    await linesOf({ ...choices, out });
    await expect(linesOf({ resume: out, plugins: choices.plugins })).rejects.toThrow(
      "--resume: plug-ins must be named by module or package, got a loaded one; name it",
    );
  });
});

/** The message with which options are refused before anything is measured. */
async function refusalOf(options: RunOptions): Promise<string> {
  const first = run(options).next();
  return first.then(
    () => "no refusal",
    (thrown: Error) => thrown.message,
  );
}

describe("options", () => {
  const planned = async (words: string) => {
    const { code, stdout, stderr } = await commandLine(`run --dry-run --json ${words}`, fakeIo());
    return code === 0 ? JSON.parse(stdout) : stderr.replace(/^attnbench: /, "").trimEnd();
  };

  test.each<[string, RunOptions]>([
    ["", {}],
    ["--mode decode --variants full,linear", { mode: "decode", variants: ["full", "linear"] }],
    ["--lengths 64..256,1k --kernel js,wasm", { lengths: ["64..256", 1024], kernel: ["js", "wasm"] }],
    ["--lengths 300 --variants local", { lengths: 300, variants: "truncated" }],
    ["--batch 2 --heads 3 --head-dim 32 --causal", { batch: 2, heads: 3, headDim: 32, causal: true }],
    [
      "--heads 8 --kv-heads 2 --head-dim 24 --value-dim 16 --queries 1 --lengths 64",
      { heads: 8, kvHeads: 2, headDim: 24, valueDim: 16, queries: 1, lengths: 64 },
    ],
    ["--scale 1e-7 --threads 2 --simd plain", { scale: 1e-7, threads: 2, simd: "plain" }],
    ["--seed 0 --rounds 1 --budget 5m --deadline 1.5s", { seed: 0, rounds: 1, budget: 300, deadline: 1.5 }],
    [
      "--set local.window=64 --set stride.reach=none --input peaked",
      { set: { local: { window: 64 }, stride: { reach: null } }, input: "peaked" },
    ],
  ])("as values and as the words '%s' make the same plan", async (words, options) => {
    expect(await onAnyProcessor(() => plan(options))).toEqual(await planned(words));
  });

  test.each<[string, RunOptions]>([
    ["--heads 2.5", { heads: 2.5 }],
    ["--batch NaN", { batch: Number.NaN }],
    ["--heads 8 --kv-heads 3", { heads: 8, kvHeads: 3 }],
    ["--value-dim 0", { valueDim: 0 }],
    ["--mode decode --queries 1", { mode: "decode", queries: 1 }],
    ["--rounds 0", { rounds: 0 }],
    ["--budget -1", { budget: -1 }],
    ["--deadline 1000000000", { deadline: 1e9 }],
    ["--scale 0", { scale: 0 }],
    ["--lengths 0", { lengths: [0] }],
    ["--variants full,none", { variants: ["full", "none"] }],
    ["--kernel cuda", { kernel: "cuda" }],
    ["--mode decode --threads 2", { mode: "decode", threads: 2 }],
    ["--set local.width=1", { set: { local: { width: 1 } } }],
    ["--set local.window=NaN", { set: { local: { window: Number.NaN } } }],
    ["--tensors q,k,v", { tensors: ["q", "k", "v"] }],
    ["--resume a.jsonl --out b.jsonl", { resume: "a.jsonl", out: "b.jsonl" }],
  ])("are refused as values as the words '%s' are", async (words, options) => {
    const refused = await planned(words);
    expect(typeof refused).toBe("string");
    expect(await refusalOf(options)).toBe(refused);
  });

  test("an unknown one is refused, of every function", async () => {
    const typo = { length: 64 };
    const results = await readResults("results/example.jsonl");
    const calls: Record<string, () => Promise<unknown>> = {
      run: () => linesOf(typo as RunOptions),
      plan: () => plan(typo as RunOptions),
      check: () => Array.fromAsync(check(typo as CheckOptions)),
      report: () => report(results, typo as ReportOptions),
      compare: () => compare(results, results, typo as CompareOptions),
      gate: () => gate(typo as GateOptions),
    };
    for (const [name, call] of Object.entries(calls)) {
      await expect(call()).rejects.toThrow(`unknown option of ${name} 'length'; expected one of `);
    }
  });

  test.each<[Record<string, unknown>, string]>([
    [{ heads: "8" }, "--heads: must be a number, got '8'"],
    [{ headDim: [64] }, "--head-dim: must be a number, got [64]"],
    [{ causal: "false" }, "--causal: must be true or false, got 'false'"],
    [{ seed: null }, "--seed: must be a number, got null"],
  ])(
    "%j of an untyped program is refused: it says one thing and may mean another",
    async (options, message) => {
      expect(await refusalOf(options as RunOptions)).toBe(message);
      const results = await readResults("results/example.jsonl");
      const compared = compare(results, results, { acrossMachines: "no" } as unknown as CompareOptions);
      await expect(compared).rejects.toThrow("--across-machines: must be true or false, got 'no'");
    },
  );

  test("a list of none is refused: it may mean all", async () => {
    expect(await refusalOf({ variants: [] })).toBe(
      "--variants: must name something, got an empty list; omit the option",
    );
  });
});
