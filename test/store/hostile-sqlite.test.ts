import { readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, describe, expect, test } from "vitest";
import { refusalOf } from "../input/refusal.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { runsOf, sampleStore } from "./stored.ts";

const folder = scratchFolder();
let whole: Buffer;
beforeAll(async () => {
  whole = readFileSync(await sampleStore(folder, "sqlite", "sample.sqlite"));
});

let made = 0;
/** A copy of the store, as a stranger changed it. */
function changed(...sql: readonly string[]): string {
  const path = folder.write(`changed-${made++}.sqlite`, whole);
  const database = new DatabaseSync(path, { defensive: false });
  for (const one of ["DROP VIEW samples", "DROP VIEW summary", ...sql]) database.exec(one);
  database.close();
  return path;
}

/** Replaces a table by one with the same rows that demands nothing of them. */
const loosened = (table: string) =>
  `CREATE TABLE other AS SELECT * FROM ${table}; DROP TABLE ${table}; ALTER TABLE other RENAME TO ${table}`;
const loose = loosened("cases");

test.each<readonly [what: string, sql: readonly string[], refused: RegExp]>([
  [
    "a text for a number",
    [loose, "UPDATE cases SET length = 'abc' WHERE case_id = 1"],
    /table cases row 2 column length: must be a whole number that a double holds, got "abc"; export it again/,
  ],
  [
    "a number that no double holds",
    [loose, "UPDATE cases SET length = 9007199254740993"],
    /table cases row 1 column length: must be a whole number that a double holds, got 9007199254740993;/,
  ],
  [
    "a blob for a text",
    [loose, "UPDATE cases SET title = zeroblob(1000)"],
    /table cases row 1 column title: must be a text, got 1000 bytes;/,
  ],
  [
    "a number out of bounds",
    ["UPDATE cases SET bytes = 1e300"],
    /table cases row 1 column bytes: must be 0 or from 1e-30 to 1e\+30, got 1e\+300;/,
  ],
  [
    "an infinite time",
    ["UPDATE rounds SET at_s = 9e999"],
    /table rounds row 1 column at_s: must be a number, got null;/,
  ],
  [
    "a time that no call takes",
    ["UPDATE rounds SET samples = '[0]' WHERE rowid = 2"],
    /table rounds row 2 column samples: 0: must be from 1e-12 to 1e9 seconds, as calls take, got 0;/,
  ],
  [
    "samples that are no list",
    ["UPDATE rounds SET samples = '{}'"],
    /table rounds row 1 column samples: must be a list of numbers, got "\{\}";/,
  ],
  [
    "JSON that is none",
    ["UPDATE cases SET params = '{'"],
    /table (cases|replaced) row 1 column params: must be JSON as text, got "\{";/,
  ],
  [
    "JSON that nests without end",
    [`UPDATE cases SET params = '${"[".repeat(100_000)}'`],
    /table cases row 1 column params: must be JSON as text/,
  ],
  [
    "names of fields that are no list",
    ["UPDATE cases SET explicit = '{\"a\":'"],
    /table cases row 1 column explicit: must be JSON as text/,
  ],
  [
    "nothing where something must be",
    [loose, "UPDATE cases SET title = NULL"],
    /table cases row 1 column title: must be a text, got null;/,
  ],
  [
    "an outcome of their own",
    ["UPDATE cases SET outcome = 'won'"],
    /table cases row 1 column outcome: must be one of measured, skipped, failed, unproven, got "won";/,
  ],
  [
    "a plan with a case of no size",
    ["UPDATE runs SET planned_cases = json_set(planned_cases, '$[0].length', 0)"],
    /table runs row 1 column planned_cases: 0\.length: must be more than 0, got 0;/,
  ],
  [
    "a case that was not planned",
    ["UPDATE cases SET case_name = 'mine' WHERE case_id = 0"],
    /table cases row 1: a case must be one of the plan, got 'mine';/,
  ],
  [
    "a case that is not as planned",
    ["UPDATE cases SET heads = 4, kv_heads = 4 WHERE case_id = 1"],
    /table cases row 2: heads of a case must be as planned, got another of/,
  ],
  [
    "a round of no case",
    ["UPDATE rounds SET case_id = 7 WHERE rowid = 1"],
    /table rounds row 1 column case_id: must be a case of the same run, got 7;/,
  ],
  [
    "a round of no run",
    ["INSERT INTO rounds SELECT * FROM rounds LIMIT 1", "UPDATE rounds SET run = 9 WHERE rowid = 7"],
    /table rounds row 7 column run: must be one of the table runs, got 9;/,
  ],
  [
    "a round told twice",
    ["INSERT INTO rounds SELECT * FROM rounds LIMIT 1", "UPDATE rounds SET line = 99 WHERE rowid = 7"],
    /table rounds row 7: a round of a case must appear once, got round 0 of/,
  ],
  [
    "a line told twice",
    ["UPDATE rounds SET line = 2"],
    /table rounds row 2 column line: must be another in each row of a run, got 2;/,
  ],
  [
    "a case called by two names",
    ["UPDATE replaced SET case_name = 'case-1'"],
    /column case_id: must be of one case, got that of another;/,
  ],
  [
    "runs out of order",
    [loosened("runs"), "INSERT INTO runs SELECT * FROM runs"],
    /table runs row 2 column run: must be more than that of the row before, got 0;/,
  ],
  [
    "no runs",
    ["DELETE FROM runs", "DELETE FROM cases", "DELETE FROM rounds", "DELETE FROM replaced"],
    /table runs: must have a row, got none;/,
  ],
  ["no table of runs", ["DROP TABLE runs"], /table (cases|rounds|replaced|runs)( row 1 column run)?: must /],
  [
    "a view in place of a table",
    ["ALTER TABLE cases RENAME TO hidden", "CREATE VIEW cases AS SELECT * FROM hidden"],
    /cases: must be a table, got a view;/,
  ],
  [
    "a virtual table in place of a table",
    ["DROP TABLE rounds", "CREATE VIRTUAL TABLE rounds USING fts5(run)"],
    /rounds: must be a table, got a virtual;/,
  ],
  [
    "a column that is computed",
    ["ALTER TABLE cases DROP COLUMN title", "ALTER TABLE cases ADD COLUMN title TEXT AS (upper(variant))"],
    /table cases: must have a column title, got a computed one;/,
  ],
  [
    "a missing column",
    ["ALTER TABLE cases DROP COLUMN title"],
    /table cases: must have a column title, got none;/,
  ],
  [
    "a later version",
    ["UPDATE facts SET value = '2' WHERE name = 'attnbench.store'"],
    /the store's version must be 1, got "2"; use the version of attnbench that wrote it/,
  ],
  [
    "a database of something else",
    ["DROP TABLE facts"],
    /table runs: must be a table that attnbench export wrote, got another;/,
  ],
  [
    "a store that lost a table",
    ["DROP TABLE replaced"],
    /table replaced: must have 1 row as it was written, got none;/,
  ],
])("%s is refused in a line that says where", async (_, sql, rule) => {
  expect(await refusalOf(() => runsOf(changed(...sql)))).toMatch(rule);
});

