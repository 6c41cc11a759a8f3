import { describe, expect, it } from "vitest";
import { hashText, randomStream } from "../../src/core/random.ts";
import { findTask, TASKS } from "../../src/tasks/index.ts";
import type { BoundTask, Examples } from "../../src/tasks/task.ts";
import { chiSquare, chiSquare999 } from "../core/chi-square.ts";
import { examplesOf } from "./examples-of.ts";

const bound = TASKS.map((task) => task.bind({}));

describe.each(bound)("$id", (task) => {
  it("draws the same examples of the same stream, however many at a time", () => {
    const at = randomStream(3, 4);
    const parts = [task.draw(at, 2), task.draw(at, 3)];
    const whole = task.draw(randomStream(3, 4), 5);
    for (const array of ["tokens", "answers", "positions", "needs"] as const) {
      expect([...parts[0][array], ...parts[1][array]]).toEqual([...whole[array]]);
    }
    expect(task.draw(randomStream(3, 5), 5).tokens).not.toEqual(whole.tokens);
  });

  it("lays examples out as the interface says", () => {
    const count = 50;
    const examples = task.draw(randomStream(1), count);
    const { tokens, answers, positions, needs, needed } = examples;
    const { length, input, output, usual } = task;
    const each = answersEach(task);
    expect(examples.count).toBe(count);
    expect(answers.length).toBe(count * each);
    expect(positions.length).toBe(output.kind === "asked" ? count * each : 0);
    expect(needs.length).toBe(count * each * needed);
    if (input.kind === "symbols") {
      expect(tokens).toBeInstanceOf(Int32Array);
      expect(tokens.length).toBe(count * length);
      expectWithin(tokens, 0, input.symbols);
    } else {
      expect(tokens).toBeInstanceOf(Float32Array);
      expect(tokens.length).toBe(count * length * input.width);
      expect(tokens.every(Number.isFinite)).toBe(true);
    }
    expectWithin(answers, output.kind === "decided" ? -1 : 0, output.labels);
    expectWithin(positions, 0, length);
    expectWithin(needs, -1, length);
    expect(usual.width % usual.heads).toBe(0);
  });

  it("needs some token for each answer, none twice, and none after the one that asks if causal", () => {
    for (const { answers, positions, needs } of examplesOf(task, randomStream(2), 50)) {
      for (const [index, needed] of needs.entries()) {
        expect(needed.length > 0).toBe(answers[index] >= 0);
        expect(new Set(needed).size).toBe(needed.length);
        if (task.causal) expect(Math.max(...needed)).toBe(positions[index]);
      }
    }
  });

  it("has labels that are even, whatever answer it is and wherever it is asked", () => {
    if (task.output.kind === "decided") return;
    const by = {
      answer: new Map<number, Map<number, number>>(),
      position: new Map<number, Map<number, number>>(),
    };
    const all = new Map<number, number>();
    const drawn = task.input.kind === "vectors" ? 2000 : 4000;
    for (const { answers, positions } of examplesOf(task, randomStream(11), drawn)) {
      for (const [index, label] of answers.entries()) {
        add(all, label);
        add(into(by.answer, index), label);
        if (positions.length > 0) add(into(by.position, positions[index]), label);
      }
    }
    // As many labels come up as chance says there are.
    expect(1 / all.size).toBeCloseTo(task.chance, 12);
    const tables = [all, ...by.answer.values(), ...by.position.values()];
    const statistics = tables
      .map((table) => [...all.keys()].map((label) => table.get(label) ?? 0))
      .filter((counts) => counts.reduce((sum, one) => sum + one, 0) >= 5 * all.size)
      .map((counts) => chiSquare(counts) / chiSquare999(counts.length - 1));
    expect(statistics.length).toBeGreaterThan(task.output.kind === "asked" ? task.output.answers : 0);
    // Of so many tables one in a thousand may exceed the quantile; none is far beyond it.
    const beyond = statistics.filter((statistic) => statistic > 1);
    expect(beyond.length).toBeLessThanOrEqual(1);
    expect(Math.max(...statistics)).toBeLessThan(1.5);
  });
});

describe("the table of tasks", () => {
  it("draws what it drew when results were recorded: a changed task needs another name", () => {
    const drawn = bound
      .filter(({ input }) => input.kind === "symbols")
      .map((task) => {
        const { tokens, answers, positions } = task.draw(randomStream(0), 3);
        return `${task.id} ${hashText([...tokens, ...answers, ...positions].join())}`;
      });
    expect(drawn).toEqual([
      "mqar 1947440489",
      "selective-copy 3458626581",
      "window-recall 229647117",
      "listops 277747545",
      "sequence-copy 4272641059",
    ]);
  });

  it("has an id once, and sentences of what each is and is not", () => {
    expect(new Set(TASKS.map(({ id }) => id)).size).toBe(TASKS.length);
    for (const { id, summary, why, limits, source, measure, title } of TASKS) {
      expect(findTask(id).id).toBe(id);
      expect(id).toMatch(/^[a-z][a-z-]*$/);
      for (const sentence of [summary, why, limits]) expect(sentence).toMatch(/^[A-Z].*[.?]$/);
      for (const words of [source, measure, title]) expect(words).not.toBe("");
      expect(measure).not.toContain("quality");
    }
  });

  it("refuses an unknown name", () => {
    expect(() => findTask("mqa")).toThrow("unknown task 'mqa'; expected one of mqar, selective-copy, ");
  });
});

function answersEach({ output }: BoundTask): number {
  if (output.kind === "asked") return output.answers;
  return output.kind === "decided" ? output.most : 1;
}

function expectWithin(numbers: Examples["tokens"], least: number, end: number): void {
  expect(numbers.every((one) => one >= least && one < end)).toBe(true);
}

function into(tables: Map<number, Map<number, number>>, key: number): Map<number, number> {
  const found = tables.get(key) ?? new Map<number, number>();
  tables.set(key, found);
  return found;
}

function add(table: Map<number, number>, label: number): void {
  table.set(label, (table.get(label) ?? 0) + 1);
}
