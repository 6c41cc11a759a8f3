import { readdirSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { scratchFolder } from "../input/scratch-folder.ts";
import { commandLine } from "./command-line.ts";
import { refusedWords } from "./refused-words.ts";

const folder = scratchFolder();
const before = process.cwd();
beforeAll(() => process.chdir(folder.path));
afterAll(() => process.chdir(before));
afterEach(() => vi.unstubAllEnvs());

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

test.each(["LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"])(
  "a shell that asks for German in %s is answered alike",
  async (name) => {
    const words = ["run --nope", "run extra", "show", "apply full", "nope", "", "run --help"];
    const answers = () => Promise.all(words.map((line) => commandLine(line)));
    for (const variable of ["LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"]) vi.stubEnv(variable, undefined);
    const usual = await answers();
    vi.stubEnv(name, name === "LANGUAGE" ? "de" : "de_DE.UTF-8");
    expect(await answers()).toEqual(usual);
  },
);
