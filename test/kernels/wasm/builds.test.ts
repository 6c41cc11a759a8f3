import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { elementCount, shapeOf } from "../../../src/core/shape.ts";
import { builtInKernels } from "../../../src/kernels/index.ts";
import { guardedOutput, type Kernel, type ReadyKernel } from "../../../src/kernels/kernel.ts";
import { BUILD_NAMES, openBuild } from "../../../src/kernels/wasm/build.ts";
import { createWasm } from "../../../src/kernels/wasm/index.ts";
import { isFeatureMap } from "../../../src/mechanisms/feature-map/declare.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { failureInAnyRow } from "../../verify/whole-gate.ts";
import { problemsFor } from "../arbitrary-problems.ts";

const forced = BUILD_NAMES.map((name) => [name, createWasm(name)] as const);
const auto = createWasm("auto");

describe("the builds of the wasm family", () => {
  it("are all there on an engine with relaxed SIMD, carry their name and hash, and no two are alike", () => {
    const details = forced.map(([, kernel]) => kernel.details?.() ?? "");
    for (const [index, [name]] of forced.entries()) {
      expect(details[index]).toMatch(new RegExp(`^${name} [0-9a-f]{12}`));
    }
    expect(new Set(details).size).toBe(BUILD_NAMES.length);
  });

  it("record the flag that widens them where they are made for it, and no other", () => {
    const flagged = forced.filter(([, kernel]) =>
      kernel.details?.().includes("--experimental-wasm-revectorize"),
    );
    expect(flagged.map(([name]) => name)).toEqual(["wide"]);
  });

  it("are chosen from by auto", () => {
    expect(forced.map(([, kernel]) => kernel.details?.())).toContain(auto.details?.());
  });

  it("are what a kernel of the built-in list is forced to", () => {
    for (const [name, kernel] of forced) {
      const listed = builtInKernels(name).find(({ id }) => id === "wasm");
      // A process with many memories has no room for guards around one more.
      const named = (one?: Kernel) => one?.details?.().replace(", bounds checks", "");
      expect(named(listed)).toBe(named(kernel));
    }
  });

  it.each(forced)("%s is right in every row for any problem", (_name, kernel) => {
    fc.assert(
      fc.property(problemsFor(auto).filter(weighsWithoutSigns), (problem) => {
        expect(failureInAnyRow(problem, kernel)).toBeNull();
      }),
    );
  });

  it("agree with one another to rounding", () => {
    fc.assert(
      fc.property(problemsFor(auto).filter(weighsWithoutSigns), (problem) => {
        const [first, ...others] = forced.map(([, kernel]) => outputOf(problem, kernel));
        const largest = Math.max(1, ...problem.inputs.v.map(Math.abs));
        for (const other of others) {
          for (const [at, value] of other.entries())
            expect(Math.abs(value - first[at])).toBeLessThan(1e-3 * largest);
        }
      }),
      { numRuns: 30 },
    );
  });
});

/** Whether no sum of weights can cancel, so that a last digit moves an output by little. */
function weighsWithoutSigns({ mechanism, shape }: JudgedProblem): boolean {
  if (!isFeatureMap(mechanism)) return true;
  const { feature } = mechanism;
  if (feature.kind === "reweighted") return feature.horizon === null || feature.horizon >= shape.length;
  return feature.kind !== "trigonometric";
}

describe("an engine that lacks something", () => {
  it("is told why there is no build", () => {
    const { SharedArrayBuffer: shared, WebAssembly: wasm } = globalThis;
    try {
      Reflect.deleteProperty(globalThis, "SharedArrayBuffer");
      expect(openBuild("wide")).toMatch(/no SharedArrayBuffer/);
      const kernel = createWasm("auto");
      expect(kernel.supports(ANY_TASK)).toMatch(/no SharedArrayBuffer/);
      expect(kernel.unavailable?.()).toMatch(/no SharedArrayBuffer/);
      expect(kernel.limits?.ceilings(1)).toEqual([]);
      expect(kernel.limits?.readBandwidth(1024)).toBeNull();
      globalThis.SharedArrayBuffer = shared;
      Reflect.deleteProperty(globalThis, "WebAssembly");
      expect(createWasm("auto").supports(ANY_TASK)).toMatch(/no WebAssembly/);
    } finally {
      Object.assign(globalThis, { SharedArrayBuffer: shared, WebAssembly: wasm });
    }
  });

  it("still has the plain build where it has no relaxed SIMD, and says why a forced one is not there", () => {
    const { validate } = WebAssembly;
    try {
      WebAssembly.validate = (bytes) => validate(bytes) && !hasRelaxed(bytes);
      expect(createWasm("auto").details?.()).toMatch(/^plain /);
      expect(createWasm("wide").supports(ANY_TASK)).toMatch(/no relaxed SIMD/);
      expect(createWasm("plain").supports(ANY_TASK)).toBe(true);
      WebAssembly.validate = () => false;
      expect(createWasm("auto").supports(ANY_TASK)).toMatch(/no 128-bit SIMD/);
    } finally {
      WebAssembly.validate = validate;
    }
  });
});

const ANY_TASK = {
  mechanism: { kind: "featureMap", feature: { id: "elu+1" } },
  shape: shapeOf({ batch: 1, heads: 1, length: 8, headDim: 8 }),
  causal: false,
  threads: 1,
} as Parameters<Kernel["supports"]>[0];

/** Whether a module has `f32x4.relaxed_madd`: opcode 0x105 behind the SIMD prefix. */
function hasRelaxed(bytes: Uint8Array): boolean {
  return bytes.some((byte, at) => byte === 0xfd && bytes[at + 1] === 0x85 && bytes[at + 2] === 0x02);
}

function outputOf(problem: Parameters<Kernel["prepare"]>[0], kernel: ReadyKernel): Float32Array {
  const runnable = kernel.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
  runnable.run();
  const output = runnable.output().slice();
  runnable.dispose();
  return output;
}
