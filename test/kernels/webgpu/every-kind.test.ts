import { describe, expect, it } from "vitest";
import { namesIn, tensorNamed } from "../../../src/core/tensors.ts";
import { problemOfEachKind, withCopies } from "./every-kind.ts";
import { called, failureInAnyRow, outputOf, preparedCall } from "./judged-call.ts";
import { noDevice, whyNoDevice } from "./test-device.ts";

const problems = noDevice ? [] : problemOfEachKind();

describe.skipIf(noDevice)(`every kind that kernel webgpu computes${whyNoDevice}`, () => {
  it("is some of those that there are", () => {
    expect(problems.map(({ title }) => title)).toContain("softmaxPattern: full");
  });

  it.each(problems)("is right in every row: $title", async ({ problem }) => {
    expect(await failureInAnyRow(problem)).toBeNull();
  });

  it.each(problems)(
    "keeps nothing of a call on NaN, and gives the bits of a first call: $title",
    async ({ problem }) => {
      const first = await outputOf(problem);
      const changing = withCopies(problem);
      const runnable = await preparedCall(changing);
      for (const name of namesIn(changing.inputs)) tensorNamed(changing.inputs, name).fill(Number.NaN);
      await called(runnable);
      for (const name of namesIn(changing.inputs)) {
        tensorNamed(changing.inputs, name).set(tensorNamed(problem.inputs, name));
      }
      expect(await called(runnable)).toEqual(first);
      expect(await called(runnable)).toEqual(first);
      runnable.dispose();
    },
  );
});
