import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { facetCommand } from "../../src/library/collection/facet-folders.ts";
import { readReportSource } from "../../src/library/collection/report-source.ts";
import { overviewPage } from "../../src/report/overview/files.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { collectionOf, type SampleShard, sampleShards } from "../record/collection/sample-collection.ts";
import { fileOf, sampleLines } from "../record/sample-lines.ts";
import { hostile, hostileTraces, unprintables } from "../report/hostile-results.ts";
import { partsOf } from "../report/page-parts.ts";
import { commandLine } from "./command-line.ts";

const folder = scratchFolder();
const home = process.cwd();
beforeAll(() => process.chdir(folder.path));
afterAll(() => process.chdir(home));

const read = (path: string) => readFileSync(path, "utf8");

/** Writes a collection of these shards. */
function collection(name: string, shards: readonly SampleShard[]): void {
  folder.write(name, collectionOf(sampleShards(shards)));
}

const classes: readonly SampleShard[] = [
  { machine: "epyc", environment: { cpu: "AMD EPYC" }, variants: ["local"] },
  { machine: "epyc", environment: { cpu: "AMD EPYC" }, variants: ["linear"] },
  { machine: "arm", environment: { cpu: "Neoverse" }, variants: ["local"] },
];
/** Seven settings: more than a page holds. */
const grid: readonly SampleShard[] = [1, 2, 3, 4, 5, 6, 7].map((headDim) => ({ headDim, machine: "epyc" }));

describe("a collection of one setting", () => {
  test("is one page with a section a class, which names its processor, and compares no times across machines", async () => {
    collection("zoo.jsonl", classes);
    const { code, stdout, stderr } = await commandLine("report zoo.jsonl --format html,md,csv,json");
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^wrote reports\/zoo\/index.html and \d+ files beside it\n$/),
      stderr: "3 shards, 2 facets; cases: 18 measured\n",
    });
    const page = read("reports/zoo/index.html");
    expect([...page.matchAll(/<h2 [^>]*>([^<]*)/g)].map(([, name]) => name)).toEqual([
      "arm: Neoverse",
      "epyc: AMD EPYC",
    ]);
    expect(page).toContain("<h1>Sweep sample</h1>");
    expect(page).toContain("One class of machines beside another");
    // Nothing is compared as base and head are.
    expect(page).not.toContain("-against");
    const summary = read("reports/zoo/summary.md");
    expect(summary).toContain("## epyc: AMD EPYC");
    expect(summary).toContain("A speed-up is within a shard, on one machine.");
  });

  test("says which shards its numbers are of, how they are measured again, and what its intervals are of", () => {
    const page = read("reports/zoo/index.html");
    expect(page).toContain("<code>attnbench sweep sweeps/sample/plan.yaml --out sweeps/sample-again</code>");
    expect(page).toContain("<dt>sweep</dt><dd>sample</dd>");
    expect(page).toContain("<dt>class of machines</dt><dd>epyc</dd>");
    expect(page).toContain("2 in 1 repeat: 0000000000000000, 0000000000000001");
    expect(page).toMatch(
      /<dt>intervals within shards<\/dt><dd>of 9 cases: .*6 repeats give intervals over shards/,
    );
  });

  test("writes its overview as tables and as JSON too", () => {
    expect(read("reports/zoo/overview.csv")).toMatch(
      /^machine,place,mode,variant,kernel,length,settings,median_s/,
    );
    expect(read("reports/zoo/facets.csv")).toContain("machine=epyc,epyc,1,");
    const { facets } = JSON.parse(read("reports/zoo/overview.json"));
    expect(facets.map(({ name }: { name: string }) => name)).toEqual(["machine=arm", "machine=epyc"]);
  });
});

