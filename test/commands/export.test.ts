import { type ChildProcess, execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { summarize } from "../../src/record/case-row.ts";
import { readLines } from "../../src/record/read.ts";
import { summaryColumns, TABLES } from "../../src/store/tables.ts";
import { fileLines } from "../compare/two-files.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { sampleShard } from "../record/collection/sample-shards.ts";
import { fileOf, sampleLines } from "../record/sample-lines.ts";
import { commandLine } from "./command-line.ts";
import { fakeIo } from "./fake-io.ts";
import { launch, launcher } from "./launched.ts";

const folder = scratchFolder();
const home = process.cwd();
beforeAll(() => process.chdir(folder.path));
afterAll(() => process.chdir(home));

const FORMATS = ["parquet", "sqlite", "csv"] as const;
const sample = fileOf(sampleLines({ cases: 3, rounds: 8 }));
folder.write("mine.jsonl", sample);

/** What is in the folder, drafts included. */
const there = () => readdirSync(folder.path).sort();

describe.each(FORMATS)("as %s", (format) => {
  test("what was exported is told in a line", async () => {
    expect(await commandLine(`export mine.jsonl --format ${format} --out told.${format}`)).toEqual({
      code: 0,
      stdout: `wrote told.${format}: 1 run, 3 cases, 24 rounds\n`,
      stderr: "",
    });
  });

  test("the same results give the same bytes", async () => {
    const [one, two] = [`one.${format}`, `two.${format}`];
    for (const out of [one, two]) await commandLine(`export mine.jsonl --format ${format} --out ${out}`);
    const bytes = (out: string) =>
      lstatSync(out).isDirectory()
        ? readdirSync(out).map((name) => [name, readFileSync(join(out, name), "latin1")])
        : readFileSync(out, "latin1");
    expect(bytes(one)).toEqual(bytes(two));
  });

  test("what exists is kept, unless it is an export that is to be replaced", async () => {
    const out = `kept.${format}`;
    const words = `export mine.jsonl --format ${format} --out ${out}`;
    expect((await commandLine(words)).code).toBe(0);
    const before = there();
    expect(await commandLine(words)).toMatchObject({
      code: 2,
      stderr: `attnbench: --out: ${out} already exists; name another, or replace it with --overwrite\n`,
    });
    expect(await commandLine(`${words} --overwrite`)).toMatchObject({ code: 0 });
    expect(there()).toEqual(before);
  });

  test("a full disk leaves nothing behind, and what was there before as it was", async () => {
    folder.write("large.jsonl", fileOf(fileLines({ rounds: 200 })));
    const out = `full.${format}`;
    expect((await commandLine(`export mine.jsonl --format ${format} --out ${out}`)).code).toBe(0);
    const before = there();
    // Writing past the limit fails as it does on a full disk.
    const limited = ["-c", `ulimit -f 9; trap '' XFSZ; exec "$@"`, "bash", process.execPath, launcher];
    const words = ["export", "large.jsonl", "--format", format, "--overwrite", "--out", out];
    const { status, stderr } = spawnSync("bash", [...limited, ...words], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(
        new RegExp(`^attnbench: ${out}: cannot be written, (it is|the system).* \\(ulimit -f\\)\\??\n$`),
      ),
    });
    expect(there()).toEqual(before);
    expect((await commandLine(`export mine.jsonl --format ${format} --out ${out} --overwrite`)).code).toBe(0);
  });

  test("an interrupt leaves nothing behind", async () => {
    const io = fakeIo();
    io.interrupt();
    const before = there();
    expect(await commandLine(`export mine.jsonl --format ${format} --out never.${format}`, io)).toMatchObject(
      {
        code: 1,
        stderr: `attnbench: never.${format}: interrupted; nothing was written\n`,
      },
    );
    expect(there()).toEqual(before);
  });
});

