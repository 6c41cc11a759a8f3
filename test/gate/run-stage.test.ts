import { beforeEach, describe, expect, test, vi } from "vitest";
import { FailureError } from "../../src/core/errors.ts";
import type { BlockTask, CheckTask } from "../../src/gate/block/block-task.ts";
import { NO_FACTS } from "../../src/gate/block/no-facts.ts";
import type { InnerLine } from "../../src/gate/gate-log.ts";
import type { GateContext, GateProgress } from "../../src/gate/open-gate.ts";
import { runGate } from "../../src/gate/run-gate.ts";
import { readBlocks } from "../../src/record/read-blocks.ts";
import type { BlocksPlan } from "../../src/record/schema/block-lines.ts";
import { GATE_RULE } from "../../src/stats/two-stage-rule.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { fileOf } from "../record/sample-lines.ts";
import { type Acted, act } from "./acted-processes.ts";
import { blockFile } from "./judge/block-file.ts";
import { smallCell } from "./stand-in.ts";

// Processes are acted here, so that every turn of a gate can be looked at; run-gate.test.ts starts real ones.
const stage = vi.hoisted(() => ({
  acted: {} as Acted,
  tasks: [] as (BlockTask | CheckTask)[],
  patience: [] as number[],
}));
vi.mock("../../src/gate/run-process.ts", () => ({
  async *runProcess(task: BlockTask | CheckTask, patience: number, signal: AbortSignal) {
    const count = stage.tasks.push(task) - 1;
    stage.patience.push(patience);
    for (const message of act(task, count, stage.acted)) {
      if (signal.aborted) {
        yield { kind: "ended", reason: "interrupted" };
        return;
      }
      yield message;
    }
  },
}));
beforeEach(() => {
  stage.acted = {};
  stage.tasks.length = 0;
  stage.patience.length = 0;
});

const folder = scratchFolder();
const place = { root: "/nowhere", module: null };

function planOf(count: number, change: Partial<BlocksPlan> = {}): BlocksPlan {
  const cells = Array.from({ length: count }, (_, at) => smallCell({ case: `cell-${at}` }));
  const { plan } = blockFile({ cells: 1 }).gate;
  const rule = { ...GATE_RULE, stage1Blocks: 3, stage2Blocks: 4 };
  return { ...plan, seed: 5, rule, cells, ...change };
}

/** A context in which nothing takes time, and stage 2 takes the first cell, if any is left. */
function contextOf(change: Partial<GateContext> = {}): GateContext {
  return {
    places: { base: place, head: place, twin: place },
    simd: "auto",
    already: [],
    chooseStage2: (_, cells) => ({ cells: cells.slice(0, 1), blocks: 4 }),
    checked: () => {},
    now: () => 0,
    signal: new AbortController().signal,
    observe: () => {},
    ...change,
  };
}

const linesOf = (plan: BlocksPlan, context = contextOf()) => Array.fromAsync(runGate(plan, context));

/** The lines up to what is thrown, and that. */
async function until(plan: BlocksPlan, context = contextOf()) {
  const lines: InnerLine[] = [];
  try {
    for await (const line of runGate(plan, context)) lines.push(line);
  } catch (thrown) {
    return { lines, thrown };
  }
  return { lines, thrown: null };
}

/** Lines in short. */
const told = (lines: readonly InnerLine[]) =>
  lines.map((line) => {
    if (line.type === "checked") return `checked ${line.cell}`;
    if (line.type === "stage") return `stage ${line.run} ${line.stage}: ${line.cells.length}`;
    const at = `${line.run} ${line.stage} ${line.block}`;
    return line.type === "block"
      ? `block ${at}: ${line.entries.length}`
      : `lost ${at}: ${line.cell} ${line.side}`;
  });

/** What a gate wrote must be read again by whoever judges it. */
function expectReadable(plan: BlocksPlan, lines: readonly InnerLine[]): void {
  const gate = { ...blockFile({ cells: 1 }).gate, plan };
  expect(readBlocks(folder.write("gate.jsonl", fileOf([gate, ...lines]))).lines).toEqual(lines);
}

