/** Counts, in a process of its own, the bytes that steps allocate on the JavaScript heap: a line of JSON for each kernel and variant. */
import process from "node:process";
import { shapeOf } from "../../../src/core/shape.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { builtInKernels } from "../../../src/kernels/index.ts";
import { variants } from "../../../variants/index.ts";

const SHAPE = shapeOf({ batch: 1, heads: 2, length: 2000, headDim: 8 });
const STEPS = 10_000;
const ROUNDS = 20;

/** Bytes of the heap in use; `--expose-gc` is given, and what was left from before is gone. */
function used(collect: boolean): number {
  if (collect) (globalThis as unknown as { gc(): void }).gc();
  return process.memoryUsage().heapUsed;
}

const count = SHAPE.batch * SHAPE.heads * SHAPE.headDim;
const numbers = (): Float32Array => Float32Array.from({ length: count }, (_, at) => Math.sin(at + 1));
const token = { q: numbers(), k: numbers(), v: numbers(), out: numbers() };

for (const kernel of builtInKernels()) {
  for (const variant of variants) {
    const probes = Object.entries(variant.params).map(([name, { probe }]) => [name, probe]);
    const { mechanism } = parameterize(variant, Object.fromEntries(probes));
    const task = { mechanism, shape: SHAPE, causal: true, threads: 1 };
    if (kernel.decode?.supports(task) !== true) continue;
    const stepper = kernel.decode.prepare(task);
    const run = (steps: number): void => {
      for (let step = 0; step < steps; step++) {
        if (stepper.position === 2000) stepper.reset();
        stepper.step(token);
      }
    };
    // What V8 interprets keeps every fraction on the heap, and what it optimises comes late on a busy machine.
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < ROUNDS && least >= 1; round++) {
      const before = used(true);
      run(STEPS);
      least = Math.min(least, Math.abs(used(false) - before) / STEPS);
    }
    console.log(JSON.stringify({ name: `${kernel.id} ${variant.id}`, bytesAStep: least }));
    stepper.dispose();
  }
}
