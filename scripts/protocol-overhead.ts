import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { shapeOf } from "../src/core/shape.ts";
import { parameterize } from "../src/core/variant.ts";
import { syntheticSource } from "../src/input/synthetic.ts";
import { openProgram } from "../src/kernels/external/open-program.ts";
import { usualPython } from "../src/kernels/external/peers.ts";
import { programName } from "../src/kernels/external/program-spec.ts";
import { guardedOutput, type Kernel } from "../src/kernels/kernel.ts";
import { builtInKinds } from "../src/mechanisms/kinds.ts";
import { median } from "../src/stats/median.ts";
import { formatSeconds } from "../src/text/format.ts";
import type { SampleElsewhere } from "../src/timing/slot-elsewhere.ts";
import { callsElsewhere } from "../src/verify/calls-elsewhere.ts";
import { full } from "../variants/dense/full.ts";

// What the protocol for kernels of other programs costs around a block of calls, and that none of it is in the time that is told:
// kernels that do nothing, and that spin for a known time. `npm run bench:protocol [BLOCKS]`; the machine must be quiet.

const blocks = Number(process.argv[2] ?? 200);
/** Milliseconds that a call of `spins` takes. */
const SPIN_MS = 1;

const PYTHON = `
import time
from attnbench_kernel import kernel, serve

@kernel
def nothing(case):
    return lambda: None

@kernel
def spins(case):
    def run():
        until = time.perf_counter() + ${SPIN_MS} / 1000
        while time.perf_counter() < until:
            pass
    return run

serve()
`;

const NODE = `
import { serveKernels } from ${JSON.stringify(join(import.meta.dirname, "../src/index.ts"))};

const spin = () => {
  const until = performance.now() + ${SPIN_MS};
  while (performance.now() < until);
};
await serveKernels([
  { id: "nothing", prepare: () => () => {} },
  { id: "spins", prepare: () => spin },
]);
`;

/** Samples of a kernel at N = 1024 and a width of 64, of so many calls each, and the seconds in which outputs were fetched. */
async function samplesOf(kernel: Kernel, calls: number) {
  const shape = shapeOf({ batch: 1, heads: 1, length: 1024, headDim: 64 });
  const judged = builtInKinds.judged(parameterize(full, {}));
  const inputs = syntheticSource("gaussian", 1).inputs(shape);
  const problem = { ...judged, shape, causal: false, threads: 1, inputs };
  const runnable = await kernel.prepare(problem, guardedOutput(shape.length * shape.valueDim));
  const elsewhere = callsElsewhere(runnable, () => {});
  if (elsewhere === null) throw new TypeError("a program's calls are awaited");
  const samples: SampleElsewhere[] = [];
  const fetched: number[] = [];
  for (let block = 0; block < blocks; block++) {
    samples.push(await elsewhere.sample(calls));
    fetched.push(await elsewhere.fetch());
  }
  runnable.dispose();
  return { samples, fetched };
}

async function measure(runtime: string, command: readonly string[]): Promise<void> {
  const program = await openProgram(programName({ command }));
  try {
    for (const kernel of program.kernels) {
      for (const calls of [1, 20]) {
        const { samples, fetched } = await samplesOf(kernel, calls);
        const of = (each: (one: SampleElsewhere) => number) => formatSeconds(median(samples.map(each)), 3);
        const cells = [
          `${runtime} ${kernel.id}`,
          calls,
          of(({ seconds }) => seconds),
          of(({ around, seconds }) => around - seconds),
          of(({ transfer }) => transfer),
          formatSeconds(median(fetched), 3),
        ];
        process.stdout.write(`| ${cells.join(" | ")} |\n`);
      }
    }
  } finally {
    await program.close();
  }
}

const folder = mkdtempSync(join(tmpdir(), "attnbench-protocol-"));
try {
  const [python, node] = [join(folder, "spin.py"), join(folder, "spin.ts")];
  writeFileSync(python, PYTHON);
  writeFileSync(node, NODE);
  const load = loadavg()[0].toFixed(1);
  process.stdout.write(
    `${cpus()[0].model}, ${cpus().length} processors, load ${load}; medians of ${blocks} blocks; a call of spins takes ${SPIN_MS} ms\n\n` +
      "| kernel | calls | told | beside it | inputs | output |\n|---|---:|---:|---:|---:|---:|\n",
  );
  await measure("python", [usualPython(), python]);
  await measure("node", [process.execPath, node]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
