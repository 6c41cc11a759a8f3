import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { externalKernel, run } from "../../src/index.ts";
import type { ResultLine } from "../../src/record/schema/result-lines.ts";
import { commandLine } from "../commands/command-line.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { MODES } from "./misbehaving/misbehaving.ts";

const folder = scratchFolder();
const program = join(import.meta.dirname, "misbehaving/misbehaving.ts");
const right = [process.execPath, program, "none"];
/** What every run here asks for. */
const small = { variants: "full,local", lengths: [16, 24], rounds: 2, seed: 1 } as const;

async function linesOf(options: Parameters<typeof run>[0]): Promise<readonly ResultLine[]> {
  const lines: ResultLine[] = [];
  for await (const line of run({ ...small, ...options })) lines.push(line);
  return lines;
}

function outcomes(lines: readonly ResultLine[]): string[] {
  return lines.flatMap((line) => (line.type === "case" ? [`${line.kernel} ${line.outcome}`] : []));
}

/** Files that programs of this process were given. */
function shared(): readonly string[] {
  return ["/dev/shm", tmpdir()]
    .filter(existsSync)
    .flatMap((place) => readdirSync(place).filter((name) => name.startsWith(`attnbench-${process.pid}-`)));
}

describe("programs as kernels", () => {
  it("are measured in the rounds of the others, and leave nothing behind", async () => {
    const lines = await linesOf({ kernel: ["wasm", { id: "mine", command: right }] });
    expect(outcomes(lines).sort()).toEqual([
      ...Array<string>(4).fill("mine measured"),
      ...Array<string>(4).fill("wasm measured"),
    ]);
    const rounds = lines.filter((line) => line.type === "round");
    expect(rounds).toHaveLength(16);
    const [head] = lines;
    if (head?.type !== "run") throw new TypeError("a run must come first");
    expect(JSON.stringify(head.environment)).toContain("misbehaving.ts");
    expect(shared()).toEqual([]);
  });

  it("may be several, and of several runs at once", async () => {
    const two = ["one", "two"].map((id) => ({ id, command: right }));
    const all = await Promise.all([linesOf({ kernel: two }), linesOf({ kernel: two })]);
    for (const lines of all) {
      expect(new Set(outcomes(lines))).toEqual(new Set(["one measured", "two measured"]));
    }
    expect(shared()).toEqual([]);
  });

  it("are refused where two would have one id, or nobody would be asked", async () => {
    await expect(linesOf({ kernel: [{ command: right }, { command: [...right, "again"] }] })).rejects.toThrow(
      /the kernel name 'stand-in' is taken/,
    );
    await expect(linesOf({ kernel: [{ command: "no-such-program-anywhere" }] })).rejects.toThrow(
      /cannot be started by no-such-program-anywhere: there is no such program/,
    );
    expect(shared()).toEqual([]);
  });

  it("of a plug-in that cannot start are refused where they are named, and passed over where they are not", async () => {
    const plugins = [{ kernels: [externalKernel({ id: "mine", command: "no-such-program-anywhere" })] }];
    await expect(linesOf({ plugins, kernel: "js,mine" })).rejects.toThrow(
      /^--kernel mine: no-such-program-anywhere cannot be started by no-such-program-anywhere: there is no such program/,
    );
    const warned: string[] = [];
    const lines = await linesOf({ plugins, onWarning: (text) => warned.push(text) });
    expect(outcomes(lines)).not.toContain("mine measured");
    expect(warned.join()).toMatch(/kernel mine cannot run here, no-such-program-anywhere cannot be started/);
  });

  it("that are lost in one case are started again for the others", async () => {
    expect(MODES).toContain("dies-at-run");
    const mode = [process.execPath, program, "dies-at-run"];
    const lines = await linesOf({ kernel: [{ id: "mine", command: mode }, "js"] });
    const failed = lines.filter((line) => line.type === "case" && line.outcome === "failed");
    expect(failed).toHaveLength(4);
    for (const one of failed) expect(JSON.stringify(one)).toMatch(/ended with exit code 7/);
    expect(outcomes(lines)).toContain("js measured");
  });

  it("end with what is left of a run that is interrupted", async () => {
    const controller = new AbortController();
    let seen = 0;
    for await (const line of run({
      ...small,
      kernel: [{ id: "mine", command: right }],
      rounds: 1000,
      signal: controller.signal,
    })) {
      if (line.type === "round" && ++seen === 2) controller.abort();
    }
    expect(seen).toBeLessThan(8);
    expect(shared()).toEqual([]);
  });

  it("come from plug-ins", async () => {
    const lines = await linesOf({
      plugins: [{ name: "mine", kernels: [externalKernel({ id: "mine", command: right })] }],
      kernel: "mine",
    });
    expect(new Set(outcomes(lines))).toEqual(new Set(["mine measured"]));
    expect(() => externalKernel({ id: "mine", command: [] })).toThrow("externalKernel: command");
  });

  it("are named in a file of options, with spaces, quotes and other letters in their paths", async () => {
    const copied = folder.write("größer 'als' 日本.ts", readFileSync(program));
    const config = {
      variants: "full",
      lengths: "16",
      rounds: "1",
      kernel: [{ id: "mine", command: [process.execPath, copied, "none"], env: { A: "b, c" } }],
    };
    const path = join(folder.path, "config.json");
    writeFileSync(path, JSON.stringify(config));
    const out = join(folder.path, "named.jsonl");
    const { code, stderr } = await commandLine(["run", "--config", path, "--out", out]);
    expect({ code, wrong: /attnbench:/.exec(stderr) }).toEqual({ code: 0, wrong: null });
  });
});
