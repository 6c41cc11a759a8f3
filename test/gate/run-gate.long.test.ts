import { join } from "node:path";
import { expect, test } from "vitest";
import { compareBlocks } from "../../src/gate/judge/compare-blocks.ts";
import type { GateContext } from "../../src/gate/open-gate.ts";
import { runGate } from "../../src/gate/run-gate.ts";
import { continueLines, createLines } from "../../src/record/append.ts";
import { BLOCKS } from "../../src/record/line-kind.ts";
import { readBlocks } from "../../src/record/read-blocks.ts";
import type { BlocksPlan } from "../../src/record/schema/block-lines.ts";
import { GATE_RULE } from "../../src/stats/two-stage-rule.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { blockFile } from "./judge/block-file.ts";
import { smallCell, spinModule } from "./stand-in.ts";

// With real processes. What each turn of a gate does is looked at in run-stage.test.ts, where they are acted.
const folder = scratchFolder();
const root = join(import.meta.dirname, "../..");
const cell = smallCell();
const plan: BlocksPlan = {
  ...blockFile({ cells: 1 }).gate.plan,
  rule: { ...GATE_RULE, stage1Blocks: 2, stage2Blocks: 2 },
  entry_s: 0.01,
  simd: "auto",
  cells: [cell],
};
const gate = { ...blockFile({ cells: 1 }).gate, plan };

function contextOf(head: string, change: Partial<GateContext> = {}): GateContext {
  const base = { root, module: folder.write("base.mjs", spinModule()) };
  return {
    places: { base, head: { root, module: head }, twin: base },
    simd: "auto",
    already: [],
    chooseStage2: (_, cells) => ({ cells, blocks: 2 }),
    checked: () => {},
    now: () => performance.now() / 1000,
    signal: new AbortController().signal,
    observe: () => {},
    ...change,
  };
}

test("a gate that is interrupted between blocks and gone on with ends with both stages, and tells a slower side", async () => {
  const slow = folder.write("slow.mjs", spinModule({ microseconds: 450 }));
  const path = join(folder.path, "slow.jsonl");
  const file = createLines(BLOCKS, path, gate);
  const controller = new AbortController();
  for await (const line of runGate(plan, contextOf(slow, { signal: controller.signal }))) {
    file.append(line);
    if (line.type === "block") controller.abort();
  }
  file.close();
  const { lines: already, validBytes } = readBlocks(path);
  expect(already.map(({ type }) => type)).toEqual(["checked", "stage", "block"]);
  const rest = continueLines(BLOCKS, path, validBytes);
  for await (const line of runGate(plan, contextOf(slow, { already }))) rest.append(line);
  rest.close();

  const blocks = readBlocks(path);
  const stages = blocks.lines.filter((line) => line.type === "stage");
  expect(stages).toMatchObject([
    { stage: 1, cells: [cell.case], nulls: [cell.case] },
    { stage: 2, cells: [cell.case] },
  ]);
  const measured = blocks.lines.filter((line) => line.type === "block");
  for (const [index, { at_s, seconds, entries }] of measured.entries()) {
    expect(seconds).toBeGreaterThan(0);
    if (index > 0) expect(at_s).toBeGreaterThanOrEqual(measured[index - 1].at_s);
    const [entry] = entries.filter(({ against }) => against === "head");
    // By the clock: 150 µs against 450.
    expect(entry.base_min_s).toBeGreaterThanOrEqual(150e-6);
    expect(entry.head_min_s).toBeGreaterThanOrEqual(450e-6);
  }
  // Two blocks prove nothing, and that is what is said.
  const { outcome } = compareBlocks(blocks, { accepted: new Set(), acceptMissing: false });
  expect(outcome).not.toBe("fine");
});