test("a signal in the midst of it leaves nothing behind", async () => {
  const ofShards = (count: number) =>
    Array.from({ length: count }, (_, index) => fileOf(sampleShard(index, { cases: 5, rounds: 30 }))).join(
      "",
    );
  folder.write("sweep.jsonl", "");
  const before = there();
  const ends = async (count: number) => {
    folder.write("sweep.jsonl", ofShards(count));
    const words = "export sweep.jsonl --format parquet --out swept --overwrite".split(" ");
    const { child, ended } = launch(words, folder.path);
    while (!there().some((name) => name.endsWith(".draft")) && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    child.kill("SIGTERM");
    return await ended;
  };
  let outcome = await ends(300);
  // On a busy machine the signal may come too late.
  for (let count = 600; outcome.code === 0; count *= 2) {
    rmSync(join(folder.path, "swept"), { recursive: true });
    outcome = await ends(count);
  }
  expect(outcome).toEqual({
    code: 1,
    signal: null,
    stdout: "",
    stderr: "attnbench: swept: interrupted; nothing was written\n",
  });
  expect(there()).toEqual(before);
});

describe.runIf(process.platform !== "win32")("a pipe", () => {
  /** A pipe that has no writer yet. */
  const pipe = (name: string): string => {
    execFileSync("sh", ["-c", 'mkfifo "$1"', "sh", name]);
    return name;
  };
  /** Whether the command waits for the pipe: it has begun to write. */
  const waits = async (child: ChildProcess) => {
    while (!there().some((name) => name.endsWith(".draft")) && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };

  test.each(["SIGINT", "SIGTERM"] as const)("without a writer is waited for until %s", async (signal) => {
    const before = there();
    const words = ["export", pipe("silent"), "--format", "csv", "--out", "piped"];
    const { child, ended } = launch(words, folder.path);
    await waits(child);
    child.kill(signal);
    expect(await ended).toEqual({
      code: 1,
      signal: null,
      stdout: "",
      stderr: "attnbench: piped: interrupted; nothing was written\n",
    });
    rmSync("silent");
    expect(there()).toEqual(before);
  });

  test("of which nothing comes, through standard input, is no reason to go on", async () => {
    const { child, ended } = launch("export - --format csv --out piped".split(" "), folder.path);
    await waits(child);
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({
      code: 1,
      stderr: "attnbench: piped: interrupted; nothing was written\n",
    });
  });

  test.each([
    ["all of it", sample, { code: 0, stderr: "" }],
    ["packed", gzipSync(sample), { code: 0, stderr: "" }],
    ["nothing", "", { code: 1, stderr: expect.stringMatching(/^attnbench: results: late must /) }],
  ])("whose writer comes late is read to its end: %s", async (_, content, expected) => {
    const words = ["export", pipe("late"), "--format", "csv", "--out", "late-out", "--overwrite"];
    const { child, ended } = launch(words, folder.path);
    await waits(child);
    writeFileSync("late", content);
    expect(await ended).toMatchObject(expected);
    rmSync("late");
  });
});

describe("what is no export is never replaced", () => {
  test.each([
    [
      "a results file",
      "mine.jsonl",
      "sqlite",
      /--out: mine\.jsonl must be what attnbench export wrote to be replaced/,
    ],
    [
      "a folder of something else",
      "own",
      "parquet",
      /--out: own must hold nothing but an export to be replaced, got a\.txt/,
    ],
    [
      "a folder by a file",
      "own",
      "sqlite",
      /--out: own must be a file to be replaced by sqlite, got a folder/,
    ],
    [
      "a file by a folder",
      "mine.jsonl",
      "csv",
      /--out: mine\.jsonl must be a folder to be replaced by csv, got a file/,
    ],
    [
      "another's database",
      "other.sqlite",
      "sqlite",
      /--out: other\.sqlite must be what attnbench export wrote/,
    ],
  ])("%s", async (_, out, format, refused) => {
    mkdirSync("own", { recursive: true });
    folder.write("own/a.txt", "mine");
    folder.write("other.sqlite", "");
    new DatabaseSync("other.sqlite").exec("CREATE TABLE IF NOT EXISTS own (a); PRAGMA user_version = 1");
    const { code, stderr } = await commandLine(
      `export mine.jsonl --format ${format} --out ${out} --overwrite`,
    );
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(refused) });
    expect(readFileSync("mine.jsonl", "utf8")).toBe(sample);
    expect(existsSync("own/a.txt")).toBe(true);
  });
});

test("through a link the file that it leads to is replaced, and the link stays", async () => {
  await commandLine("export mine.jsonl --format sqlite --out target.sqlite");
  symlinkSync("target.sqlite", "link.sqlite");
  expect((await commandLine("export mine.jsonl --format sqlite --out link.sqlite --overwrite")).code).toBe(0);
  expect(lstatSync("link.sqlite").isSymbolicLink()).toBe(true);
});

