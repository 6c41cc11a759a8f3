import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shapeOf } from "../../src/core/shape.ts";
import { parameterize } from "../../src/core/variant.ts";
import { builtInKernels } from "../../src/kernels/index.ts";
import { supportsPass } from "../../src/kernels/supports-mode.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { full } from "../../variants/dense/full.ts";
import { examples } from "../examples.ts";
import { failureInAnyRow } from "../verify/whole-gate.ts";
import { layersFor } from "./arbitrary-layers.ts";
import { problemOf } from "./arbitrary-problems.ts";

const usual = { modelDim: 16, heads: 2, kvHeads: 2, headDim: 8, valueDim: 8, positions: null, biases: false };

const { mechanism } = builtInKinds.under(parameterize(full, {}), { layer: usual });
const probe = problemOf(mechanism, shapeOf({ batch: 1, heads: 1, length: 8, headDim: 16 }), false);

describe.each(builtInKernels().filter((kernel) => supportsPass(kernel, probe) === true))(
  "layers by $id",
  (kernel) => {
    it("are right in every row around any variant, in any shape and with any positions", () => {
      fc.assert(
        fc.property(layersFor(kernel), (problem) => {
          const failure = failureInAnyRow(problem, kernel);
          const told = `${JSON.stringify(problem.mechanism)} ${JSON.stringify(problem.shape)} ${problem.causal}`;
          if (failure !== null) expect(`${told}: ${failure}`).toBeNull();
        }),
        examples(),
      );
    });
  },
);
