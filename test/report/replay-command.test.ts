import { expect, test } from "vitest";
import { replayCommand } from "../../src/report/replay-command.ts";
import { hostile } from "./hostile-results.ts";

test("a file keeps its own name, whatever its ending, dots or brackets", () => {
  expect(replayCommand("run-1.jsonl")).toBe("attnbench run --replay run-1.jsonl");
  expect(replayCommand("run-1.jsonl.gz")).toBe("attnbench run --replay run-1.jsonl.gz");
  expect(replayCommand(".hidden.v1.2.jsonl")).toBe("attnbench run --replay .hidden.v1.2.jsonl");
  expect(replayCommand("a[1] (2).jsonl")).toBe("attnbench run --replay 'a[1] (2).jsonl'");
});

test("plug-ins are named again", () => {
  expect(replayCommand("x.jsonl", ["./sink.ts", "my plug-in.mjs", "-a.mjs"])).toBe(
    "attnbench run --plugin ./sink.ts --plugin 'my plug-in.mjs' --plugin ./-a.mjs --replay x.jsonl",
  );
});

test("what a shell would obey is quoted, and no file is taken for an option", () => {
  expect(replayCommand("$(reboot).jsonl")).toBe("attnbench run --replay '$(reboot).jsonl'");
  expect(replayCommand("--out.jsonl")).toBe("attnbench run --replay ./--out.jsonl");
});

test("a hostile name is one line without control characters", () => {
  const command = replayCommand(hostile);
  expect(command).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}]/u);
  expect(command.length).toBeLessThan(1500);
});
