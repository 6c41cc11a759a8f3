/** Counts, in a process of its own, the bytes that calls which choose allocate on the JavaScript heap: a line of JSON for each. */
import process from "node:process";
import { elementCount, shapeOf } from "../../../src/core/shape.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { js } from "../../../src/kernels/js/index.ts";
import { guardedOutput } from "../../../src/kernels/kernel.ts";
import { selections } from "../../../variants/selection/index.ts";
import { isDefined, problemOf } from "../arbitrary-problems.ts";

const SHAPE = shapeOf({ batch: 1, heads: 2, length: 400, headDim: 8 });
const CALLS = 50;
const ROUNDS = 20;

/** Bytes of the heap in use; `--expose-gc` is given, and what was left from before is gone. */
function used(collect: boolean): number {
  if (collect) (globalThis as unknown as { gc(): void }).gc();
  return process.memoryUsage().heapUsed;
}

for (const variant of selections) {
  const probes = Object.entries(variant.params).map(([name, { probe }]) => [name, probe]);
  const { mechanism } = parameterize(variant, Object.fromEntries(probes));
  for (const causal of [false, true]) {
    const problem = problemOf(mechanism, SHAPE, causal);
    if (!isDefined(problem) || js.supports(problem) !== true) continue;
    const { run } = js.prepare(problem, guardedOutput(elementCount(SHAPE, "output")));
    // What V8 interprets keeps every fraction on the heap, and what it optimises comes late on a busy machine.
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < ROUNDS && least >= SHAPE.heads * SHAPE.length; round++) {
      const before = used(true);
      for (let call = 0; call < CALLS; call++) run();
      least = Math.min(least, Math.abs(used(false) - before) / CALLS);
    }
    console.log(JSON.stringify({ name: `${variant.id}${causal ? ", causal" : ""}`, bytesACall: least }));
  }
}
