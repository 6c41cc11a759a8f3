import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Bisected } from "../../src/library/bisect/bisect.ts";
import { readBlocks } from "../../src/record/read-blocks.ts";
import { spinModule } from "../gate/stand-in.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { repositoryIn } from "../library/bisect/repository.ts";
import { launch } from "./launched.ts";

const scratch = scratchFolder();
let repository: ReturnType<typeof repositoryIn>;
let temporary: string;

beforeEach(() => {
  const folder = join(scratch.path, `${readdirSync(scratch.path).length}`);
  repository = repositoryIn(join(folder, "repository"));
  temporary = join(folder, "temporary");
  mkdirSync(temporary);
  vi.stubEnv("TMPDIR", temporary);
});
afterEach(() => vi.unstubAllEnvs());

const CELLS = "--variants full --kernel spin --lengths 8 --head-dim 4 --cell-time 5ms --blocks 2".split(" ");

/**
 * Commits of a plug-in whose calls take the usual time, or three times as much by using more memory: on a machine so busy
 * that no time can be trusted, what a gate counts still tells.
 */
function history(...speeds: readonly ("usual" | "slow")[]): readonly string[] {
  const manners = { usual: { microseconds: 200 }, slow: { microseconds: 600, workspaceBytes: 4096 } };
  return speeds.map((speed, at) =>
    repository.commit(`change ${at}`, { "plugin.mjs": `// ${at}\n${spinModule(manners[speed])}` }),
  );
}

describe("bisect with the gate itself", () => {
  test("finds the commit that planted a slow-down in a plug-in, and keeps the blocks of each step", async () => {
    const all = history("usual", "usual", "usual", "usual", "usual", "slow", "slow", "slow");
    const words = [
      "bisect",
      "--good",
      all[0],
      "--bad",
      "main",
      "--subject",
      "plugin.mjs",
      "--out",
      "../steps",
      ...CELLS,
    ];
    const { code, stdout, stderr } = await launch(words, repository.folder).ended;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const [headline, subject, author, said] = stdout.split("\n");
    expect(headline).toBe(`First bad commit: ${all[5]}`);
    expect(subject).toBe("  change 5");
    expect(author).toMatch(/^ {2}Ada, \d{4}-/);
    expect(said).toMatch(/^ {2}Regressed\. /);
    expect(stderr).toContain(`bad     ${all[5].slice(0, 10)} change 5\n`);
    expect(stderr).toContain(`good    ${all[4].slice(0, 10)} change 4\n`);
    const steps = join(repository.folder, "../steps");
    const { gate } = readBlocks(join(steps, `${all[5]}.jsonl`));
    expect(gate.base.commit).toBe(all[0]);
    expect(gate.head.commit).toBe(all[5]);
    expect(readdirSync(temporary).filter((name) => name.startsWith("attnbench"))).toEqual([]);
    expect(repository.git("status", "--porcelain")).toBe("");

    // All of it is known.
    const again = await launch(["bisect", "--resume", "../steps", "--json"], repository.folder).ended;
    const { end, first } = JSON.parse(again.stdout) as Bisected;
    expect({ code: again.code, end, first }).toMatchObject({
      code: 0,
      end: "found",
      first: [{ commit: all[5] }],
    });
  });

  test("ends at an interrupt in order, says how to go on, and leaves no checkout", async () => {
    const all = history("usual", "usual", "slow");
    const words = [
      "bisect",
      "--good",
      all[0],
      "--bad",
      "main",
      "--subject",
      "plugin.mjs",
      "--out",
      "../steps",
      ...CELLS,
    ];
    const { child, ended } = launch(words, repository.folder);
    const blocks = join(repository.folder, "../steps", `${all[2]}.jsonl`);
    await vi.waitUntil(
      () =>
        (existsSync(blocks) && readFileSync(blocks, "utf8").includes('"type":"block"')) ||
        child.exitCode !== null,
      { timeout: 300_000 },
    );
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/\ninterrupted; resume with: attnbench bisect --resume \S+\/steps\n$/);
    expect(readdirSync(temporary).filter((name) => name.startsWith("attnbench"))).toEqual([]);
    const { lines } = readBlocks(blocks);
    expect(lines.length).toBeGreaterThan(0);

    const resumed = await launch(["bisect", "--resume", "../steps"], repository.folder).ended;
    expect(resumed).toMatchObject({ code: 0 });
    expect(resumed.stdout).toContain(`First bad commit: ${all[2]}`);
    // The blocks from before the interrupt are among those that were judged.
    expect(readBlocks(blocks).lines.slice(0, lines.length)).toEqual(lines);
  });
});
