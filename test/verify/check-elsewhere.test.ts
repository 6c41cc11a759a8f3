import { describe, expect, it } from "vitest";
import type { Shape } from "../../src/core/shape.ts";
import { syntheticSource } from "../../src/input/synthetic.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { softmaxPatternKind } from "../../src/mechanisms/softmax-pattern/kind.ts";
import { formLaws } from "../../src/mechanisms/softmax-pattern/laws/index.ts";
import { check } from "../../src/verify/check.ts";
import { local } from "../../variants/sparse/local.ts";
import { type DeviceManner, fakeDevice } from "./fake-device.ts";

// Those of forms say nothing of variants without any.
const laws = softmaxPatternKind.laws.filter((law) => !formLaws.includes(law));

/** Everything that `check` finds of a device that takes few tokens. */
async function checked(manner: DeviceManner) {
  const device = fakeDevice("device", {
    ...manner,
    supports: ({ shape }) => (shape.length < 130 && shape.headDim < 13) || "too large for it",
  });
  const results = await Array.fromAsync(
    check([local], [device], {
      inputs: (kind: "gaussian" | "peaked", shape: Shape, seed: number) =>
        syntheticSource(kind, seed).inputs(shape),
      seed: 3,
      kinds: builtInKinds,
      kernels: [],
      signal: new AbortController().signal,
      now: () => performance.now() / 1000,
    }),
  );
  await device.close();
  return results;
}

describe("check", () => {
  it("holds what computes elsewhere to the gate and to every law, and says what cannot be known of it", async () => {
    const results = await checked({});
    expect(results.map(({ check: title, failure, notRun }) => [title, failure, notRun])).toEqual(
      ["gate", ...laws.map(({ title }) => title)].map((title) => [title, null, undefined]),
    );
    expect(results[0].remark).toMatch(/^kernel device computes elsewhere, where no speed limit is known/);
    expect(results.slice(1).map(({ remark }) => remark)).toEqual(laws.map(() => undefined));
  });

  it("finds laws that a device breaks, and goes on with others", async () => {
    let noise = 0;
    const results = await checked({
      bend: ({ honest, output }) => ({
        async fetch() {
          await honest.fetch?.();
          // Within the budget, and never the same.
          output[0] *= 1 + 2 ** -23 * (noise++ % 3);
        },
      }),
    });
    const broken = results.filter(({ failure }) => failure !== null).map(({ check: title }) => title);
    expect(broken).toContain("the same call twice gives the same bits");
    expect(broken).not.toContain("pairs, intervals and membership agree");
  });

  it("fails every check of a device that is lost, and comes to its end", async () => {
    const results = await checked({
      bend: () => ({ finish: () => Promise.reject(new Error("the device is gone")) }),
    });
    const failures = results
      .filter(({ check: title }) => !title.startsWith("pairs"))
      .map(({ failure }) => failure);
    expect(failures.length).toBeGreaterThan(1);
    for (const failure of failures) expect(failure).toMatch(/: the kernel threw: the device is gone$/);
  });
});
