import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { usualPython } from "../src/kernels/external/peers.ts";
import { readResults } from "../src/record/read.ts";
import { devicesDescription } from "../src/report/machine-description.ts";
import { formatPercent } from "../src/text/format.ts";
import { reachedOf, summaryLines } from "./gpu-summary.ts";

// What a GPU must show in four minutes: every kind of kernel webgpu verified, and full and sparse attention timed, against
// what the device reaches and beside PyTorch on the same card. `npm run check:gpu -- [FOLDER] [--quick]`; --quick is for
// drivers in software: few and short cases, verified as they are timed, and no targets.

const launcher = join(import.meta.dirname, "../src/launch.js");
const quick = process.argv.includes("--quick");
const folder = process.argv.slice(2).find((word) => !word.startsWith("--")) ?? "results/gpu";

/** Seconds after which verification is stopped, whatever is left of it: the runs verify what they time anyway. */
const CHECK_S = 60;
/** A variant of each kind, and patterns of each way to be cut into tiles: the others differ from them in data alone. */
const KINDS =
  "full local longformer bigbird logsparse alibi rope linear performer retention gated-delta linformer fnet moba lstm";

/** Runs, by the names of their files. */
const RUNS: Readonly<Record<string, string>> = quick
  ? { quick: "--variants full,local --lengths 32,64 --heads 1 --head-dim 8 --rounds 1 --budget 300s" }
  : {
      d64: "--variants full,local,longformer,bigbird --lengths 1k..16k --heads 8 --head-dim 64 --rounds 6 --budget 70s",
      d128: "--variants full,local --lengths 1k,4k,8k --heads 8 --head-dim 128 --rounds 6 --budget 30s",
      causal:
        "--variants full,local,longformer,bigbird --causal --lengths 1k,4k,8k --heads 8 --rounds 6 --budget 40s",
    };

/** PyTorch's kernels in float32 on the same card, if it finds one. */
const PEERS = ["torch-efficient-cuda", "torch-math-cuda"];

function say(...lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}

function refuse(why: string): never {
  process.stderr.write(`check:gpu: ${why}\n`);
  process.exit(1);
}

/** The exit code of a command; null if it was stopped for taking too long. */
function attnbench(words: readonly string[], seconds?: number): number | null {
  say("", `attnbench ${words.join(" ")}`);
  const timeout = seconds === undefined ? {} : { timeout: 1000 * seconds, killSignal: "SIGINT" as const };
  return spawnSync(process.execPath, [launcher, ...words], { stdio: "inherit", ...timeout }).status;
}

const found = spawnSync(process.execPath, [launcher, "list", "--kernel", "webgpu", "--json"], {
  encoding: "utf8",
});
if (found.status !== 0) refuse(found.stderr.trim());
const { unavailable, details } = JSON.parse(found.stdout) as { unavailable?: string; details?: string };
if (unavailable !== undefined) refuse(`${unavailable}; nothing was checked`);
say(`webgpu: ${details ?? ""}`);

const hasTorch = "import torch, sys; sys.exit(not torch.cuda.is_available())";
const peers = quick || spawnSync(usualPython(), ["-c", hasTorch]).status !== 0 ? [] : PEERS;
if (!quick && peers.length === 0) say(`${usualPython()} finds no CUDA device by PyTorch: it is left out`);

mkdirSync(folder, { recursive: true });
for (const name of Object.keys(RUNS)) {
  const file = join(folder, `${name}.jsonl`);
  if (existsSync(file)) refuse(`${file} already exists; name another folder`);
}

let failed = 0;
if (!quick) {
  const code = attnbench(["check", ...KINDS.split(" "), "--kernel", "webgpu"], CHECK_S);
  if (code === null) say(`stopped after ${CHECK_S} s: the variants above were verified, the others were not`);
  else if (code !== 0) failed++;
}

const results = Object.entries(RUNS).flatMap(([name, words]) => {
  const file = join(folder, `${name}.jsonl`);
  const kernels = ["webgpu", ...peers].join(",");
  const code = attnbench(["run", ...words.split(" "), "--kernel", kernels, "--out", file]);
  const drawn = code === 0 ? attnbench(["report", file, "--out", join(folder, name)]) : code;
  if (drawn !== 0) failed++;
  return existsSync(file) ? [readResults(file, name)] : [];
});

for (const one of results) say("", one.name, ...summaryLines(one, 120));
const devices = results.slice(0, 1).flatMap(({ run }) => devicesDescription(run.environment));
say("", ...devices.map(([name, value]) => `${name}: ${value}`), "");
for (const { what, target, reached } of quick ? [] : reachedOf(results)) {
  const told = reached === null ? "not measured" : formatPercent(reached);
  const isReached = reached !== null && reached >= target;
  if (!isReached) failed++;
  say(`${isReached ? "reached" : "missed"}: ${what}: ${told}, to reach ${formatPercent(target)}`);
}
say(
  "",
  failed === 0
    ? `check:gpu: all is right, see ${folder}`
    : `check:gpu: ${failed} of its parts failed, see ${folder}`,
);
process.exit(failed === 0 ? 0 : 1);