test.each([
  ["export", /export: must be given --format, --out|a results file must be named/],
  ["export mine.jsonl --format parquet", /export: must be given --out; see/],
  [
    "export mine.jsonl --format pdf --out a",
    /unknown format of an export 'pdf'; expected one of parquet, sqlite, csv/,
  ],
  ["export gone.jsonl --format csv --out a", /gone\.jsonl: no such file or folder/],
  [
    "export mine.jsonl --format csv --out gone/a",
    /gone\/a: cannot be written, its folder does not exist; create it first/,
  ],
  [
    "export mine.jsonl --format csv --out mine.jsonl/a",
    /mine\.jsonl\/a: cannot be written, its folder is a file/,
  ],
  ["export - - --format csv --out a", /export: standard input can be read only once/],
])("%s is refused, and nothing is left", async (words, refused) => {
  const before = there();
  const { code, stderr } = await commandLine(words);
  expect(code).toBeGreaterThan(0);
  expect(stderr).toMatch(refused);
  expect(there()).toEqual(before);
});

test("a text that Unicode does not allow is refused, with its place", async () => {
  const [run, one, ...others] = sampleLines();
  folder.write("odd.jsonl", fileOf([run, { ...one, title: "odd \ud800" }, ...others]));
  const { code, stderr } = await commandLine("export odd.jsonl --format sqlite --out odd.sqlite");
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(
      /export: table cases row 1 column title: must be a text that Unicode allows, got 'odd \\u\{d800\}'/,
    ),
  });
});

test("the times of cases are those of our own tables", async () => {
  await commandLine("export mine.jsonl --format sqlite --out summed.sqlite");
  const { run, lines } = readLines("mine.jsonl");
  const database = new DatabaseSync("summed.sqlite", { readOnly: true });
  const rows = database.prepare("SELECT * FROM cases ORDER BY case_id").all();
  expect(rows.length).toBe(3);
  for (const [index, row] of summarize("mine", run, lines).rows.entries()) {
    for (const { name, type } of summaryColumns) {
      const value = row[name] ?? null;
      expect(rows[index][name], name).toEqual(type === "json" ? JSON.stringify(value) : value);
    }
  }
  database.close();
});

test("views have a row for each sample and each case, as the tables say", async () => {
  await commandLine("export mine.jsonl --format sqlite --out viewed.sqlite");
  const database = new DatabaseSync("viewed.sqlite", { readOnly: true });
  const samples = database.prepare("SELECT round, sample, seconds FROM samples WHERE case_id = 1").all();
  const rounds = readLines("mine.jsonl").lines.flatMap((one) =>
    one.type === "round" && one.case === "case-1" ? [one] : [],
  );
  expect(samples.map(({ round, sample, seconds }) => [round, sample, seconds])).toEqual(
    rounds.flatMap(({ round, samples: times }) => times.map((seconds, sample) => [round, sample, seconds])),
  );
  const [summary] = database.prepare("SELECT variant, median_s, cpu, file FROM summary").all();
  expect(summary).toMatchObject({ variant: "local", cpu: "Example CPU", file: "mine.jsonl" });
  database.close();
});

test("a sheet defuses formulas, leaves unknown cells empty, and has a row for each sample", async () => {
  const [run, one, ...others] = sampleLines();
  folder.write("formula.jsonl", fileOf([run, { ...one, title: "=1+1" }, ...others]));
  await commandLine("export formula.jsonl --format csv --out sheets");
  expect(readdirSync("sheets").sort()).toEqual(["cases.csv", "rounds.csv", "runs.csv", "samples.csv"]);
  const cases = readFileSync("sheets/cases.csv", "utf8").split("\n");
  expect(cases[0]).toBe(TABLES.cases.columns.map(({ name }) => name).join(","));
  expect(cases[1]).toContain(",'=1+1,,1,gaussian,");
  expect(readFileSync("sheets/samples.csv", "utf8").split("\n").slice(0, 3)).toEqual([
    "run,case_id,round,sample,seconds",
    "0,0,0,0,0.000003",
    "0,0,0,1,0.000002",
  ]);
});

