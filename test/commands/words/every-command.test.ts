import { expect, test } from "vitest";
import { commandLine } from "../command-line.ts";
import { launch } from "../launched.ts";

/** The commands that a help lists, those of several words with all of them. */
async function listed(words = ""): Promise<readonly string[]> {
  const asked = [...words.split(" ").filter(Boolean), "--help"];
  const { stdout } = await launch(asked, import.meta.dirname).ended;
  const names = [...stdout.matchAll(/^ {2}attnbench ([a-z]+(?: [a-z]+)?)(?= |$)/gm)].map(([, name]) => name);
  const own = [...new Set(names)].filter((name) => name !== words);
  const within = await Promise.all(own.map((name) => (/^(sweep|history)$/.test(name) ? listed(name) : [])));
  return [...own.filter((name) => name !== "history"), ...within.flat()];
}

const commands = await listed();

test("there are commands of one word and of two", () => {
  expect(commands).toEqual(expect.arrayContaining(["run", "train", "sweep", "sweep work", "history add"]));
});

test.each(commands)("attnbench %s says which options it has where it is given another", async (command) => {
  const { code, stderr } = await commandLine(`${command} --no-such-thing`);
  const named = `attnbench: (unknown option of ${command} '--no-such-thing'; expected one of --.*|${command}: takes no argument '.*'; see attnbench ${command} --help|${command}: .* must be named; see .*)\n`;
  expect(stderr).toMatch(new RegExp(`^${named}$`));
  expect(code).toBe(2);
});

test.each(commands)("attnbench %s --help says what each of its arguments is", async (command) => {
  const { stdout } = await launch([...command.split(" "), "--help"], import.meta.dirname).ended;
  const [usage] = stdout.split("\n", 1);
  const named = [...usage.matchAll(/[<[]([a-z]+)(?:\.\.)?[>\]]/g)].map(([, name]) => name);
  for (const name of named) expect(stdout).toMatch(new RegExp(`^ {2}${name} {2,}[a-z]`, "m"));
});
