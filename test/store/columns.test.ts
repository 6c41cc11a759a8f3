import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import * as z from "zod";
import { studyLine, trainedLine } from "../../src/record/schema/learning-lines.ts";
import { caseLine, roundLine, runLine } from "../../src/record/schema/result-lines.ts";
import { columnsOf } from "../../src/store/columns-of.ts";
import { TABLE_NAMES, TABLES, type TableName } from "../../src/store/tables.ts";

const lines: Readonly<Record<TableName, z.ZodObject>> = {
  runs: runLine,
  cases: caseLine,
  rounds: roundLine,
  replaced: caseLine,
  studies: studyLine,
  trained: trainedLine,
};

/** What a table has otherwise: the type is the table's, and a round's case is in `case_id`. */
const otherwise: Readonly<Partial<Record<TableName, readonly string[]>>> = { rounds: ["case"] };

test.each(TABLE_NAMES)("every field of a line is in a column of %s", (table) => {
  const held = TABLES[table].columns.flatMap(({ path }) => (path === undefined ? [] : [path[0]]));
  const fields = Object.keys(lines[table].shape).filter((name) => name !== "type");
  expect(new Set([...held, ...(otherwise[table] ?? [])])).toEqual(new Set(fields));
});

test.each(["plan", "environment", "shard"] as const)("every field of a run's %s is a column", (field) => {
  const inner = z.toJSONSchema(runLine.shape[field]).properties ?? {};
  const held = TABLES.runs.columns.flatMap(({ path = [] }) => (path[0] === field ? [path[1]] : []));
  expect(held).toEqual(Object.keys(inner));
});

test("a field that a line gains is a column of its type, and NULL where it may be missing", () => {
  const grown = caseLine.extend({
    novel_s: z.number(),
    novel_count: z.number().int().optional(),
    novel_text: z.enum(["a", "b"]).nullable().optional(),
    novel_flag: z.boolean(),
    novel_list: z.array(z.number()),
    novel_object: z.object({ inner: z.string() }),
  });
  const before = columnsOf(caseLine).length;
  const gained = columnsOf(grown).slice(before);
  expect(gained.map(({ name, type, nullable }) => [name, type, nullable])).toEqual([
    ["novel_s", "double", false],
    ["novel_count", "integer", true],
    ["novel_text", "text", true],
    ["novel_flag", "boolean", false],
    ["novel_list", "doubles", false],
    ["novel_object", "json", false],
  ]);
});

test.each(TABLE_NAMES)("columns of %s differ, and none needs quotes in SQL", (table) => {
  const names = TABLES[table].columns.map(({ name }) => name);
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
  const database = new DatabaseSync(":memory:");
  database.exec(`CREATE TABLE ${table} (${names.join(", ")})`);
  for (const name of names)
    database.prepare(`SELECT ${name} FROM ${table} GROUP BY ${name} ORDER BY ${name}`);
  database.close();
});
