import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Problem } from "../../../src/core/problem.ts";
import { elementCount } from "../../../src/core/shape.ts";
import { compileSchedule } from "../../../src/kernels/compile-schedule.ts";
import type { Kernel } from "../../../src/kernels/kernel.ts";
import { availableBuilds, type Build, fastestBuild, instantiate } from "../../../src/kernels/wasm/build.ts";
import { MemoryPlan } from "../../../src/kernels/wasm/call-memory.ts";
import { prepareFeatureMap } from "../../../src/kernels/wasm/feature-map-kernel.ts";
import { createWasm } from "../../../src/kernels/wasm/index.ts";
import { PANEL, prepareSoftmax, TILE } from "../../../src/kernels/wasm/softmax-kernel.ts";
import { bindHeads } from "../../../src/pattern/bind.ts";
import { failureInAnyRow } from "../../measure/whole-gate.ts";
import { problemsFor } from "../arbitrary-problems.ts";
import { tasksOf } from "../expanded-schedule.ts";

const wasm = createWasm("auto");
const found = availableBuilds();
const builds = typeof found === "string" ? [] : found;

/** The wasm family held to one build. */
function forced(build: Build): Kernel {
  return {
    ...wasm,
    id: `wasm-${build.name}`,
    prepare: (problem) =>
      problem.mechanism.kind === "softmaxPattern"
        ? prepareSoftmax(problem, problem.mechanism, build)
        : prepareFeatureMap(problem, problem.mechanism, build),
  };
}

describe("the builds of the wasm family", () => {
  it("are two on an engine with relaxed SIMD, and the fastest is one of them", () => {
    expect(builds.map(({ name }) => name)).toEqual(["relaxed", "plain"]);
    expect(builds).toContain(fastestBuild(builds));
  });

  it("carry their name, flags and hash, no two alike", () => {
    for (const { name, details } of builds) {
      expect(details).toMatch(new RegExp(`^${name} [0-9a-f]{12}, V8 --experimental-wasm-revectorize$`));
    }
    expect(new Set(builds.map(({ details }) => details)).size).toBe(builds.length);
  });

  it.each(builds)("$name is compiled for the sizes that the host counts with", (build) => {
    const exports = instantiate(build, new MemoryPlan().allocate());
    expect(exports.QUERIES.value).toBe(TILE.queries);
    expect(exports.COLUMNS.value).toBe(TILE.columns);
    expect(exports.PANEL_QUERIES.value).toBe(PANEL.queries);
    expect(exports.PANEL_KEYS.value).toBe(PANEL.keys);
  });

  it.each(builds)("$name is right in every row for any problem", (build) => {
    fc.assert(
      fc.property(problemsFor(wasm), (problem) => {
        expect(failureInAnyRow(problem, forced(build))).toBeNull();
      }),
    );
  });
});

describe("work of the wasm family", () => {
  const [build] = builds;
  const ofPatterns = problemsFor(wasm).filter(({ mechanism }) => mechanism.kind === "softmaxPattern");

  it("counts panels of 6 queries and 16 keys whole, and values by the key", () => {
    fc.assert(
      fc.property(ofPatterns, (problem) => {
        const { headDim, batch } = problem.shape;
        const width = Math.ceil(headDim / 16) * 16;
        let flops = 0;
        for (const pattern of bindHeads(mechanismOf(problem), problem)) {
          for (const { rows, keys } of tasksOf(compileSchedule(pattern, TILE))) {
            if (keys.length === 0) continue;
            const queries = Math.ceil(rows.length / 6) * 6;
            const step = keys.length > 1 ? keys[1] - keys[0] : rows.length > 1 ? rows[1] - rows[0] : 1;
            const panels = new Set(keys.map((key) => Math.floor(Math.floor(key / step) / 16)));
            flops += 2 * queries * (16 * panels.size * headDim + keys.length * width);
          }
        }
        // A lone key of a lone row tells nothing of the step it was walked in, and lies in one panel in any case.
        expect(wasm.prepare(problem, new Float32Array()).executedFlops).toBe(batch * flops);
      }),
    );
  });

  it("counts its memory beside q, k, v and out, to within the page that ends it", () => {
    fc.assert(
      fc.property(problemsFor(wasm), (problem) => {
        const runnable = forced(build).prepare(problem, new Float32Array());
        const tensors = 16 * elementCount(problem.shape);
        const held = runnable.output().buffer.byteLength;
        expect(tensors + (runnable.workspaceBytes ?? 0)).toBeLessThanOrEqual(held);
        expect(tensors + (runnable.workspaceBytes ?? 0)).toBeGreaterThan(held - 65_536);
      }),
    );
  });
});

function mechanismOf({ mechanism }: Problem) {
  if (mechanism.kind !== "softmaxPattern") throw new TypeError(`must be a pattern, got ${mechanism.kind}`);
  return mechanism;
}
