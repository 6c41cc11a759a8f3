import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createWasm } from "../../../src/kernels/wasm/index.ts";
import { examples } from "../../examples.ts";
import { failureInAnyRow } from "../../verify/whole-gate.ts";
import { layersFor } from "../arbitrary-layers.ts";
import { describeProblem } from "../arbitrary-problems.ts";

const wasm = createWasm("auto");

describe("a layer", () => {
  it("is right in every row around heads of any variant, with all that a layer may have", () => {
    fc.assert(
      fc.property(layersFor(wasm), (problem) => {
        const failure = failureInAnyRow(problem, wasm);
        if (failure !== null) expect(`${describeProblem(problem)}: ${failure}`).toBeNull();
      }),
      examples(),
    );
  }, 120_000);
});