describe("what a database says should be done is not done", () => {
  const read = async (...sql: readonly string[]) =>
    (await runsOf(changed(...sql))).map(({ read: run }) => run);

  test("by views, triggers, indexes, extra tables and columns", async () => {
    const [plain] = await read();
    const [dressed] = await read(
      "CREATE TRIGGER mine AFTER INSERT ON runs BEGIN DELETE FROM runs; END",
      "CREATE TABLE more (a)",
      "ALTER TABLE cases ADD COLUMN more TEXT DEFAULT 'x'",
      "ALTER TABLE runs ADD COLUMN more TEXT AS (upper(cpu))",
      "CREATE INDEX other ON cases (abs(length))",
      "CREATE VIEW mine AS SELECT load_extension('/tmp/mine.so')",
    );
    expect(dressed).toEqual(plain);
  });

  test("and the file stays as it was", async () => {
    const path = changed("PRAGMA journal_mode = WAL");
    const before = readFileSync(path);
    await runsOf(path);
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

test("a database that was cut off anywhere is refused, or read to the same", async () => {
  const all = JSON.stringify(await runsOf(changed()));
  let refused = 0;
  for (let cut = 100; cut < whole.length; cut += 1024) {
    const path = `${folder.path}/cut.sqlite`;
    writeFileSync(path, whole.subarray(0, cut));
    try {
      expect(JSON.stringify(await runsOf(path))).toBe(all);
    } catch {
      await refusalOf(() => runsOf(path));
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(10);
});
