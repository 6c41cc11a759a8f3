import { expect, test } from "vitest";
import { GateLog, type InnerLine, validBlocks } from "../../src/gate/gate-log.ts";
import { patienceFor } from "../../src/gate/open-gate.ts";
import type { BlocksLine } from "../../src/record/schema/block-lines.ts";
import { blockFile, cellName, lostLine, onlyCell } from "./judge/block-file.ts";

const { lines } = blockFile({ cells: 3, runs: 2, ratio: onlyCell(1, 1.2) });

/** All that a log can be asked. */
function answers(log: GateLog) {
  const stages = [0, 1].flatMap((run) => [1, 2].map((stage) => ({ run, stage })));
  return {
    checked: [...log.checked()],
    stages: stages.map(({ run, stage }) => log.stage(run, stage)),
    blocks: stages.map(({ run, stage }) => log.blocks(run, stage)),
    lost: stages.map(({ run, stage }) => log.lost(run, stage)),
    wrong: [...log.wrong()],
    elapsed: log.elapsed(),
  };
}

test("what was added now and what an earlier session wrote are the same", () => {
  const all: InnerLine[] = [
    ...lines,
    lostLine(),
    lostLine({ wrong: false, block: 8, cell: null, side: null }),
  ];
  const expected = answers(new GateLog(all));
  for (let at = 0; at <= all.length; at += 3) {
    const log = new GateLog(all.slice(0, at));
    for (const line of all.slice(at)) expect(log.add(line)).toBe(line);
    expect(answers(log)).toEqual(expected);
  }
});

test("lines are found by run and stage", () => {
  const log = new GateLog(lines);
  expect(log.checked().size).toBe(3);
  expect(log.stage(1, 2)).toMatchObject({ run: 1, stage: 2, cells: [cellName(1)] });
  expect(log.stage(2, 1)).toBeUndefined();
  expect(
    [log.blocks(0, 1), log.blocks(0, 2), log.blocks(1, 2), log.blocks(2, 1)].map((one) => one.length),
  ).toEqual([6, 16, 16, 0]);
});

test("a cell that was wrong once is wrong for good; one under way in a lost block is not", () => {
  const wrong = (...more: BlocksLine[]) => [...new GateLog([...lines, ...(more as InnerLine[])]).wrong()];
  expect(wrong()).toEqual([]);
  expect(wrong(lostLine({ wrong: false }))).toEqual([]);
  expect(wrong(lostLine({ run: 1, cell: cellName(2) }), lostLine())).toEqual([cellName(2), cellName(0)]);
});

test("the time that earlier sessions took is the end of their last block", () => {
  expect(new GateLog([]).elapsed()).toBe(0);
  expect(new GateLog(lines).elapsed()).toBe(16);
});

test("blocks count for a cell where they hold it undisturbed", () => {
  const disturbed = ({ block, cell }: { block: number; cell: string }) =>
    cell === cellName(0) && block < 2 ? [0, 1, 2] : [];
  const missing = ({ block, cell }: { block: number; cell: string }) => cell === cellName(1) && block === 3;
  const blocks = blockFile({ cells: 2, disturbed, missing }).lines.filter((line) => line.type === "block");
  expect(validBlocks(blocks, cellName(0), "head")).toBe(4);
  expect(validBlocks(blocks, cellName(1), "head")).toBe(5);
  expect(validBlocks(blocks, "other", "head")).toBe(0);
});

test("a process may be silent for a minute, and longer where calls are long", () => {
  expect(patienceFor(0)).toBe(60);
  expect(patienceFor(2)).toBe(460);
});
