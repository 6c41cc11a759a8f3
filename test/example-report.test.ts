import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { withSketches } from "../src/library/sketches.ts";
import { withTableOne } from "../src/library/table-one.ts";
import { readResults } from "../src/record/read.ts";
import { writeReport } from "../src/report/write-report.ts";

const root = resolve(import.meta.dirname, "..");

test.each([
  "example",
  "example-decode",
  "example-train",
  "example-learned",
  "example-peers",
  "example-peers-causal",
])("reports/%s is what report makes of the results file of that name, byte for byte", async (example) => {
  const folder = mkdtempSync(join(tmpdir(), "attnbench-example-"));
  try {
    const results = readResults(join(root, `results/${example}.jsonl`), example);
    await writeReport([withTableOne(withSketches(results))], folder);
    const names = readdirSync(folder).sort();
    expect(names).toEqual(readdirSync(join(root, "reports", example)).sort());
    for (const name of names) {
      const same = readFileSync(join(folder, name)).equals(
        readFileSync(join(root, "reports", example, name)),
      );
      expect({ name, same }).toEqual({ name, same: true });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
