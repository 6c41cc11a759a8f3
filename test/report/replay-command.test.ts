import { expect, test } from "vitest";
import { replayCommand } from "../../src/report/replay-command.ts";
import { hostile } from "./hostile-results.ts";

test("plain names stand as they are", () => {
  expect(replayCommand("run-1")).toBe("attnbench run --replay run-1.jsonl");
  expect(replayCommand("run-1.jsonl")).toBe("attnbench run --replay run-1.jsonl");
});

test("what a shell would obey is quoted, and no file is taken for an option", () => {
  expect(replayCommand("my run")).toBe("attnbench run --replay 'my run.jsonl'");
  expect(replayCommand("$(reboot)")).toBe("attnbench run --replay '$(reboot).jsonl'");
  expect(replayCommand("--out")).toBe("attnbench run --replay ./--out.jsonl");
});

test("a hostile name is one line without control characters", () => {
  const command = replayCommand(hostile);
  expect(command).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}]/u);
  expect(command.length).toBeLessThan(1500);
});
