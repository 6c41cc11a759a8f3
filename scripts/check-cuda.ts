import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { usualPython } from "../src/kernels/external/peers.ts";

// What a machine with a GPU must show, in some minutes: PyTorch's and flash-linear-attention's kernels by CUDA, verified
// and timed by the device's events, in float32, in bfloat16 and in training, with a report of each.
// `npm run check:cuda [FOLDER]`.

const launcher = join(import.meta.dirname, "../src/launch.js");
const folder = process.argv[2] ?? "results/cuda";

/** Runs, by the names of their files. */
const RUNS: Readonly<Record<string, string>> = {
  "sdpa-float32":
    "--variants full,local --lengths 1k,4k --heads 8 --kernel torch-math-cuda,torch-mask-cuda,torch-flex-cuda",
  "sdpa-bfloat16":
    "--variants full,local --lengths 1k,4k --heads 8 --dtype bfloat16 --kernel torch-flash-cuda,torch-mask-cuda,torch-flex-cuda",
  "sdpa-train":
    "--mode train --variants full,local --lengths 1k --heads 8 --kernel torch-math-cuda,torch-mask-cuda,torch-flex-cuda",
  "fla-float32":
    "--variants retention,gla,gated-delta --causal --lengths 1k,4k --heads 8 --kernel fla-retention-cuda,fla-gla-cuda,fla-gated-delta-cuda",
};

function attnbench(words: readonly string[]): number {
  process.stdout.write(`\nattnbench ${words.join(" ")}\n`);
  return spawnSync(process.execPath, [launcher, ...words], { stdio: "inherit" }).status ?? 1;
}

const { status } = spawnSync(usualPython(), [
  "-c",
  "import torch, sys; sys.exit(not torch.cuda.is_available())",
]);
if (status !== 0) {
  process.stderr.write(`check:cuda: ${usualPython()} finds no CUDA device by PyTorch; nothing was checked\n`);
  process.exit(1);
}
mkdirSync(folder, { recursive: true });
let failed = 0;
for (const [name, words] of Object.entries(RUNS)) {
  const file = join(folder, `${name}.jsonl`);
  if (existsSync(file)) {
    process.stderr.write(`check:cuda: ${file} already exists; name another folder\n`);
    process.exit(1);
  }
  const code = attnbench(["run", ...words.split(" "), "--rounds", "6", "--budget", "90s", "--out", file]);
  const drawn = code === 0 ? attnbench(["report", file, "--out", join(folder, name)]) : code;
  if (drawn !== 0) failed++;
}
process.stdout.write(
  `\ncheck:cuda: ${Object.keys(RUNS).length - failed} of ${Object.keys(RUNS).length} runs are right\n`,
);
process.exit(failed === 0 ? 0 : 1);
