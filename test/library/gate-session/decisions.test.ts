import { expect, test } from "vitest";
import { GateLog } from "../../../src/gate/gate-log.ts";
import { decisionsFor } from "../../../src/library/gate-session/decisions.ts";
import type { BlockLine, BlocksPlan } from "../../../src/record/schema/block-lines.ts";
import { detectableEffect } from "../../../src/stats/two-stage-power.ts";
import { blockFile, cellName, onlyCell, type World } from "../../gate/judge/block-file.ts";
import { refusal } from "../../input/refusal.ts";

/** A gate after stage 1, with what is said of it. */
function after(world: World, plan: Partial<BlocksPlan> = {}, noise = new Map<string, number>()) {
  const { gate, lines } = blockFile(world);
  const said: string[] = [];
  const decisions = decisionsFor(noise, (text) => said.push(text))({ ...gate.plan, ...plan });
  const blocks = lines.filter((line): line is BlockLine => line.type === "block" && line.stage === 1);
  const log = new GateLog(lines.filter(({ type }) => type === "checked"));
  return {
    said,
    ...decisions,
    blocks,
    log,
    names: gate.plan.cells.map((one) => one.case),
    cells: gate.plan.cells,
  };
}

test("stage 2 takes the cells that look changed, either way, and as many blocks as the rule has", () => {
  const ratio: World["ratio"] = ({ cell, against }) =>
    against !== "head" ? 1 : cell === cellName(1) ? 1.1 : cell === cellName(3) ? 0.9 : 1;
  const gate = after({ cells: 5, ratio });
  expect(gate.chooseStage2(gate.blocks, gate.names, null)).toEqual({
    cells: [cellName(1), cellName(3)],
    blocks: 16,
  });
  expect(gate.said).toHaveLength(1);
  expect(gate.said[0]).toMatch(
    /^stage 2: 16 blocks of 2 cells that may have changed \(local\(window=4\).*\), about/,
  );
  expect(gate.said[0]).toMatch(/a slow-down of .* would be seen 9 times in 10/);
});

test("a cell that looks changed in the few blocks that count is looked at again, and one without any is not", () => {
  const gateWith = (counting: number, means = true) => {
    const disturbed: World["disturbed"] = ({ cell, block }) =>
      cell === cellName(0) && block >= counting ? [0, 1, 2] : [];
    return after({ cells: 3, ratio: onlyCell(0, 1.5), disturbed, means });
  };
  const few = gateWith(2);
  expect(few.chooseStage2(few.blocks, few.names, null).cells).toEqual([cellName(0)]);
  const none = gateWith(0, false);
  expect(none.chooseStage2(none.blocks, none.names, null).cells).toEqual([]);
  expect(none.said[0]).toMatch(
    /^no stage 2: 1 cell disturbed too often to tell, and none of the others looks changed; /,
  );
  // What was waited for is taken from the means, so that they still tell.
  const byMean = gateWith(0);
  expect(byMean.chooseStage2(byMean.blocks, byMean.names, null).cells).toEqual([cellName(0)]);
});

test("a cell whose mean alone looks changed is looked at again", () => {
  const gate = after({ cells: 3, rare: (place) => onlyCell(1, 1.08)(place) - 1 });
  expect(gate.chooseStage2(gate.blocks, gate.names, null).cells).toEqual([cellName(1)]);
});

test("one block that counts says nothing of the noise, and what could be seen is left unsaid", () => {
  const disturbed: World["disturbed"] = ({ block }) => (block >= 1 ? [0, 1, 2] : []);
  const gate = after({ cells: 1, ratio: onlyCell(0, 1.5), disturbed });
  expect(gate.chooseStage2(gate.blocks, gate.names, null).cells).toEqual([cellName(0)]);
  expect(gate.said[0]).toMatch(/^stage 2: 16 blocks of 1 cell that may have changed \(.*\), about .* each$/);
});

test("where nothing looks changed there is no stage 2, and what would have been seen is said", () => {
  const gate = after({ cells: 3 });
  expect(gate.chooseStage2(gate.blocks, gate.names, 100).cells).toEqual([]);
  expect(gate.said[0]).toMatch(/^no stage 2: no cell looks changed; a slow-down of .* would be seen/);
  const none = after({ cells: 3, disturbed: () => [0, 1, 2] });
  expect(none.chooseStage2(none.blocks, none.names, 100).cells).toEqual([]);
  expect(none.said).toEqual([
    "no stage 2: 3 cells disturbed too often to tell, and none of the others looks changed",
  ]);
});

test("with time to spare there are as many blocks as see 5 %, without it fewer, and never under six", () => {
  const world: World = { cells: 4, noise: 0.04, seed: 6, ratio: onlyCell(0, 1.15) };
  const blocksIn = (secondsLeft: number | null, budget_s: number | null = 1000) => {
    const gate = after(world, { budget_s });
    return gate.chooseStage2(gate.blocks, gate.names, secondsLeft).blocks;
  };
  expect(blocksIn(null, null)).toBe(16);
  const wanted = blocksIn(1e6);
  expect(wanted).toBeGreaterThan(16);
  expect(wanted).toBeLessThanOrEqual(64);
  const counts = [0, 5, 10, 15, 20, 30, 1e6].map((seconds) => blocksIn(seconds));
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  expect([counts[0], counts.at(-1)]).toEqual([6, wanted]);
});

test("before a block is measured it is said what stage 1 takes, and what a calibration lets it see", () => {
  const gate = after({ cells: 2 });
  gate.checked(gate.log, gate.cells);
  expect(gate.said).toEqual([expect.stringMatching(/^stage 1: 6 blocks of 2 cells, about \S+ s each$/)]);
  const calibrated = after({ cells: 2 }, {}, new Map([[cellName(1), 0.02]]));
  calibrated.checked(calibrated.log, calibrated.cells);
  const percent = Math.round(1000 * detectableEffect(0.02, 1)) / 10;
  expect(calibrated.said[0]).toContain(
    `a slow-down of ${percent} % would be seen 9 times in 10, judging by the calibration`,
  );
  const nothing = after({ cells: 2 });
  nothing.checked(nothing.log, []);
  expect(nothing.said).toEqual([]);
});

test("a budget that does for no verdict is refused, with what would do", () => {
  const refused = after({ cells: 10 }, { budget_s: 20 });
  const message = refusal(() => refused.checked(refused.log, refused.cells));
  const [, needed] =
    /about ([\d.]+) s, got 20.0* s; allow more, or choose fewer with --cells$/.exec(message) ?? [];
  expect(Number(needed)).toBeGreaterThan(20);
  const enough = after({ cells: 10 }, { budget_s: 1.05 * Number(needed) });
  expect(() => enough.checked(enough.log, enough.cells)).not.toThrow();
  const one = after({ cells: 1 }, { budget_s: 25 });
  expect(() => one.checked(one.log, one.cells)).not.toThrow();
});