const isBlock = (task: BlockTask | CheckTask): task is BlockTask => task.kind === "block";
const lost = { kind: "ended", reason: "its process ended, code 7" } as const;

describe("a gate", () => {
  test("checks, goes through both stages, and writes what reads back", async () => {
    const plan = planOf(12);
    const lines = await linesOf(plan);
    expect(told(lines)).toEqual([
      ...plan.cells.map((one) => `checked ${one.case}`),
      "stage 0 1: 12",
      // Twelve cells, two nulls and the fixed kernel.
      ...[0, 1, 2].map((block) => `block 0 1 ${block}: 15`),
      "stage 0 2: 1",
      ...[0, 1, 2, 3].map((block) => `block 0 2 ${block}: 3`),
    ]);
    expectReadable(plan, lines);
  });

  test("goes on from any of its lines, and ends with the same", async () => {
    stage.acted = {
      ratio: ({ cell }) => (cell?.case === "cell-1" ? 1.2 : 1),
      // A lost block and a wrong cell on the way.
      instead: (task) => {
        if (!isBlock(task) || task.seed !== lostSeed) return null;
        return [{ kind: "begin", cell: "cell-2", side: "head" }, lost];
      },
    };
    const plan = planOf(3, { runs: 2, inject: 0.1 });
    let lostSeed = -1;
    await linesOf(plan);
    lostSeed = stage.tasks.filter(isBlock)[1].seed;
    const whole = await linesOf(plan);
    expect(whole.filter(({ type }) => type === "lost")).toHaveLength(1);
    for (let at = 0; at <= whole.length; at++) {
      const rest = await linesOf(plan, contextOf({ already: whole.slice(0, at) }));
      expect(rest).toEqual(whole.slice(at));
    }
    expectReadable(plan, whole);
  });

  test("asks again for no cell that was checked, and starts no process once all is there", async () => {
    const plan = planOf(3);
    const whole = await linesOf(plan);
    stage.tasks.length = 0;
    await linesOf(plan, contextOf({ already: whole.slice(0, 2) }));
    expect(stage.tasks[0]).toMatchObject({ kind: "check", cells: [{ case: "cell-2" }] });
    stage.tasks.length = 0;
    expect(await linesOf(plan, contextOf({ already: whole }))).toEqual([]);
    expect(stage.tasks).toEqual([]);
  });

  test("measures only cells that both sides have right, and nothing where none is", async () => {
    stage.acted = {
      facts: (cell, side) =>
        cell === "cell-0" && side === "head" ? { outcome: "wrong", reason: "off" } : {},
    };
    const lines = await linesOf(planOf(3));
    expect(lines.find(({ type }) => type === "stage")).toMatchObject({ cells: ["cell-1", "cell-2"] });
    stage.acted = { facts: () => ({ outcome: "missing", reason: "gone" }) };
    expect(told(await linesOf(planOf(2)))).toEqual(["checked cell-0", "checked cell-1"]);
  });

  test("may be refused once it is checked, and then has measured nothing", async () => {
    const refuse = () => {
      throw new FailureError("too much");
    };
    const { lines, thrown } = await until(planOf(2), contextOf({ checked: refuse }));
    expect(told(lines)).toEqual(["checked cell-0", "checked cell-1"]);
    expect(thrown).toMatchObject({ message: "too much" });
    expect(stage.tasks.filter(isBlock)).toEqual([]);
  });

  test("measures no block of stage 2 where nothing is sent on", async () => {
    const none = contextOf({ chooseStage2: () => ({ cells: [], blocks: 4 }) });
    expect(told(await linesOf(planOf(1), none)).slice(-2)).toEqual(["block 0 1 2: 3", "stage 0 2: 0"]);
  });

  test("prolongs one cell of each run, in both stages, and never base against itself", async () => {
    const plan = planOf(4, { runs: 3, inject: 0.05 });
    const all = (_: unknown, cells: readonly string[]) => ({ cells, blocks: 2 });
    const lines = await linesOf(plan, contextOf({ chooseStage2: all }));
    const stages = lines.filter((line) => line.type === "stage");
    expect(stages).toHaveLength(6);
    const blocks = stage.tasks.filter(isBlock);
    const padded = blocks.map(({ entries }) => entries.filter(({ pad }) => pad !== 0));
    for (const one of padded) expect(one).toMatchObject([{ against: "head", pad: 0.05 }]);
    for (const run of [0, 1, 2]) {
      const [first, second] = stages.filter((line) => line.run === run);
      expect(second.injected).toBe(first.injected);
      expect(padded[run * 5][0].cell?.case).toBe(first.injected);
    }
  });

  test("draws each block anew, and is patient for as long as its longest call needs", async () => {
    stage.acted = { facts: (cell) => ({ call_s: cell === "cell-1" ? 0.5 : 1e-3 }) };
    await linesOf(planOf(3));
    const blocks = stage.tasks.filter(isBlock);
    expect(new Set(blocks.map(({ seed }) => seed)).size).toBe(blocks.length);
    expect(stage.patience.slice(1, 4)).toEqual([160, 160, 160]);
    expect(stage.patience.at(-1)).toBe(60.2);
  });

  test("tells where it stands", async () => {
    const seen: GateProgress[] = [];
    await linesOf(planOf(1), contextOf({ observe: (progress) => seen.push(progress) }));
    expect(seen[0]).toEqual({ phase: "check", run: 0, done: 0, total: 1, cell: "cell-0" });
    const phases = [...new Set(seen.map(({ phase, done, total }) => `${phase} ${done}/${total}`))];
    const first = [0, 1, 2].map((done) => `stage 1 ${done}/3`);
    expect(phases).toEqual(["check 0/1", ...first, ...[0, 1, 2, 3].map((done) => `stage 2 ${done}/4`)]);
  });
});

