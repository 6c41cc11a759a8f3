import { describe, expect, it } from "vitest";
import { outputCount } from "../../../src/core/outputs.ts";
import { shapeOf } from "../../../src/core/shape.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { js } from "../../../src/kernels/js/index.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { outputsOf } from "../../../src/mechanisms/outputs.ts";
import { whyUndefined } from "../../../src/mechanisms/why-undefined.ts";
import { expectation } from "../../../src/verify/expectation.ts";
import { rowsToCheck } from "../../../src/verify/gradient-rows.ts";
import { linear } from "../../../variants/feature-map/linear.ts";
import { performer } from "../../../variants/feature-map/performer.ts";
import { rfa } from "../../../variants/feature-map/rfa.ts";
import { taylor } from "../../../variants/feature-map/taylor.ts";
import { problemOf } from "../../kernels/arbitrary-problems.ts";
import { featureMapOf } from "../../variants/feature-problem.ts";
import { gradientOf } from "../gradient/gradient-problem.ts";
import { reference } from "../judge.ts";

const shape = shapeOf({ batch: 1, heads: 2, length: 5, headDim: 4 });

describe("the gradient of feature maps", () => {
  it.each([
    [linear, {}, []],
    [performer, {}, []],
    [rfa, {}, []],
    [taylor, {}, []],
    [taylor, { project: 3 }, ["dtaylor.r"]],
  ])(
    "has what is trained beside q, k and v, and not what is drawn for good: $id",
    (variant, params, others) => {
      const { mechanism } = parameterize(variant, params);
      const judged = builtInKinds.under({ mechanism }, { pass: "backward" });
      const names = outputsOf({ ...judged, shape }).map(({ name }) => name);
      expect(names).toEqual(["dq", "dk", "dv", ...others]);
    },
  );

  it("needs the slope of a map that is declared by its phi alone, and says so", () => {
    const feature = { id: "cube", phi: (x: number) => x ** 3 };
    const mechanism = { ...featureMapOf(linear, {}), feature };
    const judged = builtInKinds.under({ mechanism }, { pass: "backward" });
    const task = { ...judged, shape, causal: true, threads: 1 };
    const asked = { mode: "backward", causal: true } as const;
    expect(whyUndefined(judged, asked, shape)).toMatch(
      /needs the derivative of cube; declare its slope beside phi/,
    );
    expect(js.supports(task)).toMatch(/it needs the slope of cube/);
    const declared = { ...feature, slope: (x: number) => 3 * x ** 2 };
    const whole = builtInKinds.under(
      { mechanism: { ...mechanism, feature: declared } },
      { pass: "backward" },
    );
    expect(whyUndefined(whole, asked, shape)).toBeNull();
    expect(js.supports({ ...task, ...whole })).toBe(true);
  });

  it.each([false, true])(
    "is the same over more tokens than are weighed in pairs, and more queries than are gone through at once: causal %s",
    (causal) => {
      const long = shapeOf({ batch: 1, heads: 3, kvHeads: 1, length: 1500, headDim: 3 });
      const problem = gradientOf(problemOf(featureMapOf(linear, {}), long, causal));
      const output = new Float32Array(outputCount(outputsOf(problem)));
      const runnable = js.prepare(problem, output);
      runnable.save?.();
      runnable.run();
      const places = rowsToCheck(problem, 1);
      expect(places.length).toBeGreaterThan(30);
      const expected = expectation(problem, reference(problem), places, 0);
      expect(expected.compare(output).failure).toBeNull();
      // A thousandth of the weights more is seen.
      output[output.length - 1] *= 1.001;
      expect(expected.compare(output).failure).not.toBeNull();
    },
  );
});
