import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { summarize } from "../src/record/case-row.ts";
import { readRuns } from "../src/record/collection/read-runs.ts";
import { LARGE, type SimulatedSweep, writeSimulated } from "./simulate-sweep.ts";

// What reading, collecting, comparing, exporting and reporting take of a sweep as large as one likes: seconds, processor
// seconds and the most memory, each in a process of its own. `npm run bench:sweep FOLDER [SHARDS [STEP,STEP…]]`, on Linux;
// FOLDER gets two simulated sweeps of SHARDS shards, unless it has them, 6 GB each of ten thousand, and what is made of them.

const root = join(import.meta.dirname, "..");
const CLI = join(root, "src/cli.ts");

/** What a process took. */
interface Taken {
  readonly seconds: number;
  readonly processor_s: number;
  /** The most that it had in memory at once. */
  readonly peakMiB: number;
  readonly code: number | null;
}

/** Runs a program of Node's to its end. What it prints is left out, its last error is told. */
async function taken(words: readonly string[]): Promise<Taken> {
  const began = performance.now();
  const child = spawn(process.execPath, words, { stdio: ["ignore", "ignore", "pipe"] });
  let last = { processor_s: 0, peakMiB: 0 };
  const look = setInterval(() => {
    last = lookAt(child.pid ?? 0) ?? last;
  }, 100);
  let errors = "";
  child.stderr.on("data", (piece: Buffer) => {
    errors = (errors + piece.toString("utf8")).slice(-500);
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearInterval(look);
  if (code !== 0) process.stderr.write(`${words.join(" ")}: exit code ${code}: ${errors}\n`);
  return { seconds: (performance.now() - began) / 1000, ...last, code };
}

/** Ticks of `/proc/PID/stat` in a second. */
const TICKS = 100;

function lookAt(pid: number): { readonly processor_s: number; readonly peakMiB: number } | null {
  try {
    const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    if (peak === undefined) return null;
    return { processor_s: (Number(stat[11]) + Number(stat[12])) / TICKS, peakMiB: Number(peak) / 1024 };
  } catch {
    return null;
  }
}

async function readAll(path: string): Promise<void> {
  let cases = 0;
  for await (const { run, lines } of readRuns(path)) cases += summarize(path, run, lines).rows.length;
  process.stdout.write(`${cases} cases\n`);
}

async function measure(folder: string, shards: number, only: readonly string[] | null): Promise<void> {
  const side = (name: string) => ({ sweep: join(folder, name), out: join(folder, `${name}.jsonl`) });
  const [base, head] = [side("base"), side("head")];
  const sizes: readonly [string, SimulatedSweep][] = [
    [base.sweep, { ...LARGE, shards }],
    [head.sweep, { ...LARGE, shards, seed: 2, changed: 0.01 }],
  ];
  for (const [path, sweep] of sizes) if (!existsSync(path)) writeSimulated(path, sweep);
  const stores = ["parquet", "other-parquet"].map((name) => join(folder, name));
  const steps: readonly [string, readonly string[]][] = [
    ["collect", [CLI, "sweep", "collect", base.sweep, "--out", base.out]],
    ["collect the other", [CLI, "sweep", "collect", head.sweep, "--out", head.out]],
    ["collect again, extending", [CLI, "sweep", "collect", base.sweep, "--out", base.out]],
    ["read and sum up", [import.meta.filename, "--read", base.out]],
    ["compare", [CLI, "compare", base.out, head.out]],
    ["export parquet", [CLI, "export", base.out, "--format", "parquet", "--out", stores[0]]],
    ["export the other", [CLI, "export", head.out, "--format", "parquet", "--out", stores[1]]],
    ["compare the stores", [CLI, "compare", ...stores]],
    ["report the store", [CLI, "report", "--from", stores[0], "--out", join(folder, "stored-report")]],
    ["export sqlite", [CLI, "export", base.out, "--format", "sqlite", "--out", join(folder, "all.sqlite")]],
    ["report", [CLI, "report", base.out, "--out", join(folder, "report")]],
  ];
  for (const [name, words] of steps) {
    if (only !== null && !only.includes(name)) continue;
    const { seconds, processor_s, peakMiB, code } = await taken(words);
    process.stdout.write(
      `${name.padEnd(26)} ${seconds.toFixed(1).padStart(8)} s ${processor_s.toFixed(1).padStart(8)} processor s ${peakMiB.toFixed(0).padStart(6)} MiB${code === 0 ? "" : `  exit code ${code}`}\n`,
    );
  }
}

const [first, second, third] = process.argv.slice(2);
if (first === "--read") await readAll(second);
else if (first === undefined) throw new Error("measure-scale: a folder must be named, got none");
else await measure(first, Number(second ?? LARGE.shards), third?.split(",") ?? null);