describe("a collection of more than a page holds", () => {
  test("is an overview without a script, with a page a facet", async () => {
    collection("grid.jsonl", grid);
    const { code, stdout } = await commandLine("report grid.jsonl");
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "wrote reports/grid/index.html and 4 files beside it\n",
    });
    const { scripts, policy, markup } = partsOf(read("reports/grid/index.html"));
    expect(scripts).toEqual([]);
    expect(policy).toContain("script-src 'none'");
    for (const [, page] of markup.matchAll(/<a href="(facets\/[^"]+)"/g)) {
      expect(read(`reports/grid/${page}`)).toContain("epyc: Example CPU, head dim");
    }
    expect(readdirSync("reports/grid/facets")).toHaveLength(7);
  });

  test("tells for each facet the command that writes its report, which does", async () => {
    const [, ...records] = read("reports/grid/facets.csv").trim().split("\n");
    const command = /"(attnbench report .*)"$/.exec(records[2])?.[1] ?? "";
    expect(command).toBe("attnbench report grid.jsonl --facet machine=epyc,head-dim=3");
    const { stdout } = await commandLine(`${command.replace("attnbench ", "")} --format md`);
    expect(stdout).toBe("wrote reports/grid/facets/epyc-head-dim-3/summary.md\n");
    expect(read("reports/grid/facets/epyc-head-dim-3/summary.md")).toContain(
      "## epyc: Example CPU, head dim 3",
    );
  });

  test("gives several facets one page, and a part of a facet too", async () => {
    const { stdout } = await commandLine(
      "report grid.jsonl --facet head-dim=1,head-dim=2 --out two --format md",
    );
    expect(stdout).toBe("wrote two/summary.md\n");
    expect([...read("two/summary.md").matchAll(/^## /gm)]).toHaveLength(2);
    await commandLine("report grid.jsonl --facet head-dim=1,length=64 --out part --format md");
    expect(read("part/summary.md")).toContain("2 cases: 2 variants at 1 length");
  });

  test("replaces what an earlier report left there", async () => {
    collection("grown.jsonl", classes);
    await commandLine("report grown.jsonl --out grown --format svg,md");
    expect(existsSync("grown/time-1.svg")).toBe(true);
    collection("grown.jsonl", grid);
    await commandLine("report grown.jsonl --out grown --format md");
    expect(existsSync("grown/time-1.svg")).toBe(false);
    expect(read("grown/summary.md")).toContain("7 settings of head-dim");
  });
});

test("machines of one class that are not alike stand apart, with a warning", async () => {
  collection("mixed.jsonl", [{}, {}, { environment: { cpu: "Other CPU" } }]);
  const { stderr } = await commandLine("report mixed.jsonl --format md");
  expect(stderr).toContain(
    "warning: class here: 1 shard was measured in another place than most (cpu), and is reported apart as here (2): Other CPU\n",
  );
  expect(read("reports/mixed/summary.md")).toContain("## here (2): Other CPU");
});

test("one shard alone, a packed collection and one that was cut off are collections", async () => {
  collection("alone.jsonl", [{}]);
  expect((await commandLine("report alone.jsonl --format md")).code).toBe(0);
  expect(read("reports/alone/summary.md")).toContain("## here: Example CPU");
  folder.write("cut.jsonl", collectionOf(sampleShards(classes)).slice(0, -10));
  expect((await commandLine("report cut.jsonl --format md")).stderr).toContain(
    "cut.jsonl: its last line was cut off and is ignored\n",
  );
});

test("what cannot be asked of a collection, or of a run, is one line", async () => {
  folder.write("run.jsonl", fileOf(sampleLines({ cases: 1 })));
  for (const [words, code, message] of [
    ["report zoo.jsonl run.jsonl", 2, /a collection must be reported by itself, got zoo.jsonl among 2 files/],
    ["report run.jsonl zoo.jsonl", 2, /a collection must be reported by itself, got zoo.jsonl among 2 files/],
    [
      "report run.jsonl --facet machine=a",
      2,
      /--facet: must be of a collection of a sweep, got results of one run/,
    ],
    ["report run.jsonl --format json", 2, /--format: must be one of results files, got json/],
    [
      "report zoo.jsonl --facet machine=x86",
      2,
      /unknown machine of the collection 'x86'; expected one of arm, epyc/,
    ],
    [
      "report grid.jsonl --facet machine=epyc",
      2,
      /--facet: must be of at most 6 facets, got 7; add conditions/,
    ],
    ["report zoo.jsonl --facet variant=none,length=3", 2, /--facet: must leave a case to report, got none/],
  ] as const) {
    const outcome = await commandLine(words);
    expect(outcome).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(message) });
    expect(outcome.stderr).toMatch(/^attnbench: \P{Cc}+\n$/u);
  }
});

test("hostile strings of a collection reach neither the terminal nor any file as they are", async () => {
  const evil = JSON.stringify(hostile).slice(1, -1);
  const poisoned = collectionOf(
    sampleShards([
      ...grid,
      { headDim: 8, machine: "arm", alter: (line) => ({ ...line, outcome: "failed", reason: "R" }) },
    ]),
  )
    .replaceAll('"variant":"local"', () => `"variant":"${evil}"`)
    .replaceAll('"kernel":"js"', () => `"kernel":"${evil}"`)
    .replaceAll('"input":"gaussian"', () => `"input":"${evil}"`)
    .replaceAll('"reason":"R"', () => `"reason":"${evil}"`)
    .replaceAll('"started":"2026', () => `"started":"${evil}2026`)
    .replaceAll('"cpu":"Example CPU"', () => `"cpu":"${evil}"`)
    .replaceAll('"os":"Linux"', () => `"os":"${evil}"`)
    .replaceAll('"attnbench":"0.1.0"', () => `"attnbench":"${evil}"`);
  folder.write("evil.jsonl", poisoned);
  const { code, stdout, stderr } = await commandLine("report evil.jsonl --out evil --format md,csv,json");
  expect({ code, told: (stdout + stderr).match(/[^\P{Cc}\n]/gu) }).toEqual({ code: 0, told: null });
  const summary = read("evil/summary.md");
  expect(hostileTraces(summary)).toEqual([]);
  expect(unprintables(summary)).toEqual([]);
  for (const name of readdirSync("evil/facets")) expect(name).toMatch(/^[a-z0-9][a-z0-9._-]*$/);
  const { collection: found } = await readReportSource("evil.jsonl");
  if (found === null) throw new TypeError("a collection must be read as one");
  const access = found.overview.facets.map((facet) => {
    return { page: null, command: facetCommand("evil.jsonl", facet, hostile) };
  });
  const page = await overviewPage(found.overview, access, undefined, hostile);
  expect(partsOf(page).scripts).toEqual([]);
  expect(hostileTraces(partsOf(page).markup)).toEqual([]);
  expect(unprintables(page)).toEqual([]);
});
