import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readEnvironment } from "../../src/machine/environment.ts";
import { type Environment, resultLine } from "../../src/record/schema/result-lines.ts";

const root = new URL("../../", import.meta.url).pathname;

/** Whether a results file may hold it. */
function isRecordable(environment: Environment): boolean {
  const plan = { seed: 0, rounds: 1, budget_s: 1, deadline_s: 1, input: "gaussian", plugins: [], cases: [] };
  const line = { type: "run", schema: 1, started: "2000-01-01T00:00:00Z", plan, environment };
  return resultLine.safeParse(JSON.parse(JSON.stringify(line))).success;
}

describe("readEnvironment", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "attnbench-environment-"));
    writeFileSync(join(folder, "package.json"), '{"version": "1.2.3"}');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("tells of this machine and this checkout what the results file has a place for", () => {
    const environment = readEnvironment(root, []);
    expect(isRecordable(environment)).toBe(true);
    expect(environment.node).toBe(process.versions.node);
    expect(environment.cores).toBeGreaterThanOrEqual(1);
    expect(environment.lockfile_sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(environment.timer_resolution_s).toBeLessThan(0.1);
  });

  it("leaves out what an installed package without a checkout has not", () => {
    const environment = readEnvironment(folder, []);
    expect(isRecordable(environment)).toBe(true);
    const { attnbench, commit, dirty, lockfile_sha256 } = environment;
    expect({ attnbench, commit, dirty, lockfile_sha256 }).toEqual({
      attnbench: "1.2.3",
      commit: null,
      dirty: null,
      lockfile_sha256: null,
    });
  });

  it("takes the commit of no other project that it is installed in", () => {
    const run = (...args: readonly string[]) => execFileSync("git", args, { cwd: folder, stdio: "ignore" });
    run("init");
    run("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--allow-empty", "-m", "theirs");
    const installed = join(folder, "node_modules", "attnbench");
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, "package.json"), '{"version": "1.2.3"}');
    const { commit, dirty } = readEnvironment(installed, []);
    expect({ commit, dirty }).toEqual({ commit: null, dirty: null });
    expect(readEnvironment(folder, []).commit).toMatch(/^[0-9a-f]{40}$/);
  });

  it("hashes the lockfile, and lists Node's flags however they were given", () => {
    writeFileSync(join(folder, "package-lock.json"), "{}\n");
    const { NODE_OPTIONS } = process.env;
    process.env.NODE_OPTIONS = "--no-warnings  --stack-size=900";
    const { lockfile_sha256, flags } = readEnvironment(folder, []);
    if (NODE_OPTIONS === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = NODE_OPTIONS;
    expect(lockfile_sha256).toBe("ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356");
    expect(flags).toEqual([...process.execArgv, "--no-warnings", "--stack-size=900"]);
  });
});
