import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test, vi } from "vitest";
import { FailureError, UsageError } from "../../../src/core/errors.ts";
import { bisectionBench } from "./bench.ts";

const bench = bisectionBench();

describe("a bisection", () => {
  test("finds the first commit that is slower, wherever it is, in as many steps as halving takes", async () => {
    for (const first of [1, 2, 5, 9]) {
      const all = bench.history(...Array.from({ length: 10 }, (_, at) => (at < first ? 1 : 2)));
      const found = await bench.run({ good: all[0], bad: all[9], out: bench.path(`out-${first}`) });
      expect(found.end).toBe("found");
      expect(found.first).toMatchObject([{ commit: all[first], subject: `change ${first}`, author: "Ada" }]);
      // The bad one itself comes first.
      expect(found.tested.length).toBeLessThanOrEqual(1 + Math.ceil(Math.log2(9)));
      expect(found.steps.find(({ commit }) => commit === all[first])?.said).toBe("Regressed. From 1 to 2.");
    }
  });

  test("measures each commit against the good one, in checkouts that hold just these commits", async () => {
    const all = bench.history(1, 1, 1, 3, 3);
    const { folder: out } = await bench.run({
      good: all[0],
      out: bench.path("out"),
      rules: ["--accept-missing=true"],
    });
    for (const { words, cwd } of bench.calls()) {
      expect(cwd).toBe(bench.repository.folder);
      expect(words[0]).toBe("gate");
      expect(words).toContain("--lengths=64");
      expect(words).toContain("--accept-missing=true");
      const [base, head] = [words[1], words[2]].map((word) => word.split("=")[1]);
      expect(base).toMatch(/\/attnbench-bisect-\w+\/base\/?$/);
      expect(head).toMatch(/\/attnbench-bisect-\w+\/head\/?$/);
      const [commit] =
        /[0-9a-f]{40}(?=\.jsonl$)/.exec(words.find((word) => word.startsWith("--out=")) ?? "") ?? [];
      expect(existsSync(join(out, `${commit}.jsonl`))).toBe(true);
      expect(existsSync(join(out, `${commit}.txt`))).toBe(true);
    }
  });

  test("runs no hook of a checkout, and obeys no GIT_… variable", async () => {
    const all = bench.history(1, 1, 2);
    const hook = join(bench.repository.folder, ".git/hooks/post-checkout");
    writeFileSync(hook, `#!/bin/sh\ntouch '${bench.path("..", "hooked")}'\n`, { mode: 0o755 });
    vi.stubEnv("GIT_DIR", bench.path("elsewhere"));
    vi.stubEnv("GIT_INDEX_FILE", bench.path("index"));
    expect((await bench.run({ good: all[0], out: bench.path("out") })).end).toBe("found");
    expect(existsSync(bench.path("..", "hooked"))).toBe(false);
    expect(existsSync(bench.path("index"))).toBe(false);
  });

  test("gates a part of the repository if it is begun there, or told so", async () => {
    const all = [1, 1, 2].map((speed, at) =>
      bench.repository.commit(`${at}`, { "deep/er/speed": `${speed}`, n: `${at}` }),
    );
    process.chdir(join(bench.repository.folder, "deep"));
    expect((await bench.run({ good: all[0], subject: "er", out: bench.path("a") })).first).toMatchObject([
      { commit: all[2] },
    ]);
    process.chdir(join(bench.repository.folder, "deep/er"));
    expect((await bench.run({ good: all[0], out: bench.path("b") })).first).toMatchObject([
      { commit: all[2] },
    ]);
    for (const { words } of bench.calls()) expect(words[1]).toMatch(/\/base\/deep\/er$/);
    await expect(bench.run({ good: all[0], subject: "../../..", out: bench.path("c") })).rejects.toThrow(
      "--subject: must lie in the repository",
    );
  });
});

