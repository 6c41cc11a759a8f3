import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { parquetMetadata } from "hyparquet";
import { expect, test } from "vitest";
import { exportResults } from "../../src/library/export.ts";
import { readRuns } from "../../src/record/collection/read-runs.ts";
import { readStored, storeAt } from "../../src/store/read-stored.ts";
import { examples } from "../examples.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { sampleShard } from "../record/collection/sample-shards.ts";
import { fileOf } from "../record/sample-lines.ts";
import { anyRun } from "./sample-runs.ts";

const folder = scratchFolder();
const never = new AbortController().signal;

test.each(["parquet", "sqlite"])("as %s every line of results comes back, bit for bit", async (format) => {
  let drawn = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anyRun, { minLength: 1, maxLength: 3 }), async (runs) => {
      const files = runs.map((lines, index) => folder.write(`${index}.jsonl`, fileOf(lines)));
      const out = join(folder.path, `${format}${drawn++}`);
      await exportResults({ files, format, out, overwrite: false }, never);
      const store = storeAt(out);
      expect(store).not.toBeNull();
      const back = store && (await Array.fromAsync(readStored(store)));
      const was = await Promise.all(files.map((file) => Array.fromAsync(readRuns(file))));
      expect(back?.map(({ source }) => source)).toEqual(
        files.map((_, index) => ({ file_id: index, file: `${index}.jsonl` })),
      );
      // Texts of numbers are exact, and an order of keys is seen.
      expect(
        back?.map(({ read: { run, lines, learned, truncated } }) =>
          JSON.stringify([run, lines, learned, truncated]),
        ),
      ).toEqual(
        was
          .flat()
          .map(({ run, lines, learned, truncated }) => JSON.stringify([run, lines, learned, truncated])),
      );
    }),
    examples(),
  );
});

test("runs of several row groups come back, each group written as soon as it is full", async () => {
  // One and a half row groups, of which the second run is in both.
  const shards = [0, 1, 2].map((index) => sampleShard(index, { cases: 1, rounds: 8192 }));
  const file = folder.write("long.jsonl", shards.map(fileOf).join(""));
  const out = join(folder.path, "long");
  await exportResults({ files: [file], format: "parquet", out, overwrite: false }, never);
  const { row_groups } = parquetMetadata(readFileSync(join(out, "rounds.parquet")));
  expect(row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([16_384, 8192]);
  const store = storeAt(out);
  const back = store && (await Array.fromAsync(readStored(store)));
  const was = await Array.fromAsync(readRuns(file));
  expect(back?.map(({ read }) => JSON.stringify([read.run, read.lines]))).toEqual(
    was.map(({ run, lines }) => JSON.stringify([run, lines])),
  );
});
