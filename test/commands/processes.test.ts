import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { isRunning } from "../../src/files/process-of.ts";
import { readLines } from "../../src/record/read.ts";
import { fileLines } from "../compare/two-files.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { fileOf } from "../record/sample-lines.ts";
import { launch, launcher } from "./launched.ts";

const folder = scratchFolder();
const ended = (words: string) => launch(words.split(" ").filter(Boolean), folder.path).ended;

/** A run of four cases, with a line every few milliseconds; a build that is chosen by its speed may be another at a resume. */
const run = (rounds: number) =>
  `run --simd plain --variants local,linear --lengths 32,64 --rounds ${rounds} --budget 1000s`.split(" ");

/** Starts a run and ends it by a signal once a round is in its file. */
async function stopped(name: string, signal: NodeJS.Signals) {
  const path = join(folder.path, name);
  for (let rounds = 8; ; rounds *= 2) {
    rmSync(path, { force: true });
    const { child, ended } = launch([...run(rounds), "--out", name], folder.path);
    while (!(existsSync(path) && readFileSync(path, "utf8").includes('"round":1'))) {
      if (child.exitCode !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    child.kill(signal);
    const outcome = await ended;
    // On a busy machine the signal may come too late: once all is measured, or once all is said as well.
    const isInTime = outcome.code !== 0 && readLines(path).lines.length < 4 * (1 + rounds);
    if (isInTime) return { path, rounds, outcome };
  }
}

/** Every round of every case once, and nothing else. */
function expectComplete(path: string, rounds: number): void {
  const { lines, truncated } = readLines(path);
  expect({ lines: lines.length, truncated }).toEqual({ lines: 4 * (1 + rounds), truncated: false });
}

describe("a run that is ended", () => {
  test("by kill -9 leaves a file that reads, and --resume measures the rest and nothing twice", async () => {
    const { path, rounds, outcome } = await stopped("killed.jsonl", "SIGKILL");
    expect(outcome.signal).toBe("SIGKILL");
    const { lines, validBytes } = readLines(path);
    expect(lines.length).toBeLessThan(4 * (1 + rounds));
    const kept = readFileSync(path).subarray(0, validBytes);
    expect(await ended("run --resume killed.jsonl")).toMatchObject({ code: 0 });
    expect(readFileSync(path).subarray(0, validBytes)).toEqual(kept);
    expectComplete(path, rounds);
  });

  test.each(["SIGINT", "SIGTERM"] as const)(
    "by %s keeps what was measured and says how to go on",
    async (signal) => {
      const name = `${signal}.jsonl`;
      const { path, rounds, outcome } = await stopped(name, signal);
      expect(outcome).toMatchObject({ code: 1, signal: null });
      expect(outcome.stderr).toContain(`interrupted; resume with: attnbench run --resume ${name}\n`);
      expect(outcome.stdout).toMatch(new RegExp(`^wrote ${name}$`, "m"));
      expect(readLines(path).lines.length).toBeLessThan(4 * (1 + rounds));
    },
  );

  test.each(["SIGINT", "SIGTERM"] as const)(
    "by %s before anything is measured says so, and leaves neither a file nor a program",
    async (signal) => {
      // It never says what it is, and hears nothing.
      const hanging = `process.on("SIGTERM", () => {}); require("node:fs").writeFileSync("pid", String(process.pid)); setInterval(() => {}, 1000);`;
      folder.write("hangs.cjs", hanging);
      const pid = join(folder.path, "pid");
      rmSync(pid, { force: true });
      const program = JSON.stringify({ command: [process.execPath, "hangs.cjs"] });
      const { child, ended } = launch(
        ["run", "--kernel", `exec:${program}`, "--out", "none.jsonl"],
        folder.path,
      );
      while (!(existsSync(pid) && readFileSync(pid, "utf8") !== "")) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      child.kill(signal);
      expect(await ended).toMatchObject({
        code: signal === "SIGINT" ? 130 : 143,
        stderr: "attnbench: interrupted before anything was measured; no file was written\n",
      });
      expect(existsSync(join(folder.path, "none.jsonl"))).toBe(false);
      // It is killed at once, but is there until the system has taken it away.
      await vi.waitFor(() => expect(isRunning(Number(readFileSync(pid, "utf8")))).toBe(false), 60_000);
    },
  );

  test("by a file that may not grow says so in one line, and --resume finishes it", async () => {
    // Writing past the limit fails as it does on a full disk.
    const words = ["-c", `ulimit -f 9; trap '' XFSZ; exec "$@"`, "bash", process.execPath, launcher];
    const { status, stderr } = spawnSync("bash", [...words, ...run(8), "--out", "full.jsonl"], {
      cwd: folder.path,
      encoding: "utf8",
    });
    expect(status).toBe(1);
    expect(stderr.trimEnd().split("\n").at(-1)).toMatch(
      /^attnbench: results: cannot write full.jsonl, .*; what was measured so far is in it: make room, then resume with --resume full.jsonl$/,
    );
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(readLines(join(folder.path, "full.jsonl"))).toMatchObject({ truncated: false });
    expect(await ended("run --resume full.jsonl")).toMatchObject({ code: 0 });
    expectComplete(join(folder.path, "full.jsonl"), 8);
  });
});

describe("output that nobody takes", () => {
  const shell = (line: string) =>
    spawnSync("bash", ["-c", line, "bash", process.execPath, launcher], {
      cwd: folder.path,
      encoding: "utf8",
    });

  test.each(["show full --length 4k --format json", "list --json", "--help"])(
    "ends %s quietly, as with head",
    (words) => {
      expect(shell(`"$@" ${words} | true`)).toMatchObject({ status: 0, stderr: "" });
    },
  );

  test("takes no verdict back", () => {
    folder.write("base.jsonl", fileOf(fileLines({})));
    folder.write("slow.jsonl", fileOf(fileLines({ seed: 2, slow: () => 1.5 })));
    const words = "compare base.jsonl slow.jsonl --fail-on slower";
    expect(shell(`set -o pipefail; "$@" ${words} | true`).status).toBe(4);
    if (existsSync("/dev/full")) expect(shell(`"$@" ${words} > /dev/full`).status).toBe(4);
  });

  test.runIf(existsSync("/dev/full")).each(["show local", "list --json", "--help", "--version"])(
    "because the disk is full is one line and exit code 1, from %s",
    (words) => {
      const { status, stderr } = shell(`"$@" ${words} > /dev/full`);
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: "attnbench: output: cannot be written, the disk is full; send it elsewhere\n",
      });
    },
  );
});