describe("a commit that cannot be judged", () => {
  test("is skipped, and another tells", async () => {
    const all = bench.history(1, 1, "noisy", 1, "broken", "missing", 1, 2, "killed", 2, 2);
    const { end, first, tested } = await bench.run({ good: all[0], out: bench.path("out") });
    expect(end).toBe("found");
    expect(first).toMatchObject([{ commit: all[7] }]);
    expect(tested.some((one) => /inconclusive|failed/.test(one))).toBe(true);
  });

  test("leaves several candidates if it lies where the change is, with what was said of each", async () => {
    const all = bench.history(1, "noisy", "killed", 2);
    const { end, first, steps } = await bench.run({ good: all[0], out: bench.path("out") });
    expect(end).toBe("between");
    expect(first.map(({ commit }) => commit)).toEqual([all[3], all[2], all[1]]);
    expect(steps.map(({ outcome }) => outcome).toSorted()).toEqual(["failed", "inconclusive", "regressed"]);
  });

  test("is told at once if it is the bad one: there is nothing to find", async () => {
    for (const [last, outcome] of [
      [1, "fine"],
      ["noisy", "inconclusive"],
      ["broken", "failed"],
    ] as const) {
      const all = bench.history(1, 1, last);
      const { end, first, steps } = await bench.run({
        good: all[0],
        bad: all[2],
        out: bench.path(`${outcome}`),
      });
      expect({ end, first, outcomes: steps.map((one) => one.outcome) }).toEqual({
        end: "not-bad",
        first: [],
        outcomes: [outcome],
      });
    }
  });

  test("whose words the gate refuses ends the bisection, and leaves nothing in the way of the right ones", async () => {
    const all = bench.history(1, 1, "missing");
    const out = bench.path("out");
    await expect(bench.run({ good: all[0], bad: all[2], out })).rejects.toThrow(
      new UsageError("bisect: the gate refuses it, --head: there is no such folder or file"),
    );
    expect(existsSync(join(out, "bisect.jsonl"))).toBe(false);
    expect(bench.state().temporary).toEqual([]);
  });
});

describe("what makes a checkout ready", () => {
  test("are the user's words, for each commit, and one whose words fail is skipped", async () => {
    const build = (made: string) => `require("fs").writeFileSync("speed", ${made})`;
    const all = ['"1"', '"1"', 'throw new Error("cannot")', '"2"', '"2"'].map((made, at) =>
      bench.repository.commit(`${at}`, {
        "build.cjs": made.startsWith("throw") ? made : build(made),
        ".gitignore": "speed",
        n: `${at}`,
      }),
    );
    const { end, first, steps } = await bench.run({
      good: all[0],
      build: `${process.execPath}  build.cjs`,
      out: bench.path("out"),
    });
    expect(end).toBe("between");
    expect(first.map(({ commit }) => commit)).toEqual([all[3], all[2]]);
    expect(steps).toContainEqual(expect.objectContaining({ commit: all[2], outcome: "unbuilt", code: 1 }));
  });

  test("of the good commit must end well", async () => {
    const all = bench.history(1, 2);
    const refusal = bench.run({ good: all[0], build: "false", out: bench.path("out") });
    await expect(refusal).rejects.toThrow(/the good commit cannot be made ready, exit code 1; see .*\.log/);
    expect(bench.state().temporary).toEqual([]);
  });

  test("never sees what an earlier commit built", async () => {
    const all = [1, 1, 2, 2].map((speed, at) =>
      bench.repository.commit(`${at}`, {
        "build.sh": `[ ! -e built ] && touch built && echo ${speed} > speed`,
        ".gitignore": "built\nspeed",
        n: `${at}`,
      }),
    );
    const { first } = await bench.run({ good: all[0], build: "sh build.sh", out: bench.path("out") });
    expect(first).toMatchObject([{ commit: all[2] }]);
  });

  test("is npm ci where there is a lockfile, and again only where that changed; then what npm ci would run after it", async () => {
    mkdirSync(bench.path("bin"));
    writeFileSync(
      bench.path("bin/npm"),
      `#!/bin/sh\necho "$*" >>'${bench.path("..", "npm")}'\n[ "$1" = run ] || mkdir -p node_modules\n`,
      { mode: 0o755 },
    );
    vi.stubEnv("PATH", `${bench.path("bin")}:${process.env.PATH}`);
    const all = [1, 1, 1, 2, 2].map((speed, at) =>
      bench.repository.commit(`${at}`, {
        speed: `${speed}`,
        "package.json": "{}",
        "package-lock.json": at === 4 ? "new" : "old",
        ".gitignore": "node_modules",
        n: `${at}`,
      }),
    );
    const { tested } = await bench.run({ good: all[0], out: bench.path("out") });
    expect(tested).toEqual(["4: regressed", "2: fine", "3: regressed"]);
    expect(readFileSync(bench.path("..", "npm"), "utf8").trim().split("\n")).toEqual([
      "ci --no-audit --no-fund", // the good one
      "ci --no-audit --no-fund", // the bad one
      "ci --no-audit --no-fund", // an older lockfile
      "run --if-present prepare",
    ]);
  });
});

