import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { parquetReadObjects } from "hyparquet";
import { asyncBufferFromFile } from "hyparquet/src/node.js";
import { beforeAll, describe, expect, test } from "vitest";
import { exportResults } from "../../src/library/export.ts";
import { summarize } from "../../src/record/case-row.ts";
import { type ReadResults, readLines } from "../../src/record/read.ts";
import { compressors } from "../../src/store/read/unpack.ts";
import { pythonWith } from "../external/pythons.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { root } from "../readme-commands.ts";
import { runsOf } from "./stored.ts";

// What is exported is opened by those for whom it is, where they can be had.

const folder = scratchFolder();
const files = ["example-decode.jsonl", "example-learned.jsonl"].map((name) => join(root, "results", name));
const tables = join(folder.path, "tables");
const database = join(folder.path, "results.sqlite");
let read: readonly ReadResults[];

beforeAll(async () => {
  const { signal } = new AbortController();
  await exportResults({ files, format: "parquet", out: tables, overwrite: false }, signal);
  await exportResults({ files, format: "sqlite", out: database, overwrite: false }, signal);
  read = files.map((file) => readLines(file));
});

/** What a program in Python prints as JSON. */
function told(python: string, code: string): unknown {
  const { status, stdout, stderr } = spawnSync(python, ["-c", code], { cwd: folder.path, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout);
}

/** What every tool must find. */
const expected = () => {
  const lines = read.flatMap((one) => one.lines);
  const rounds = lines.flatMap((one) => (one.type === "round" ? [one] : []));
  return {
    cases: new Set(lines.flatMap((one) => (one.type === "case" ? [one.case] : []))).size,
    samples: rounds.map(({ samples }) => samples),
    trained: read.flatMap(({ learned }) => learned?.runs.map(({ accuracy }) => accuracy) ?? []),
  };
};

test("hyparquet finds every sample, to the last bit", async () => {
  const rows = async (table: string) => {
    const file = await asyncBufferFromFile(join(tables, `${table}.parquet`));
    return parquetReadObjects({ file, compressors });
  };
  expect((await rows("rounds")).map(({ samples }) => samples)).toEqual(expected().samples);
  expect((await rows("trained")).map(({ accuracy }) => accuracy)).toEqual(expected().trained);
  expect((await rows("cases")).length).toBe(expected().cases);
});

test("node:sqlite finds every sample, and nothing wrong with the database", () => {
  const opened = new DatabaseSync(database, { readOnly: true });
  const rows = opened.prepare("SELECT samples FROM rounds ORDER BY rowid").all();
  expect(rows.map(({ samples }) => JSON.parse(String(samples)))).toEqual(expected().samples);
  expect(opened.prepare("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
  expect(opened.prepare("SELECT count(*) AS many FROM samples").get()).toEqual({
    many: expected().samples.flat().length,
  });
  opened.close();
});

test("sqlite3 finds every sample, and nothing wrong with the database", ({ skip }) => {
  const ask = (sql: string) =>
    spawnSync("sqlite3", ["-json", database, sql], { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (ask("SELECT 1").status !== 0) skip("there is no sqlite3 here that knows -json");
  const rows = JSON.parse(ask("SELECT samples FROM rounds ORDER BY rowid").stdout) as { samples: string }[];
  expect(rows.map(({ samples }) => JSON.parse(samples))).toEqual(expected().samples);
  expect(ask("PRAGMA integrity_check").stdout).toContain("ok");
  const [{ cases }] = JSON.parse(ask("SELECT count(*) AS cases FROM summary").stdout) as { cases: number }[];
  expect(cases).toBe(expected().cases);
});

describe("pyarrow", () => {
  const python = pythonWith("pyarrow.parquet");

  test("finds every sample, to the last bit, and types", ({ skip }) => {
    if (python === null) return skip("no python3 here has pyarrow");
    const code = `
import json, pyarrow.parquet as pq
rounds = pq.read_table("tables/rounds.parquet")
print(json.dumps({
  "samples": rounds["samples"].to_pylist(),
  "types": {name: str(rounds.schema.field(name).type) for name in ["run", "samples", "at_s", "warnings"]},
  "causal": str(pq.read_schema("tables/cases.parquet").field("causal").type),
  "by": pq.read_metadata("tables/cases.parquet").created_by,
}))`;
    expect(told(python, code)).toEqual({
      samples: expected().samples,
      types: { run: "int64", samples: expect.stringContaining("double"), at_s: "double", warnings: "string" },
      causal: "bool",
      by: expect.stringMatching(/^attnbench version \d/),
    });
  });

  test("writes it again as what we read", async ({ skip }) => {
    if (python === null) return skip("no python3 here has pyarrow");
    mkdirSync(join(folder.path, "again"));
    const code = `
import json, os, pyarrow.parquet as pq
for name in os.listdir("tables"):
  pq.write_table(pq.read_table("tables/" + name), "again/" + name)
print(json.dumps(sorted(os.listdir("again"))))`;
    expect(told(python, code)).toEqual(readdirSync(tables).sort());
    expect(await runsOf(join(folder.path, "again"))).toEqual(await runsOf(tables));
  });
});

test("DuckDB finds every sample, to the last bit, and needs no quotes for any column", ({ skip }) => {
  const python = pythonWith("duckdb");
  if (python === null) return skip("no python3 here has duckdb");
  const code = `
import duckdb, json, os
for name in os.listdir("tables"):
  columns = [row[0] for row in duckdb.sql(f"DESCRIBE SELECT * FROM 'tables/{name}'").fetchall()]
  duckdb.sql(f"SELECT {', '.join(columns)} FROM 'tables/{name}'").fetchall()
rows = duckdb.sql("SELECT samples FROM 'tables/rounds.parquet' ORDER BY run, line").fetchall()
print(json.dumps([row[0] for row in rows]))`;
  expect(told(python, code)).toEqual(expected().samples);
});

/** The code of docs/store.md that is for a tool. */
function queryFor(tool: string): string {
  const guide = readFileSync(join(root, "docs/store.md"), "utf8");
  return new RegExp(`^\`\`\`\\w+ ${tool}\\n(.*?)^\`\`\`$`, "ms").exec(guide)?.[1] ?? "";
}

describe("the query of docs/store.md", () => {
  const example = join(root, "results/example.jsonl");
  const there = join(folder.path, "guide");
  beforeAll(async () => {
    mkdirSync(there);
    const { signal } = new AbortController();
    await exportResults(
      { files: [example], format: "parquet", out: join(there, "tables"), overwrite: false },
      signal,
    );
    const out = join(there, "results.sqlite");
    await exportResults({ files: [example, ...files], format: "sqlite", out, overwrite: false }, signal);
  });

  test("in SQL finds our own medians", () => {
    const opened = new DatabaseSync(join(there, "results.sqlite"), { readOnly: true });
    const rows = opened.prepare(queryFor("sqlite")).all();
    const [cases] = opened.prepare("SELECT count(*) AS many FROM cases WHERE rounds > 0").all();
    opened.close();
    expect(rows.length).toBe(cases.many);
    // Of two samples in the middle we take half of each, and SQL half of the sum.
    for (const { median_s, told_s } of rows) {
      expect(Math.abs(Number(median_s) / Number(told_s) - 1)).toBeLessThan(4 * Number.EPSILON);
    }
  });

  test("in SQL runs in sqlite3", ({ skip }) => {
    if (spawnSync("sqlite3", ["--version"]).status !== 0) skip("there is no sqlite3 here");
    const input = queryFor("sqlite");
    const { status, stdout, stderr } = spawnSync("sqlite3", ["results.sqlite"], {
      cwd: there,
      input,
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^bigbird\|wasm\|\d+\|\w+\|/);
  });

  test("in DuckDB finds our own speed-ups", ({ skip }) => {
    const python = pythonWith("duckdb");
    if (python === null) return skip("no python3 here has duckdb");
    writeFileSync(join(there, "query.sql"), queryFor("duckdb"));
    const code = `
import duckdb, json, os
os.chdir("guide")
print(json.dumps(duckdb.sql(open("query.sql").read()).fetchall()))`;
    const rows = told(python, code) as [string, number, number][];
    const { run, lines } = readLines(example);
    const ours = summarize("example", run, lines).rows.filter(({ median_s }) => median_s !== null);
    const full = new Map(ours.flatMap((row) => (row.variant === "full" ? [[row.length, row.median_s]] : [])));
    const others = ours.filter(({ variant }) => variant !== "full");
    expect(rows.length).toBe(others.length);
    for (const { variant, length, median_s } of others) {
      const [found] = rows.filter(([name, at]) => name === variant && at === length);
      expect(found[2]).toBeCloseTo((full.get(length) ?? 0) / (median_s ?? 1), 1);
    }
  });

  test("in pandas finds a median of 1 over the median", ({ skip }) => {
    const python = pythonWith("pandas", "pyarrow");
    if (python === null) return skip("no python3 here has pandas and pyarrow");
    const { status, stdout, stderr } = spawnSync(python, ["-c", queryFor("pandas")], {
      cwd: there,
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^full +1\.0 +1\.\d+$/m);
    expect(stdout.trim().split("\n").length).toBe(9);
  });
});

test("files of one store are told by their tables", () => {
  expect(
    readdirSync(tables)
      .map((name) => basename(name, ".parquet"))
      .sort(),
  ).toEqual(["cases", "rounds", "runs", "studies", "trained"]);
});