describe("the launcher", () => {
  test("without a command prints the help on stderr, exit code 2", async () => {
    const { code, stdout, stderr } = await ended("");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    for (const command of [
      "run",
      "check",
      "apply",
      "list",
      "show",
      "report",
      "compare",
      "gate",
      "calibrate",
      "completion",
    ]) {
      expect(stderr).toContain(`attnbench ${command}`);
    }
    expect(stderr).toContain(
      "exit codes: 0 fine, 1 failed, 2 wrong usage, 3 inconclusive; for comparisons also 4",
    );
    expect(stderr).toBe((await ended("--help")).stdout);
  });

  test("prints the version of the package", async () => {
    const { version } = JSON.parse(readFileSync(join(launcher, "../../package.json"), "utf8"));
    expect(await ended("--version")).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  test("passes the codes on: 0 fine, 1 failed, 2 wrong usage", async () => {
    expect(await ended("show local --length 4")).toMatchObject({ code: 0, stderr: "" });
    folder.write("empty.jsonl", "");
    expect(await ended("report empty.jsonl")).toMatchObject({ code: 1, stdout: "" });
    expect(await ended("show nope")).toMatchObject({ code: 2, stdout: "" });
  });

  test("gives the stack only for --debug", async () => {
    expect((await ended("show nope")).stderr).toMatch(/^attnbench: unknown variant 'nope'; .*\n$/);
    expect((await ended("show nope --debug")).stderr).toMatch(/UsageError: unknown variant 'nope'.*\n\s+at /);
  });

  test("prints a script that bash can read, and completes commands and options", async () => {
    const { code, stdout } = await ended("completion");
    expect(code).toBe(0);
    expect(spawnSync("bash", ["-n"], { input: stdout, encoding: "utf8" })).toMatchObject({
      status: 0,
      stderr: "",
    });
    expect((await ended("--get-yargs-completions attnbench run --causal=")).code).toBe(0);
    expect((await ended("--get-yargs-completions attnbench run --dry")).stdout).toContain("--dry-run");
  });

  // A Node that was installed beside the project's, if there is one.
  const system = [
    "/usr/bin/node",
    "/usr/local/bin/node",
    ...(process.env.PATH ?? "").split(":").map((path) => `${path}/node`),
  ]
    .filter((path) => existsSync(path))
    .find(
      (path) =>
        Number(spawnSync(path, ["-p", "parseInt(process.versions.node)"], { encoding: "utf8" }).stdout) < 26,
    );
  test.runIf(system !== undefined)("under an older Node starts the one that came along", async () => {
    const { code, stdout, stderr } = await launch(["doctor", "--json", "--threads", "1"], folder.path, system)
      .ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout).environment.node).toBe(process.versions.node);
    expect(await launch(["show", "nope"], folder.path, system).ended).toMatchObject({ code: 2, stdout: "" });
  });

  test.each(["--no-experimental-strip-types", "--no-strip-types", "--jitless"])(
    "started with %s says so in one line",
    async (option) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, "list"], {
        env: { ...process.env, NODE_OPTIONS: option },
        encoding: "utf8",
      });
      expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
      expect(stderr).toMatch(
        new RegExp(
          `^attnbench: .*TypeScript.*; Node was started with .*${option}.*: omit the option that forbids it\n$`,
        ),
      );
    },
  );
});

test("a working directory that was removed is one line", () => {
  const line = `mkdir gone && cd gone && rmdir ../gone && exec "$@"`;
  for (const words of [["list"], ["show", "full"]]) {
    const { status, stderr } = spawnSync("bash", ["-c", line, "bash", process.execPath, launcher, ...words], {
      cwd: folder.path,
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: "attnbench: the working directory was removed; change to one that exists, and try again\n",
    });
  }
});

test("what is refused in a process leaves nothing either", async () => {
  const before = readdirSync(folder.path);
  for (const words of [
    "run --lengths 0",
    "run --dry-run=yes",
    "run --out x",
    "apply full --input x --output y",
  ]) {
    const { code, stdout, stderr } = await ended(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^attnbench: \P{Cc}+\n$/u);
  }
  expect(readdirSync(folder.path)).toEqual(before);
});
