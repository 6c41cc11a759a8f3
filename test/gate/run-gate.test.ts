import { join } from "node:path";
import { expect, test } from "vitest";
import type { InnerLine } from "../../src/gate/gate-log.ts";
import type { GateContext } from "../../src/gate/open-gate.ts";
import { runGate } from "../../src/gate/run-gate.ts";
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

test("a side that dies in every block ends the gate with its name and cell, and keeps what came before", async () => {
  const mood = join(folder.path, "mood");
  const dying = folder.write("dying.mjs", spinModule({ mood }));
  folder.write("mood", "");
  const lines: InnerLine[] = [];
  const run = async () => {
    for await (const line of runGate(plan, contextOf(dying))) {
      lines.push(line);
      if (line.type === "stage") folder.write("mood", "dies");
    }
  };
  await expect(run()).rejects.toThrow(
    new RegExp(
      `^gate: head was lost 3 times in a row, most recently in ${cell.case}, its process ended, code 7: a last word`,
    ),
  );
  expect(lines.map((line) => (line.type === "lost" ? `${line.side} ${line.cell}` : line.type))).toEqual([
    "checked",
    "stage",
    ...Array(3).fill(`head ${cell.case}`),
  ]);
});