describe("a store in place of results files", () => {
  test.each(["parquet", "sqlite"])("as %s makes the same report, byte for byte", async (format) => {
    folder.write("other.jsonl", fileOf(fileLines({ seed: 3 })));
    const out = `report.${format}`;
    await commandLine(`export mine.jsonl other.jsonl --format ${format} --out ${out}`);
    expect((await commandLine("report mine.jsonl other.jsonl --out lines --format html,md,csv")).code).toBe(
      0,
    );
    const told = await commandLine(`report --from ${out} --out ${format}-report --format html,md,csv`);
    expect(told.code).toBe(0);
    const files = readdirSync("lines", { recursive: true, withFileTypes: true }).filter((one) =>
      one.isFile(),
    );
    expect(files.length).toBeGreaterThan(3);
    for (const { parentPath, name } of files) {
      const path = join(parentPath, name);
      const again = readFileSync(path.replace(/^lines/, `${format}-report`));
      expect(again.equals(readFileSync(path)), path).toBe(true);
    }
  });

  test("of a sweep's collection makes the same report", async () => {
    const shards = [0, 1, 2].map((index) =>
      sampleShard(index, { machine: index === 0 ? "epyc" : "xeon", rounds: 8 }),
    );
    folder.write("collection.jsonl", shards.map(fileOf).join(""));
    await commandLine("export collection.jsonl --format parquet --out collection");
    const told = async (from: string, out: string) => {
      expect((await commandLine(`report ${from} --out ${out} --format md,csv`)).code).toBe(0);
      return readdirSync(out).map((name) => [name, readFileSync(join(out, name), "utf8")]);
    };
    expect(await told("collection", "c1")).toEqual(await told("collection.jsonl", "c2"));
  });

  test("compares, and is exported again to what its results files are exported to", async () => {
    folder.write("base.jsonl", fileOf(fileLines({})));
    folder.write("slow.jsonl", fileOf(fileLines({ seed: 2, slow: () => 1.5 })));
    await commandLine("export base.jsonl slow.jsonl --format parquet --out both");
    const of = async (words: string) =>
      (await commandLine(`compare ${words} --json --fail-on slower`)).stdout;
    expect(await of("both")).toBe(await of("base.jsonl slow.jsonl"));
    expect((await commandLine("compare both --fail-on slower")).code).toBe(4);
    await commandLine("export both --format sqlite --out both.sqlite");
    await commandLine("export base.jsonl slow.jsonl --format sqlite --out straight.sqlite");
    expect(readFileSync("both.sqlite").equals(readFileSync("straight.sqlite"))).toBe(true);
  });

  test("is added to a history as its results files are", async () => {
    await commandLine("export mine.jsonl --format sqlite --out added.sqlite");
    const known = `--commit ${"a1".repeat(20)} --committed 2026-07-01T12:00:00Z`;
    for (const [file, history] of [
      ["mine.jsonl", "from-lines.jsonl"],
      ["added.sqlite", "from-store.jsonl"],
    ]) {
      expect((await commandLine(`history add ${file} --history ${history} ${known}`)).code).toBe(0);
    }
    expect(readFileSync("from-store.jsonl", "utf8")).toBe(readFileSync("from-lines.jsonl", "utf8"));
  });

  test("is known by what it holds, under any name", async () => {
    await commandLine("export mine.jsonl --format sqlite --out named.jsonl");
    await commandLine("export mine.jsonl --format parquet --out named.d");
    const told = async (words: string) => (await commandLine(words)).code;
    expect(await told("report named.jsonl --out r1 --format md")).toBe(0);
    expect(await told("report named.d/rounds.parquet --out r2 --format md")).toBe(0);
    expect(readFileSync("r1/summary.md", "utf8")).toBe(readFileSync("r2/summary.md", "utf8"));
  });

  test("that was cut off says so as its results file does", async () => {
    folder.write("cut.jsonl", sample.slice(0, -10));
    await commandLine("export cut.jsonl --format sqlite --out cut.sqlite");
    expect(await commandLine("report cut.sqlite --out r3 --format md")).toMatchObject({
      code: 0,
      stderr: "cut.jsonl: its last line was cut off and is ignored\n",
    });
  });

  test("as CSV, or a folder of something else, is refused with what to give", async () => {
    await commandLine("export mine.jsonl --format csv --out no-store");
    expect((await commandLine("report no-store")).stderr).toMatch(
      /no-store: is an export as CSV, .* export them as parquet or sqlite/,
    );
    expect((await commandLine("report .")).stderr).toMatch(
      /\.: must be a results file, or what attnbench export wrote, got a folder/,
    );
  });
});