describe("a check", () => {
  test.each([
    [
      "while it is loaded",
      [{ kind: "begin", cell: null, side: "head" }, lost],
      /head cannot be loaded, its process/,
    ],
    [
      "before it says anything",
      [lost],
      /a side cannot be loaded, its process ended, code 7; fix that, or exclude/,
    ],
    [
      "for code that breaks",
      [{ kind: "lost", side: "base", reason: "on purpose" }],
      /cannot be loaded, on purpose/,
    ],
  ] as const)("that loses its process %s is an error", async (_, messages, says) => {
    stage.acted = { instead: () => messages };
    const { lines, thrown } = await until(planOf(2));
    expect(lines).toEqual([]);
    expect(thrown).toBeInstanceOf(FailureError);
    expect(thrown).toMatchObject({ message: expect.stringMatching(says) });
  });

  test("that loses its process in a cell finds that side wrong there, and goes on with the others", async () => {
    const found = { outcome: "right", reason: null, ...NO_FACTS, pairs: 7 } as const;
    stage.acted = {
      instead: (task, count) => {
        if (isBlock(task) || count > 0) return null;
        const begun = (side: "base" | "head") => ({ kind: "begin", cell: "cell-0", side }) as const;
        return [begun("base"), { kind: "facts", side: "base", facts: found }, begun("head"), lost];
      },
    };
    const lines = await linesOf(planOf(3));
    expect(lines[0]).toMatchObject({
      type: "checked",
      cell: "cell-0",
      base: { outcome: "right", pairs: 7 },
      head: { outcome: "wrong", reason: "its process ended, code 7" },
    });
    expect(lines.filter(({ type }) => type === "checked")).toHaveLength(3);
    const [stageLine] = lines.filter((line) => line.type === "stage");
    expect(stageLine.cells).toEqual(["cell-1", "cell-2"]);
  });
});

