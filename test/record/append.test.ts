import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { continueLines, createLines } from "../../src/record/append.ts";
import { RESULTS } from "../../src/record/line-kind.ts";
import { readLines } from "../../src/record/read.ts";
import { refusal } from "../input/refusal.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { fileOf, sampleCase, sampleLines } from "./sample-lines.ts";

const folder = scratchFolder();
const first = sampleCase("case-0", 16);
const [run, , ...rest] = sampleLines({ cases: 1, rounds: 3 });

test("each line is in the file when append returns, and reads back", () => {
  const path = join(folder.path, "new.jsonl");
  const file = createLines(RESULTS, path, run);
  for (const [index, line] of [first, ...rest].entries()) {
    file.append(line);
    expect(readLines(path)).toMatchObject({ lines: [first, ...rest].slice(0, index + 1), truncated: false });
  }
  file.close();
});

test("a file that is there is never replaced", () => {
  const path = folder.write("mine.jsonl", "mine");
  expect(refusal(() => createLines(RESULTS, path, run))).toMatch(/already exists; continue it with --resume/);
  expect(readFileSync(path, "utf8")).toBe("mine");
});

test("a run that breaks the schema leaves no file", () => {
  const path = join(folder.path, "broken.jsonl");
  const broken = { ...run, plan: { ...run.plan, seed: -1 } };
  expect(refusal(() => createLines(RESULTS, path, broken))).toMatch(/plan.seed/);
  expect(existsSync(path)).toBe(false);
});

test("a file goes on after its last whole line, whatever follows that", () => {
  const whole = fileOf([run, first]);
  const path = folder.write("cut.jsonl", `${whole}{"type":"round","case":`);
  const file = continueLines(RESULTS, path, readLines(path).validBytes);
  file.append(rest[0]);
  file.close();
  expect(readFileSync(path, "utf8")).toBe(whole + fileOf([rest[0]]));
});

test("a last line that lacks its end alone is kept, and is given one", () => {
  for (const end of ["", "\r", "  "]) {
    const whole = fileOf([run, first]).trimEnd() + end;
    const path = folder.write("unended.jsonl", whole);
    continueLines(RESULTS, path, readLines(path).validBytes).close();
    expect(readFileSync(path, "utf8")).toBe(`${whole}\n`);
    const file = continueLines(RESULTS, path, readLines(path).validBytes);
    file.append(rest[0]);
    file.close();
    expect(readFileSync(path, "utf8")).toBe(`${whole}\n${fileOf([rest[0]])}`);
  }
});

test("a line that no reader would take is refused, and the file stays as it was", () => {
  const path = join(folder.path, "plugin.jsonl");
  const file = createLines(RESULTS, path, run);
  const lying = { ...first, workspace_bytes: -1 };
  expect(refusal(() => file.append(lying))).toMatch(/case-0: workspace_bytes: .*correct the plug-in/);
  expect(refusal(() => file.append({ ...first, bytes: Number.NaN }))).toMatch(/bytes/);
  file.append(first);
  file.close();
  expect(readLines(path).lines).toEqual([first]);
});

test("a file to which somebody else writes is left to them", () => {
  const path = join(folder.path, "shared.jsonl");
  const file = createLines(RESULTS, path, run);
  appendFileSync(path, fileOf([first]));
  expect(refusal(() => file.append(rest[0]))).toMatch(
    /was changed by someone else, such as a second --resume/,
  );
  file.close();
  expect(readLines(path).lines).toEqual([first]);
});

test("what cannot be opened is one clear line", () => {
  writeFileSync(join(folder.path, "file"), "");
  expect(refusal(() => createLines(RESULTS, join(folder.path, "missing/x.jsonl"), run))).toMatch(
    /create it first/,
  );
  expect(refusal(() => createLines(RESULTS, join(folder.path, "file/x.jsonl"), run))).toMatch(
    /its folder is a file/,
  );
  expect(refusal(() => continueLines(RESULTS, folder.path, 0))).toMatch(/it is a folder/);
});
