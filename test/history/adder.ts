import process from "node:process";
import { addEntries } from "../../src/history/add-entries.ts";
import { sampleEntry } from "./sample-entries.ts";

// Adds entries one by one, each so long that a write is many pages; now and then dies in the middle of it all.
const [path, first, count, deadly] = process.argv.slice(2);
const cells = Object.fromEntries(Array.from({ length: 2000 }, (_, at) => [`full/js/b1h1n${at}d8`, 1e-3]));
for (let at = 0; at < Number(count); at++) {
  if (deadly === "deadly" && at === 2) setTimeout(() => process.kill(process.pid, "SIGKILL"), 0);
  addEntries(path, [sampleEntry(Number(first) + at, { cells })]);
  if (deadly === "deadly" && at === 2) await new Promise((resolve) => setTimeout(resolve, 1000));
}