describe("a bisection that ended early", () => {
  /** Begins one that waits within a step, and returns how to end it. */
  async function waiting(out: string) {
    const all = bench.history(1, 1, "waits", 2, 2);
    const ended = new AbortController();
    const running = bench.run({ good: all[0], out }, ended.signal);
    await vi.waitUntil(
      () => existsSync(join(out, `${all[2]}.txt`)) && readFileSync(join(out, `${all[2]}.txt`), "utf8") !== "",
      {
        timeout: 120_000,
      },
    );
    return { all, ended, running };
  }

  test("by an interrupt keeps what was tested, cleans up, and goes on with the very gate that was interrupted", async () => {
    const out = bench.path("out");
    const { all, ended, running } = await waiting(out);
    ended.abort();
    const { end, steps } = await running;
    expect(end).toBe("interrupted");
    expect(steps.map(({ commit }) => commit)).toEqual([all[4]]);
    expect(bench.state().temporary).toEqual([]);
    expect(bench.state().worktrees).not.toContain("attnbench-bisect");

    const before = bench.calls().length;
    bench.repository.git("rm", "--quiet", "speed");
    const resumed = await bench.run({ good: undefined, bad: undefined, plan: [], resume: out });
    expect(resumed.end).toBe("found");
    const after = bench.calls().slice(before);
    expect(after[0].words).toContain(`--resume=${join(out, `${all[2]}.jsonl`)}`);
    expect(after[0].words).not.toContain("--lengths=64");
    // What was known is not gated again.
    expect(after.filter(({ words }) => words.join().includes(all[4]))).toEqual([]);
  });

  test("by a kill leaves checkouts, which the next one removes, and its gate ends by itself", async () => {
    const all = bench.history(1, 1, "waits", 2, 2);
    const out = bench.path("out");
    const program = bench.path("program.mjs");
    const own = new URL("../../../src/library/bisect/bisect.ts", import.meta.url).href;
    const choices = { ...bench.usual, good: all[0], out };
    writeFileSync(
      program,
      `import { bisect } from ${JSON.stringify(own)};
      const host = { signal: new AbortController().signal, remark() {} };
      const hearing = { tested() {}, left() {} };
      await bisect(${JSON.stringify(choices)}, hearing, host, ${JSON.stringify(bench.gate)});`,
    );
    const child = spawn(process.execPath, [program], { stdio: "ignore", cwd: bench.repository.folder });
    const told = join(out, `${all[2]}.txt`);
    await vi.waitUntil(() => existsSync(told) && readFileSync(told, "utf8") !== "", { timeout: 120_000 });
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(bench.state().temporary).toHaveLength(1);
    // The interrupted gate has said its last word.
    await vi.waitUntil(() => readFileSync(join(out, `${all[2]}.log`), "utf8").includes("interrupted"), {
      timeout: 120_000,
    });

    const { end, tested } = await bench.run({ bad: undefined, plan: [], resume: out });
    expect(end).toBe("found");
    expect(tested.length).toBeGreaterThan(1);
    expect(bench.state().temporary).toEqual([]);
    expect(bench.state().worktrees).not.toContain("attnbench-bisect");
  });

  test("in a commit whose line was cut off tests that commit again", async () => {
    const all = bench.history(1, 1, 2, 2);
    const out = bench.path("out");
    await bench.run({ good: all[0], out });
    const journal = join(out, "bisect.jsonl");
    const lines = readFileSync(journal, "utf8").split("\n");
    writeFileSync(journal, `${lines.slice(0, 2).join("\n")}\n${lines[2].slice(0, 30)}`);
    const before = bench.calls().length;
    expect(await bench.run({ bad: undefined, plan: [], resume: out })).toMatchObject({
      end: "found",
      first: [{ commit: all[2] }],
    });
    expect(bench.calls().length).toBeGreaterThan(before);
    expect(
      readFileSync(journal, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).type),
    ).toEqual(["bisect", ...Array(lines.length - 2).fill("step")]);
  });

  test("is not gone on with as something else", async () => {
    const all = bench.history(1, 2);
    const out = bench.path("out");
    await bench.run({ good: all[0], out });
    await expect(bench.run({ good: all[0], out })).rejects.toThrow(
      /already holds a bisection; continue it with --resume/,
    );
    await expect(bench.run({ good: all[0], resume: out })).rejects.toThrow("takes no other options");
    await expect(bench.run({ bad: undefined, plan: [], resume: bench.path("temp") })).rejects.toThrow(
      "--resume: must be the folder of a bisection",
    );
  });

  test("by what cannot be written, as on a full disk, says so and takes nothing for tested", async () => {
    const all = bench.history(1, 1, 2);
    const out = bench.path("out");
    mkdirSync(join(out, `${all[1]}.log`), { recursive: true });
    const refusal = bench.run({ good: all[0], out });
    await expect(refusal).rejects.toThrow(FailureError);
    await expect(refusal).rejects.toThrow(/\.log: cannot be written, it is a folder/);
    expect(bench.state().temporary).toEqual([]);
    expect(readFileSync(join(out, "bisect.jsonl"), "utf8").split("\n").slice(1).join()).not.toContain(all[1]);
  });
});
