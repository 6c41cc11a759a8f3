/**
 * Runs a kernel of machine code on arrays that lie against pages which nobody may touch: a read or a write beyond an
 * array ends the process. Prints how many problems it ran.
 */
import process from "node:process";
import fc from "fast-check";
import { elementCount } from "../../../src/core/shape.ts";
import type { AttentionInputs } from "../../../src/core/tensors.ts";
import { ffiOrThrow } from "../../../src/kernels/native/call/program.ts";
import { createNative } from "../../../src/kernels/native/index.ts";
import { problemsFor } from "../arbitrary-problems.ts";

const PAGE = 4096;
const NOTHING = 0;
const READ_WRITE = 3;
const PRIVATE_ANONYMOUS = 0x22;

const ffi = ffiOrThrow();
const libc = new ffi.DynamicLibrary(null);
const map = libc.getFunction("mmap", {
  arguments: ["pointer", "uint64", "int32", "int32", "int32", "int64"],
  return: "pointer",
});
const protect = libc.getFunction("mprotect", { arguments: ["pointer", "uint64", "int32"], return: "int32" });
const unmap = libc.getFunction("munmap", { arguments: ["pointer", "uint64"], return: "int32" });

/** An array that ends, or begins, where a page begins that may be neither read nor written; and what gives it back. */
function guarded(values: Float32Array, side: "before" | "behind"): { array: Float32Array; free: () => void } {
  const pages = Math.ceil(values.byteLength / PAGE);
  const bytes = BigInt((pages + 2) * PAGE);
  const start = map(0n, bytes, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0n) as bigint;
  for (const page of [0, pages + 1]) {
    if (protect(start + BigInt(page * PAGE), BigInt(PAGE), NOTHING) !== 0)
      throw new Error("mprotect is refused");
  }
  const whole = ffi.toBuffer(start + BigInt(PAGE), pages * PAGE, false);
  const offset = side === "before" ? 0 : pages * PAGE - values.byteLength;
  const array = new Float32Array(whole.buffer, whole.byteOffset + offset, values.length);
  array.set(values);
  return { array, free: () => void unmap(start, bytes) };
}

const [count, seed] = process.argv.slice(2).map(Number);
const native = createNative();
let ran = 0;
fc.assert(
  fc.property(problemsFor(native), fc.constantFrom("before", "behind"), (problem, side) => {
    const { q, k, v } = problem.inputs;
    const output = new Float32Array(elementCount(problem.shape, "output"));
    const [ours, keys, values, out] = [q, k, v, output].map((array) => guarded(array, side));
    const inputs: AttentionInputs = { ...problem.inputs, q: ours.array, k: keys.array, v: values.array };
    const runnable = native.prepare({ ...problem, inputs }, out.array);
    runnable.run();
    runnable.dispose();
    for (const { free } of [ours, keys, values, out]) free();
    ran++;
  }),
  { numRuns: count, seed },
);
console.log(ran);
