import { describe, expect, it } from "vitest";
import { shapeOf } from "../../../src/core/shape.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { streaming } from "../../../variants/sparse/streaming.ts";
import { problemOf } from "../arbitrary-problems.ts";
import { decodingKernels, prepareSteps, taskOf } from "./decoded.ts";

const [SINKS, WINDOW] = [3, 9];
const shape = shapeOf({ batch: 2, heads: 2, length: 120, headDim: 5 });
const problem = problemOf(parameterize(streaming, { sinks: SINKS, window: WINDOW }).mechanism, shape, true);

describe.each(decodingKernels)("decoding by $name", ({ decode }) => {
  it.runIf(decode.supports(taskOf(problem)) === true)(
    "keeps 2·d numbers of each sink and each token of the window, however many were taken in",
    () => {
      const stepper = prepareSteps(decode, problem);
      const numbers = 2 * shape.headDim * (SINKS + WINDOW) * shape.heads * shape.batch;
      for (const position of [SINKS + WINDOW, 40, 77, 100]) {
        stepper.prefill(problem.inputs, position - stepper.position);
        expect({ position, bytes: stepper.stateBytes }).toEqual({ position, bytes: 4 * numbers });
      }
      stepper.dispose();
    },
  );
});
