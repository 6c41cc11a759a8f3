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

/** A gate starts a process for each block: on a busy machine a whole bisection takes long. */
const HANG_MS = 1_800_000;

describe("bisect with the gate itself", () => {
  test(
    "finds the commit that planted a slow-down in a plug-in, and keeps the blocks of each step",
    async () => {
      const all = history("usual", "usual", "usual", "slow", "slow");
      const words = `bisect --good ${all[0]} --bad main --subject plugin.mjs --out ../steps --json`.split(
        " ",
      );
      const { code, stdout, stderr } = await launch([...words, ...CELLS], repository.folder).ended;
      const { end, first, steps } = JSON.parse(stdout) as Bisected;
      const slow = (commit: string) => all.indexOf(commit) >= 3;
      const outcomesOf = (which: boolean) =>
        steps.flatMap((one) => (slow(one.commit) === which ? [one.outcome] : []));
      expect(new Set(outcomesOf(true)), stderr).toEqual(new Set(["regressed"]));
      // On a busy machine a gate may be unable to tell, and says so; it never calls the same code slower.
      expect(outcomesOf(false).filter((outcome) => outcome !== "fine" && outcome !== "inconclusive")).toEqual(
        [],
      );
      const isTold = !outcomesOf(false).includes("inconclusive");
      expect({ code, end }).toEqual(isTold ? { code: 0, end: "found" } : { code: 3, end: "between" });
      expect(first.map(({ commit }) => commit)).toContain(all[3]);
      if (isTold) expect(first).toMatchObject([{ subject: "change 3", author: "Ada" }]);
      expect(stderr).toContain(`bad     ${all[3].slice(0, 10)} change 3\n`);
      const { gate } = readBlocks(join(repository.folder, "../steps", `${all[3]}.jsonl`));
      expect({ base: gate.base.commit, head: gate.head.commit }).toEqual({ base: all[0], head: all[3] });
      expect(readdirSync(temporary).filter((name) => name.startsWith("attnbench"))).toEqual([]);
      expect(repository.git("status", "--porcelain")).toBe("");
    },
    HANG_MS,
  );

  test(
    "ends at an interrupt in order, says how to go on, and leaves no checkout",
    async () => {
      const all = history("usual", "slow");
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
      const blocks = join(repository.folder, "../steps", `${all[1]}.jsonl`);
      await vi.waitUntil(
        () =>
          (existsSync(blocks) && readFileSync(blocks, "utf8").includes('"type":"block"')) ||
          child.exitCode !== null,
        { timeout: HANG_MS },
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
      expect(resumed.stdout).toContain(`First bad commit: ${all[1]}`);
      // The blocks from before the interrupt are among those that were judged.
      expect(readBlocks(blocks).lines.slice(0, lines.length)).toEqual(lines);
    },
    HANG_MS,
  );
});
