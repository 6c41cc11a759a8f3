import { describe, expect, test } from "vitest";
import { readLines } from "../../src/record/read.ts";
import type { ResultLine } from "../../src/record/schema/result-lines.ts";
import { commandLine } from "../commands/command-line.ts";
import { refusal } from "../input/refusal.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { fileOf, sampleLines } from "./sample-lines.ts";

const folder = scratchFolder();
const lines = sampleLines({ cases: 2, rounds: 6 });
const at = { run: 0, case: 1, round: 2 } as const;

type Path = readonly (string | number)[];

/** Where the numbers of a value stand; of a list the first alone. */
function numbersIn(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value === "number") return [path];
  if (typeof value !== "object" || value === null) return [];
  const entries = Array.isArray(value)
    ? value.slice(0, 1).map((one, key) => [key, one])
    : Object.entries(value);
  return entries.flatMap(([key, inner]) => numbersIn(inner, [...path, key]));
}

/** The lines with another value in one place. */
function having(line: number, path: Path, value: unknown): readonly ResultLine[] {
  // Not by structuredClone, which lets places share what they shared.
  const copy = JSON.parse(JSON.stringify(lines)) as ResultLine[];
  let inner: unknown = copy[line];
  for (const key of path.slice(0, -1)) inner = Reflect.get(inner as object, key);
  Reflect.set(inner as object, path[path.length - 1], value);
  return copy;
}

const places = Object.entries(at).flatMap(([kind, line]) =>
  numbersIn(lines[line]).map((path) => ({ name: `${kind} ${path.join(".")}`, line, path })),
);

/** Differences of readings: as small as they like. */
const differences = /at_s|load/;
const parameters = /params/;

describe("a number that nothing comes to is refused where it is read, in one line that names it", () => {
  test.each(places)("$name", ({ name, line, path }) => {
    const values = [1e300, "NaN", "1e3", true, ...(differences.test(name) ? [] : [5e-324, 1e-300])];
    for (const value of parameters.test(name)
      ? // A parameter may be true, or a word; not one that is a number, nor markup.
        [1e300, "NaN", "1e3", "<b>", [1]]
      : [...values, -1]) {
      const file = folder.write("absurd.jsonl", fileOf(having(line, path, value)));
      const message = refusal(() => readLines(file));
      expect(message).toMatch(new RegExp(`^results: \\S+ line ${line + 1}: [^\\n]+, got [^\\n]+; [^\\n]+$`));
      expect(message).toContain(`${path[path.length - 1]}`);
    }
  });

  test.each([0, 1e-13, 1e10, 5e-324, 1e308])(
    "a call that takes %d seconds, for every reader",
    async (seconds) => {
      const file = folder.write("call.jsonl", fileOf(having(at.round, ["samples", 1], seconds)));
      const rule = "samples.1: must be from 1e-12 to 1e9 seconds, as calls take";
      for (const words of [
        ["report", file],
        ["compare", file, file],
        ["run", "--resume", file],
      ]) {
        const { code, stdout, stderr } = await commandLine(words);
        expect({ code, stdout, lines: stderr.trim().split("\n").length }).toEqual({
          code: 1,
          stdout: "",
          lines: 1,
        });
        expect(stderr).toContain(rule);
      }
    },
  );
});

test("samples as far apart as they may be make a report, and can be compared", async () => {
  const far = structuredClone(lines).map((line) =>
    line.type === "round"
      ? { ...line, samples: line.round % 2 === 0 ? [1e-12, 1e9] : [1e9, 1e-12, 1] }
      : line,
  );
  const file = folder.write("far.jsonl", fileOf(far));
  const report = await commandLine(["report", file, "--out", `${folder.path}/far`, "--format", "md,csv"]);
  expect(report).toMatchObject({ code: 0 });
  const compared = await commandLine(["compare", file, file]);
  expect(compared).toMatchObject({ code: 0, stderr: "" });
});
