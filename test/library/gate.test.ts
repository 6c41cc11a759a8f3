import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { FailureError, type GateOptions, gate } from "../../src/index.ts";
import { commandLine } from "../commands/command-line.ts";
import { blockFile, cellName, onlyCell } from "../gate/judge/block-file.ts";
import { spinModule } from "../gate/stand-in.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { fileOf } from "../record/sample-lines.ts";

vi.mock("../../src/gate/run-process.ts", () => import("../gate/in-this-process.ts"));
const folder = scratchFolder();
const written = (world: Parameters<typeof blockFile>[0], name: string) => {
  const { gate: head, lines } = blockFile({ cells: 4, ...world });
  return folder.write(name, fileOf([head, ...lines]));
};

test("a file of blocks is judged as the command judges it", async () => {
  const from = written({ ratio: onlyCell(1, 1.1) }, "slow.jsonl");
  const comparison = await gate({ from });
  expect(comparison).toMatchObject({ kind: "gate", outcome: "regressed" });
  const { schema: _, ...printed } = JSON.parse(
    (await commandLine(["gate", "--from", from, "--json"])).stdout,
  );
  expect(JSON.parse(JSON.stringify(comparison))).toEqual(printed);
});

test("work and missing cells that are accepted are let pass", async () => {
  const changed = written({ facts: (_, side) => (side === "head" ? { bytes: 4096 } : {}) }, "work.jsonl");
  expect(await gate({ from: changed })).toMatchObject({ outcome: "regressed" });
  expect(await gate({ from: changed, acceptWork: true })).toMatchObject({ outcome: "fine" });
  expect(await gate({ from: changed, acceptWork: ["pairs"] })).toMatchObject({ outcome: "regressed" });
  const lost = { outcome: "missing", reason: "it has none" } as const;
  const missing = written(
    { facts: (cell, side) => (side === "head" && cell === cellName(1) ? lost : {}) },
    "missing.jsonl",
  );
  expect(await gate({ from: missing })).toMatchObject({ outcome: "regressed" });
  expect(await gate({ from: missing, acceptMissing: true })).toMatchObject({ outcome: "fine" });
});

const sides = (): GateOptions => {
  const base = folder.write("base.mjs", `// base\n${spinModule({})}`);
  const head = folder.write("head.mjs", `// head\n${spinModule({ workspaceBytes: 128 })}`);
  return { base, head, variants: "full", kernel: "spin", lengths: 8, headDim: 4, cellTime: 0.01 };
};

test("two versions are measured in turn, into a file that is judged", async () => {
  const said: string[] = [];
  const phases = new Set<string>();
  const out = join(folder.path, "gate.jsonl");
  const comparison = await gate({
    ...sides(),
    blocks: 2,
    out,
    onWarning: (text) => said.push(text),
    onProgress: ({ phase }) => phases.add(phase),
  });
  expect(comparison).toMatchObject({ outcome: "regressed", work: [{ quantity: "workspace_bytes" }] });
  expect(said[0]).toMatch(/^stage 1: 6 blocks of 1 cell/);
  expect(phases.size).toBeGreaterThan(1);
  expect(await gate({ from: out })).toEqual(comparison);
  expect(readFileSync(out, "utf8")).toMatch(/^\{"type":"gate"/);
});

test("a gate that is ended early gives no verdict", async () => {
  const out = join(folder.path, "ended.jsonl");
  expect(await gate({ ...sides(), out, signal: AbortSignal.abort() })).toBeNull();
});

test("what cannot be meant is refused", async () => {
  const out = join(folder.path, "refused.jsonl");
  await expect(gate({ ...sides() })).rejects.toThrow(/^--out: must name a file for the blocks/);
  await expect(gate({ ...sides(), base: undefined, out })).rejects.toThrow(/^gate: --base must name/);
  await expect(gate({ ...sides(), out, blocks: 1 })).rejects.toThrow(/^--blocks: must be an integer from 2/);
  await expect(gate({ from: "results/example.jsonl", blocks: 4 })).rejects.toThrow(
    /^--blocks: cannot be changed when --from names a file/,
  );
  await expect(gate({ from: "results/example.jsonl" })).rejects.toThrow(FailureError);
});
