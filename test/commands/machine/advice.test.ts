import fc from "fast-check";
import { expect, test } from "vitest";
import { machineAdvice } from "../../../src/commands/machine/advice.ts";
import { type MachineFacts, usualThreads } from "../../../src/commands/machine/facts.ts";
import { printMachine } from "../../../src/commands/machine/print.ts";
import type { Environment } from "../../../src/record/schema/result-lines.ts";
import { sampleResults } from "../../report/sample-results.ts";
import { fakeIo } from "../fake-io.ts";

const { environment } = sampleResults({ variants: 1, lengths: [256] }).run;

/** A machine against which nothing speaks. */
const quiet: MachineFacts = {
  environment,
  kernels: [
    {
      id: "js",
      title: "plain TypeScript",
      details: null,
      unavailable: null,
      unsuited: false,
      on_demand: false,
    },
    {
      id: "wasm",
      title: "WebAssembly SIMD",
      details: "wide 0123",
      unavailable: null,
      unsuited: false,
      on_demand: false,
    },
  ],
  threads: [1, 2, 8],
  tanh_per_s: 4e9,
  reads: [
    { level: "L1d", bytes: 24_576, bytes_per_s: 1e11 },
    { level: "memory", bytes: 2 ** 27, bytes_per_s: null },
  ],
  available_memory_bytes: 8 * 1024 ** 3,
  disturbances: [],
};
const withEnvironment = (change: Partial<Environment>) => ({
  environment: { ...environment, ...change },
});
const rates = (wide: number, relaxed: number) =>
  withEnvironment({
    ceilings: [
      { build: "wide", threads: 2, flops_per_s: 1e15 },
      { build: "wide", threads: 1, flops_per_s: wide },
      { build: "relaxed", threads: 2, flops_per_s: 1e15 },
      { build: "relaxed", threads: 1, flops_per_s: relaxed },
    ],
  });

test("there is no advice where ready to measure, nor where the system does not tell", () => {
  expect(machineAdvice(quiet)).toEqual([]);
  const { ceilings: _, cpu_features: __, ...told } = environment;
  const silent = { ...told, governor: null, on_battery: null, steal: null, cpu_features: null };
  expect(machineAdvice({ ...quiet, environment: silent, reads: [], available_memory_bytes: null })).toEqual(
    [],
  );
});

test.each<[string, Partial<MachineFacts>, RegExp]>([
  ["a busy machine", withEnvironment({ load: 8.5 }), /busy at the start, load 8.5 on 8 cores: close/],
  ["a battery", withEnvironment({ on_battery: true }), /on battery.*: plug it in/],
  ["a saving governor", withEnvironment({ governor: "powersave" }), /powersave: set it to performance/],
  ["stolen time", { disturbances: ["time was stolen: run again"] }, /^time was stolen: run again$/],
  [
    "a coarse clock",
    withEnvironment({ timer_resolution_s: 1e-3 }),
    /steps by 1.00 ms, too coarse .*: measure/,
  ],
  ["a clock that stands", withEnvironment({ timer_resolution_s: 0 }), /does not move, too coarse/],
  ["little memory", { available_memory_bytes: 2 ** 29 }, /little memory, 512 MiB left: close/],
  ["no memory", { available_memory_bytes: 0 }, /little memory, 0 B left/],
  ["too many threads", { threads: [1, 12] }, /12 threads on 8 cores.*: ask for --threads 8 at most/],
  [
    "a kernel that cannot run",
    {
      kernels: [
        {
          id: "wasm",
          title: "",
          details: null,
          unavailable: "no SIMD\u001b[31m; build it",
          unsuited: false,
          on_demand: false,
        },
      ],
    },
    /^no kernel wasm: no SIMD\\u\{1b\}\[31m; build it$/,
  ],
  ["a processor without avx2", withEnvironment({ cpu_features: { avx2: false } }), /without avx2.*: compare/],
  [
    "a wide build that is none",
    rates(5e10, 4.9e10),
    /wide build that is no faster than relaxed, 50.0 GFLOP\/s against 49.0/,
  ],
])("%s is told in one line with what to do", (_, change, says) => {
  const advice = machineAdvice({ ...quiet, ...change });
  expect(advice).toEqual([expect.stringMatching(says)]);
  expect(advice[0]).toMatch(/^\P{Cc}+$/u);
});

test("a kernel that is written for other machines, or runs only where it is named, is no fault of this one", () => {
  const one = { id: "one", title: "", details: "no", unavailable: "no avx512f" };
  for (const why of [
    { unsuited: true, on_demand: false },
    { unsuited: false, on_demand: true },
  ]) {
    expect(machineAdvice({ ...quiet, kernels: [{ ...one, ...why }] })).toEqual([]);
  }
});

test("a wide build is held against relaxed on one thread, and against nothing where either is missing", () => {
  expect(machineAdvice({ ...quiet, ...rates(9e10, 5e10) })).toEqual([]);
  const alone = [{ build: "wide", threads: 1, flops_per_s: 1 }];
  expect(machineAdvice({ ...quiet, ...withEnvironment({ ceilings: alone }) })).toEqual([]);
  // Without avx2 it cannot be, which is said once.
  const old = { ...rates(1, 2).environment, cpu_features: { avx2: false } };
  expect(machineAdvice({ ...quiet, environment: old })).toHaveLength(1);
});

test("the usual thread counts double up to all cores, each once and none above", () => {
  expect(usualThreads(1)).toEqual([]);
  expect(usualThreads(2)).toEqual([2]);
  expect(usualThreads(6)).toEqual([2, 4, 6]);
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 1024 }), (cores) => {
      const threads = usualThreads(cores);
      expect(threads.at(-1)).toBe(cores);
      expect(threads.every((count, at) => at === 0 || count > threads[at - 1])).toBe(true);
    }),
  );
});

test("what is printed says all of it, builds by thread count, and that nothing speaks against it", () => {
  const io = fakeIo();
  printMachine(quiet, [], io);
  expect(io.stdout()).toMatch(/^ {2}processor +Example CPU @ 3.00GHz, 8 cores$/m);
  expect(io.stdout()).toMatch(/^ {2}instructions +avx2, fma, no avx512f$/m);
  expect(io.stdout()).toMatch(/^ {2}wasm +WebAssembly SIMD: wide 0123$/m);
  expect(io.stdout()).toMatch(
    /^ceiling +1 thread +2 threads +8 threads\nwide +10.0 GFLOP\/s +– +–\nrelaxed +6.00 GFLOP\/s +– +–$/m,
  );
  expect(io.stdout()).toMatch(/^ {2}memory +not known over 128 MiB$/m);
  expect(io.stdout()).toMatch(/\n\nready to measure\n$/);
});

test("where no kernel can measure, what is printed says so, and lists the advice", () => {
  const io = fakeIo();
  const bare = { ...quiet, ...withEnvironment({ ceilings: [] }), kernels: [], reads: [] };
  printMachine(bare, ["one: do this", "two: do that"], io);
  expect(io.stdout()).toContain("\nceiling: not known, no kernel here can measure it\n");
  expect(io.stdout()).toMatch(/\n\n! one: do this\n! two: do that\n$/);
  expect(io.stdout()).not.toContain("nothing speaks");
});

test("what the system does not tell is not known, and no zero", () => {
  const io = fakeIo();
  const silent = { ...environment, caches: {}, memory_bytes: 0 };
  printMachine({ ...quiet, environment: silent, available_memory_bytes: null }, [], io);
  for (const name of ["caches", "memory", "memory left"]) {
    expect(io.stdout()).toMatch(new RegExp(`^  ${name} +not known$`, "m"));
  }
});
