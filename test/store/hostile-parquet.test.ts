import { copyFileSync, cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import * as fc from "fast-check";
import { type KeyValue, parquetMetadata, parquetReadObjects } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { beforeAll, expect, test } from "vitest";
import { FailureError, UsageError } from "../../src/core/errors.ts";
import { compressors } from "../../src/store/read/unpack.ts";
import type { TableName } from "../../src/store/tables.ts";
import { examples } from "../examples.ts";
import { refusalOf } from "../input/refusal.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { runsOf, sampleStore } from "./stored.ts";

const folder = scratchFolder();
let whole: string;
beforeAll(async () => {
  whole = await sampleStore(folder, "parquet", "whole");
});

let made = 0;
function copy(): string {
  const path = join(folder.path, `copy-${made++}`);
  cpSync(whole, path, { recursive: true });
  return path;
}

/** Sixteen megabytes in some hundred bytes. */
const bomb = zstdCompressSync(Buffer.alloc(2 ** 24));

/** How a stranger writes a table again. */
interface Rewriting {
  /** Cells instead of those of the first row. */
  readonly first?: Readonly<Record<string, unknown>>;
  readonly facts?: readonly KeyValue[];
  readonly without?: string;
  /** The type of a column that is of another one. */
  readonly retyped?: Readonly<Record<string, "INT32" | "DOUBLE" | "BYTE_ARRAY">>;
  readonly compress?: (bytes: Uint8Array) => Uint8Array;
  readonly codec?: "ZSTD" | "LZ4";
}

async function rewritten(table: TableName, how: Rewriting): Promise<string> {
  const { first = {}, facts, without, retyped = {}, compress = zstdCompressSync, codec = "ZSTD" } = how;
  const path = copy();
  const file = join(path, `${table}.parquet`);
  const bytes = readFileSync(file);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const metadata = parquetMetadata(buffer);
  const rows = await parquetReadObjects({ file: buffer, compressors });
  const names = metadata.schema.slice(1).map(({ name }) => name);
  const columns = names.filter((name) => !["list", "element", without].includes(name));
  const schema = metadata.schema
    .filter(({ name }) => name !== without)
    .map((one) => (Object.hasOwn(retyped, one.name) ? { ...one, type: retyped[one.name] } : one));
  const target = new ByteWriter();
  const writer = new ParquetWriter({
    writer: target,
    schema: [{ ...schema[0], num_children: columns.length }, ...schema.slice(1)],
    codec,
    compressors: { [codec]: compress },
    kvMetadata: [...(facts ?? metadata.key_value_metadata ?? [])],
  });
  const columnData = columns.map((name) => ({
    name,
    data: rows.map((row, index) => (index === 0 && Object.hasOwn(first, name) ? first[name] : row[name])),
  }));
  writer.write({ columnData });
  writer.finish();
  writeFileSync(file, target.getBytes());
  return path;
}

test("what a stranger writes again as it was reads as it was", async () => {
  const plain = await runsOf(whole);
  expect(await runsOf(await rewritten("rounds", {}))).toEqual(plain);
  expect(await runsOf(await rewritten("runs", {}))).toEqual(plain);
});

test.each<readonly [what: string, table: TableName, how: Rewriting, refused: RegExp]>([
  [
    "a number out of bounds",
    "cases",
    { first: { bytes: 1e300 } },
    /cases\.parquet row 1 column bytes: must be 0 or from 1e-30 to 1e\+30, got 1e\+300; export it again/,
  ],
  [
    "what is not a number",
    "rounds",
    { first: { at_s: Number.NaN } },
    /rounds\.parquet row 1 column at_s: must be a number, got null;/,
  ],
  [
    "an infinite sample",
    "rounds",
    { first: { samples: [Number.POSITIVE_INFINITY] } },
    /rounds\.parquet row 1 column samples: 0: must be a number, got null;/,
  ],
  [
    "no samples",
    "rounds",
    { first: { samples: [] } },
    /rounds\.parquet row 1 column samples: must have at least 1 entry, got \[\];/,
  ],
  [
    "a number that no double holds",
    "cases",
    { first: { length: 2n ** 53n } },
    /cases\.parquet row 1 column length: must be a whole number that a double holds, got 9007199254740992;/,
  ],
  [
    "JSON that is none",
    "cases",
    { first: { params: "{" } },
    /cases\.parquet row 1 column params: must be JSON as text, got "\{";/,
  ],
  [
    "a text that is none in UTF-8",
    "cases",
    { first: { title: new Uint8Array([0xff, 0xfe]) } },
    /cases\.parquet: must be a Parquet file that can be read, got The encoded data was not valid/,
  ],
  [
    "a missing column",
    "cases",
    { without: "title" },
    /cases\.parquet column title: must be one column, got none;/,
  ],
  [
    "a column of another type",
    "cases",
    { retyped: { exponent: "INT32" }, first: {} },
    /cases\.parquet column exponent: must be DOUBLE, got another type;/,
  ],
  [
    "a file of something else",
    "runs",
    { facts: [] },
    /runs\.parquet: must be a table that attnbench export wrote, got another;|must be of the same export/,
  ],
  [
    "a file of another export",
    "rounds",
    {
      facts: [
        { key: "attnbench.table", value: "rounds" },
        { key: "attnbench.export", value: "0" },
      ],
    },
    /rounds\.parquet: must be of the same export as .*runs\.parquet, got one of another;/,
  ],
  [
    "a packing that is not read",
    "cases",
    { codec: "LZ4", compress: (bytes) => bytes },
    /cases\.parquet: must be a Parquet file that can be read, got a column packed by LZ4;/,
  ],
  [
    "pages that unpack to more than they say",
    "cases",
    { compress: () => bomb },
    /cases\.parquet: must be a Parquet file that can be read, got Cannot create a Buffer larger than \d+ bytes/,
  ],
])("%s is refused in a line that says where", async (_, table, how, rule) => {
  const path = await rewritten(table, how);
  expect(await refusalOf(() => runsOf(path))).toMatch(rule);
});

test("files that are missing, or in the place of another, are refused by their names", async () => {
  const swapped = copy();
  copyFileSync(join(swapped, "replaced.parquet"), join(swapped, "cases.parquet"));
  expect(await refusalOf(() => runsOf(swapped))).toMatch(
    /cases\.parquet column \w+: must be one column, got none/,
  );
  const renamed = copy();
  renameSync(join(renamed, "cases.parquet"), join(renamed, "replaced.parquet"));
  expect(await refusalOf(() => runsOf(renamed))).toMatch(
    /replaced\.parquet: must be the table replaced, got "cases";/,
  );
  for (const name of ["cases", "rounds", "replaced"]) {
    const lost = copy();
    rmSync(join(lost, `${name}.parquet`));
    expect(await refusalOf(() => runsOf(lost))).toMatch(
      new RegExp(`${name}\\.parquet: must have \\d rows? as it was written, got none`),
    );
  }
  const headless = copy();
  rmSync(join(headless, "runs.parquet"));
  expect(await refusalOf(() => runsOf(headless))).toMatch(
    /runs\.parquet: must be beside the other tables, got none/,
  );
});

test("a file that was cut off anywhere is refused", async () => {
  const path = copy();
  for (const name of readdirSync(path)) {
    const bytes = readFileSync(join(path, name));
    for (const kept of [4, 5, 11, 100, bytes.length >> 1, bytes.length - 9, bytes.length - 1]) {
      writeFileSync(join(path, name), bytes.subarray(0, kept));
      expect(await refusalOf(() => runsOf(path))).toContain(
        `${name}: must be a Parquet file that can be read`,
      );
    }
    writeFileSync(join(path, name), bytes);
  }
});

// Values have checksums. What is said about them, before each page and at the end, has none: another bit there can name another
// column, which then reads as one that is missing.
test("bytes that changed are refused in a line, or give lines that are valid, and nearly always those that were", async () => {
  const path = copy();
  const plain = JSON.stringify(await runsOf(path));
  const names = readdirSync(path);
  const files = new Map(names.map((name) => [name, readFileSync(join(path, name))]));
  const places = fc.record({
    name: fc.constantFrom(...names),
    at: fc.nat(),
    fromEnd: fc.boolean(),
    bit: fc.nat(7),
  });
  // The mark of the format at its end, so that something is refused in however few there is time for.
  const mark = { name: "cases.parquet", at: 0, fromEnd: true, bit: 0 };
  let [refused, alike, other] = [0, 0, 0];
  await fc.assert(
    fc.asyncProperty(places, async ({ name, at, fromEnd, bit }) => {
      const bytes = Buffer.from(files.get(name) ?? []);
      // What a file says of itself is at its end, where more can go wrong.
      const place = fromEnd ? bytes.length - 1 - (at % Math.min(4000, bytes.length)) : at % bytes.length;
      bytes[place] ^= 1 << bit;
      writeFileSync(join(path, name), bytes);
      try {
        if (JSON.stringify(await runsOf(path)) === plain) alike++;
        else other++;
      } catch (thrown) {
        if (!(thrown instanceof FailureError || thrown instanceof UsageError)) throw thrown;
        expect(thrown.message).toMatch(/^[\P{Cc}]{10,500}$/u);
        refused++;
      }
      writeFileSync(join(path, name), files.get(name) ?? "");
    }),
    { ...examples(2000), examples: [[mark]] },
  );
  expect(refused).toBeGreaterThan(0);
  // One in a hundred is, which may be among the first few.
  expect(other).toBeLessThan(5 + (refused + alike) / 20);
});
