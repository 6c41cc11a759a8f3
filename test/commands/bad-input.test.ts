import { readdirSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scratchFolder } from "../input/scratch-folder.ts";
import { commandLine } from "./command-line.ts";
import { refusedWords } from "./refused-words.ts";

const folder = scratchFolder();
const before = process.cwd();
beforeAll(() => process.chdir(folder.path));
afterAll(() => process.chdir(before));

const rows = refusedWords.map(([words, code, says]) => ({
  words,
  code,
  says,
  title: typeof words === "string" ? words : words.map((word) => JSON.stringify(word)).join(" "),
}));

test.each(rows)("$title is refused in one line and leaves nothing", async ({ words, code, says }) => {
  const outcome = await commandLine(words);
  expect(outcome.stderr).toMatch(/^attnbench: \P{Cc}{10,500}\n$/u);
  expect(outcome.stderr.trim()).toMatch(says);
  expect(outcome).toMatchObject({ code, stdout: "" });
  expect(readdirSync(folder.path)).toEqual([]);
});

test("a hundred and more bad command lines are held to this", () => {
  expect(rows.length).toBeGreaterThan(260);
});
