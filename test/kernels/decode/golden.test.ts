import { describe, expect, it } from "vitest";
import { everyRow } from "../../../src/core/rows.ts";
import { expectation } from "../../../src/verify/expectation.ts";
import { goldenCases, goldenReference } from "../golden-cases.ts";
import { decoded, decodes, decodingKernels } from "./decoded.ts";

const causalCases = goldenCases.filter(({ problem }) => problem.causal);

describe.each(decodingKernels)("decoding by $name", (decoding) => {
  const supported = causalCases.filter(({ problem }) => decodes(decoding, problem));

  it.each(supported)("is within budget of the golden vectors, token by token: $title", (golden) => {
    const output = decoded(golden.problem, decoding.decode);
    const places = everyRow(golden.problem.shape);
    const { failure } = expectation(golden.problem, goldenReference(golden), places, 0).compare(output);
    expect(failure).toBeNull();
  });

  it("decodes some of the golden cases", () => {
    expect(supported).not.toEqual([]);
  });
});
