/**
 * Runs a kernel of machine code on arrays that lie against pages which nobody may touch: a read or a write beyond an
 * array ends the process. Prints how many problems it ran, and whether gradients are among them.
 */
import process from "node:process";
import fc from "fast-check";
import type { GradientPass } from "../../../src/core/operation.ts";
import { outputCount } from "../../../src/core/outputs.ts";
import { namesIn, tensorNamed } from "../../../src/core/tensors.ts";
import { ffiOrThrow } from "../../../src/kernels/native/call/program.ts";
import { createNative } from "../../../src/kernels/native/index.ts";
import { isGradient } from "../../../src/mechanisms/gradient/declare.ts";
import { outputsOf } from "../../../src/mechanisms/outputs.ts";
import { gradientOf } from "../../mechanisms/gradient/gradient-problem.ts";
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

const native = createNative();

/** A problem as it is, or its gradient if that is computed. */
const problems = fc
  .tuple(problemsFor(native), fc.constantFrom<GradientPass | null>(null, "backward", "train"))
  .map(([problem, pass]) => {
    const gradient = pass === null ? problem : gradientOf(problem, pass);
    return native.supports(gradient) === true ? gradient : problem;
  });

const [count, seed] = process.argv.slice(2).map(Number);
let [ran, gradients] = [0, 0];
fc.assert(
  fc.property(problems, fc.constantFrom("before", "behind"), (problem, side) => {
    const given = namesIn(problem.inputs).map((name) => {
      return [name, guarded(tensorNamed(problem.inputs, name), side)] as const;
    });
    const out = guarded(new Float32Array(outputCount(outputsOf(problem))), side);
    const arrays = Object.fromEntries(given.map(([name, { array }]) => [name, array]));
    const runnable = native.prepare({ ...problem, inputs: { ...problem.inputs, ...arrays } }, out.array);
    runnable.save?.();
    runnable.run();
    runnable.dispose();
    for (const { free } of [...given.map(([, tensor]) => tensor), out]) free();
    ran++;
    if (isGradient(problem.mechanism)) gradients++;
  }),
  { numRuns: count, seed },
);
console.log(`${ran}, of which ${gradients > 0 ? "some" : "none"} are gradients`);