describe("blocks that are lost", () => {
  const loseAt = (places: readonly number[]) => (task: BlockTask | CheckTask, count: number) =>
    isBlock(task) && places.includes(count)
      ? ([{ kind: "begin", cell: "cell-0", side: "head" }, lost] as const)
      : null;

  test("are told with cell and side, and measured again with other draws", async () => {
    stage.acted = { instead: loseAt([2, 3, 5, 6]) };
    const plan = planOf(1);
    const lines = await linesOf(plan);
    expect(told(lines)).toEqual([
      "checked cell-0",
      "stage 0 1: 1",
      "block 0 1 0: 3",
      ...["lost 0 1 1: cell-0 head", "lost 0 1 2: cell-0 head"],
      "block 0 1 3: 3",
      ...["lost 0 1 4: cell-0 head", "lost 0 1 5: cell-0 head"],
      "block 0 1 6: 3",
      "stage 0 2: 1",
      ...[0, 1, 2, 3].map((block) => `block 0 2 ${block}: 3`),
    ]);
    expect(new Set(stage.tasks.filter(isBlock).map(({ seed }) => seed)).size).toBe(11);
    expectReadable(plan, lines);
  });

  test("three times in a row end the gate with side and cell, and what was measured is kept", async () => {
    stage.acted = { instead: loseAt([2, 3, 4]) };
    const plan = planOf(1);
    const { lines, thrown } = await until(plan);
    expect(told(lines).slice(2)).toEqual([
      "block 0 1 0: 3",
      ...[1, 2, 3].map((at) => `lost 0 1 ${at}: cell-0 head`),
    ]);
    expect(thrown).toBeInstanceOf(FailureError);
    expect(thrown).toMatchObject({
      message: expect.stringMatching(
        /^gate: head was lost 3 times in a row, most recently in cell-0, its process ended, code 7; what was measured is kept/,
      ),
    });
    expectReadable(plan, lines);
    // Gone on with, it gets another chance.
    stage.acted = {};
    const rest = await linesOf(plan, contextOf({ already: lines }));
    expect(told(rest)[0]).toBe("block 0 1 4: 3");
    expectReadable(plan, [...lines, ...rest]);
  });

  test("before the first cell, or by nobody's fault that is known, are told so", async () => {
    stage.acted = { instead: (task) => (isBlock(task) ? [lost] : null) };
    expect((await until(planOf(1))).thrown).toMatchObject({
      message: expect.stringMatching(
        /^gate: a block was lost 3 times in a row, most recently before its first cell, /,
      ),
    });
  });
});

describe("a cell that turns wrong in a block", () => {
  const wrongIn = (side: "base" | "head", entry: (one: BlockTask["entries"][number]) => boolean) => {
    stage.acted = {
      instead: (task, count) => {
        if (!isBlock(task)) return null;
        return act(task, count, {}).map((message) => {
          if (message.kind !== "entry") return message;
          const { cell, against } = message.entry;
          const asked = task.entries.find((one) => one.cell?.case === cell && one.against === against);
          return asked !== undefined && entry(asked)
            ? { kind: "wrong", cell, side, reason: "verification: row 3" }
            : message;
        });
      },
    };
  };

  test("is written down with its side, and measured no more", async () => {
    wrongIn("head", ({ cell, against }) => cell?.case === "cell-1" && against === "head");
    const plan = planOf(3);
    const lines = await linesOf(plan);
    const isNull = lines.find((line) => line.type === "stage")?.nulls.includes("cell-1") === true;
    expect(told(lines).slice(4, 7)).toEqual([
      "lost 0 1 0: cell-1 head",
      "block 0 1 0: 4",
      `block 0 1 1: ${isNull ? 3 : 4}`,
    ]);
    for (const task of stage.tasks.filter(isBlock).slice(1)) {
      expect(task.entries.map(({ cell }) => cell?.case)).not.toContain("cell-1");
    }
    expect(lines.find((line) => line.type === "stage" && line.stage === 2)).toMatchObject({
      cells: ["cell-0"],
    });
    expectReadable(plan, lines);
  });

  test("on base's side, against head and against its twin, is written down once", async () => {
    wrongIn("base", ({ cell }) => cell !== null);
    const plan = planOf(1);
    const lines = await linesOf(plan);
    expect(told(lines)).toEqual([
      "checked cell-0",
      "stage 0 1: 1",
      "lost 0 1 0: cell-0 base",
      "block 0 1 0: 1",
      "stage 0 2: 0",
    ]);
    expectReadable(plan, lines);
  });
});

