import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MOST_PAGES, MOST_ROWS, MOST_SECTIONS } from "../src/library/collection/choose-pages.ts";
import { LEAST_BLOCKS } from "../src/stats/block-ratio.ts";
import { commandLine } from "./commands/command-line.ts";
import { scratchFolder } from "./input/scratch-folder.ts";
import { collectionOf, sampleShards } from "./record/collection/sample-collection.ts";

const guide = readFileSync(resolve(import.meta.dirname, "../docs/sweeps-report.md"), "utf8");
const commands = [...guide.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, body]) => body.trim().split("\n"));

const folder = scratchFolder();
const home = process.cwd();
beforeAll(() => process.chdir(folder.path));
afterAll(() => process.chdir(home));

test("every command of the guide does what it is told for", async () => {
  const settings = [32, 64].flatMap((headDim) => [true, false].map((causal) => ({ headDim, causal })));
  const shards = ["epyc", "arm"].flatMap((machine) => settings.map((one) => ({ ...one, machine })));
  folder.write("zoo.jsonl", collectionOf(sampleShards(shards)));
  expect(commands).toHaveLength(5);
  for (const command of commands) {
    const [program, ...words] = command.split(" ");
    expect(program).toBe("attnbench");
    // Pages are made elsewhere: a summary is quick.
    const format = words.includes("--format") ? [] : ["--format", "md"];
    const { code, stdout, stderr } = await commandLine([...words, ...format]);
    expect({ command, code, stdout, stderr }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^wrote /),
    });
  }
  expect(existsSync("reports/zoo/facets/epyc-causal-true-head-dim-64/summary.md")).toBe(true);
  expect(existsSync("reports/tables/overview.json")).toBe(true);
});

test("the guide tells the bounds that hold", () => {
  expect(guide).toContain(`up to ${MOST_SECTIONS} facets and ${MOST_ROWS} cases is one page`);
  expect(guide).toContain(`If they are ${MOST_PAGES} at most`);
  expect(LEAST_BLOCKS).toBe(6);
  expect(guide).toContain("with six shards or more its median and its interval are over shards");
});
