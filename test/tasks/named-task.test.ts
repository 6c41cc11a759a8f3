import { describe, expect, it } from "vitest";
import { bindTask, nameTask, readTask, taskName, typedTask } from "../../src/tasks/named-task.ts";

describe("a named task", () => {
  it("is read from what is typed, and told again the same", () => {
    expect(readTask("mqar")).toEqual({ task: "mqar", values: {} });
    const named = readTask(" mqar:pairs=8:length=128");
    expect(named).toEqual({ task: "mqar", values: { length: 128, pairs: 8 } });
    expect(taskName(named)).toBe("mqar length=128 pairs=8");
    expect(typedTask(named)).toBe("mqar:length=128:pairs=8");
    expect(readTask(typedTask(named))).toEqual(named);
    expect(bindTask(named)).toMatchObject({ id: "mqar", length: 128, output: { answers: 8 } });
    expect(readTask("pixel-rows:noise=0.25").values).toEqual({ noise: 0.25 });
  });

  it("omits what is as usual, so that equal tasks have equal names", () => {
    expect(readTask("mqar:pairs=16:length=64")).toEqual(readTask("mqar"));
    expect(nameTask("mqar", { noise: 16, pairs: 4 })).toEqual({ task: "mqar", values: { pairs: 4 } });
  });

  it.each([
    ["mqa", "unknown task 'mqa'; expected one of mqar, "],
    ["mqar:", "mqar: a parameter must be name=value, as in mqar:length=64, got ''"],
    ["mqar:pairs", "mqar: a parameter must be name=value, as in mqar:length=64, got 'pairs'"],
    ["mqar:pair=8", "unknown parameter of mqar 'pair'; expected one of length, pairs, symbols, noise"],
    ["mqar:pairs=few", "mqar.pairs must be a number, got 'few'"],
    ["mqar:pairs=none", "mqar.pairs must be a number, got 'none'"],
    ["mqar:pairs=8:pairs=9", "mqar.pairs is set twice; omit one"],
    ["mqar:pairs=1.5", "mqar.pairs must be an integer from 1 to 1024 (pairs), got 1.5"],
    ["mqar:pairs=32", "mqar.length must be at least 4 times mqar.pairs (128), got 64"],
  ])("refuses %s", (text, message) => {
    expect(() => readTask(text)).toThrow(message);
  });
});
