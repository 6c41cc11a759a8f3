import { describe, expect, it } from "vitest";
import { everyRow } from "../../../src/core/rows.ts";
import { expectation } from "../../../src/verify/expectation.ts";
import { goldenCases, goldenReference } from "../golden-cases.ts";
import { decoded, decodingKernels, taskOf } from "./decoded.ts";

const causalCases = goldenCases.filter(({ problem }) => problem.causal);

describe.each(decodingKernels)("decoding by $name", ({ decode }) => {
  const supported = causalCases.filter(({ problem }) => decode.supports(taskOf(problem)) === true);

  it.each(supported)("is within budget of the golden vectors, token by token: $title", (golden) => {
    const output = decoded(golden.problem, decode);
    const places = everyRow(golden.problem.shape);
    const { failure } = expectation(golden.problem, goldenReference(golden), places, 0).compare(output);
    expect(failure).toBeNull();
  });

  it("decodes some of the golden cases", () => {
    expect(supported).not.toEqual([]);
  });
});