describe("blocks that were disturbed", () => {
  test("are made up for by further ones, of the cells that lack them alone", async () => {
    stage.acted = {
      disturbed: ({ cell, against }, { seed }) =>
        cell?.case === "cell-1" && against === "head" && voidSeeds.has(seed) ? [0, 1] : [],
    };
    const voidSeeds = new Set<number>();
    const plan = planOf(3, { rule: { ...GATE_RULE, stage1Blocks: 4, stage2Blocks: 2 } });
    const none = contextOf({ chooseStage2: () => ({ cells: [], blocks: 2 }) });
    expect((await linesOf(plan, none)).filter(({ type }) => type === "block")).toHaveLength(4);
    voidSeeds.add(stage.tasks.filter(isBlock)[1].seed);
    stage.tasks.length = 0;
    await linesOf(plan, none);
    const blocks = stage.tasks.filter(isBlock);
    expect(blocks).toHaveLength(5);
    expect(blocks[4].entries.map(({ cell }) => cell?.case ?? "yardstick").sort()).toEqual([
      "cell-1",
      "yardstick",
    ]);
  });

  test("all of them end the stage after three times as many", async () => {
    stage.acted = { disturbed: () => [0, 1, 2] };
    const lines = await linesOf(planOf(2));
    expect(told(lines.filter(({ type }) => type === "block"))).toHaveLength(3 * (5 + 2));
  });
});

describe("a gate ends early", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "at an interrupt after line %i, whole lines and nothing more",
    async (last) => {
      const plan = planOf(1);
      const whole = await linesOf(plan);
      const controller = new AbortController();
      const lines: InnerLine[] = [];
      for await (const line of runGate(plan, contextOf({ signal: controller.signal }))) {
        lines.push(line);
        if (lines.length === last) controller.abort();
      }
      // Its stage's line may follow, which costs nothing.
      expect(whole.slice(0, lines.length)).toEqual(lines);
      expect(lines.length).toBeLessThanOrEqual(last + 1);
      expect(lines.filter(({ type }) => type === "block")).toEqual(
        whole.slice(0, last).filter(({ type }) => type === "block"),
      );
      expect(lines.some(({ type }) => type === "lost")).toBe(false);
    },
  );

  test("at an interrupt within a block, which is neither kept nor called lost", async () => {
    const controller = new AbortController();
    let begun = 0;
    const observe = ({ phase }: GateProgress) => {
      if (phase === "stage 1" && ++begun === 4) controller.abort();
    };
    const lines = await linesOf(planOf(1), contextOf({ signal: controller.signal, observe }));
    expect(told(lines)).toEqual(["checked cell-0", "stage 0 1: 1", "block 0 1 0: 3"]);
  });

  test("where the budget has no room for another block like those before", async () => {
    // Every process takes a second.
    const now = () => stage.tasks.length;
    const lines = await linesOf(planOf(1, { budget_s: 3.5 }), contextOf({ now }));
    expect(told(lines).slice(2)).toEqual(["block 0 1 0: 3", "block 0 1 1: 3"]);
    // What earlier sessions took counts as well.
    expect(await linesOf(planOf(1, { budget_s: 3.5 }), contextOf({ already: lines }))).toEqual([]);
    const more = await linesOf(planOf(1, { budget_s: 4 }), contextOf({ already: lines }));
    expect(told(more)[0]).toEqual("block 0 1 2: 3");
  });

  test("and stage 2 is told how much of the budget is left", async () => {
    const asked: (number | null)[] = [];
    const chooseStage2: GateContext["chooseStage2"] = (_, __, left) => {
      asked.push(left);
      return { cells: [], blocks: 2 };
    };
    await linesOf(planOf(1, { budget_s: 100 }), contextOf({ chooseStage2 }));
    await linesOf(planOf(1), contextOf({ chooseStage2 }));
    expect(asked).toEqual([100, null]);
  });
});
