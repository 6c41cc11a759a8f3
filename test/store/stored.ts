import { join } from "node:path";
import { exportResults } from "../../src/library/export.ts";
import { readStored, storeAt } from "../../src/store/read-stored.ts";
import type { SourcedRun } from "../../src/store/rows.ts";
import type { ScratchFolder } from "../input/scratch-folder.ts";
import { fileOf, sampleLines } from "../record/sample-lines.ts";

/** A store of results that never were: two cases of some rounds, the first of which failed in the end. */
export async function sampleStore(folder: ScratchFolder, format: string, name: string): Promise<string> {
  const [run, ...lines] = sampleLines({ cases: 2, rounds: 3 });
  const failed = { ...lines[0], outcome: "failed", reason: "verification: row 3" };
  const file = folder.write("sample.jsonl", fileOf([run, ...lines, failed]));
  const out = join(folder.path, name);
  await exportResults({ files: [file], format, out, overwrite: true }, new AbortController().signal);
  return out;
}

/** All runs of the store at a path. */
export async function runsOf(path: string): Promise<readonly SourcedRun[]> {
  const store = storeAt(path);
  if (store === null) throw new TypeError(`${path} is no store`);
  return Array.fromAsync(readStored(store));
}
