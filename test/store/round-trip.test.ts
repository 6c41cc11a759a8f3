import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { exportResults } from "../../src/library/export.ts";
import { readRuns } from "../../src/record/collection/read-runs.ts";
import { readStored, storeAt } from "../../src/store/read-stored.ts";
import { examples } from "../examples.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
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
