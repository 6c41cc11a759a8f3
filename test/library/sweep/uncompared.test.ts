import fc from "fast-check";
import { expect, test } from "vitest";
import { uncomparedIn } from "../../../src/library/sweep/uncompared.ts";
import type { PlannedCase } from "../../../src/record/schema/result-lines.ts";
import { examples } from "../../examples.ts";

const planned = (
  variant: string,
  kernel: string,
  length: number,
  unsupported: string | null,
): PlannedCase => ({
  case: `${variant}/${kernel}/${length}`,
  ...{ variant, kernel, length, batch: 1, heads: 1, head_dim: 8, causal: false, threads: 1, params: {} },
  ...{ useful_flops: 1, predicted_s: 1, unsupported },
});

const cases = fc.uniqueArray(
  fc
    .tuple(
      fc.constantFrom("full", "local", "linear"),
      fc.constantFrom("js", "wasm"),
      fc.constantFrom(8, 16),
      fc.constantFrom(null, "it cannot"),
    )
    .map((parts) => planned(...parts)),
  { selector: (one) => one.case },
);

test("a plan has something to tell if and only if what it measures by a kernel has no baseline by that kernel", () => {
  fc.assert(
    fc.property(cases, fc.constantFrom(undefined, "local"), (all, baseline) => {
      const measured = all.filter(({ unsupported }) => unsupported === null);
      const lost = measured.filter(
        (one) =>
          !measured.some(
            ({ variant, kernel, length }) =>
              variant === (baseline ?? "full") && kernel === one.kernel && length === one.length,
          ),
      );
      const told = uncomparedIn({ cases: all }, baseline);
      expect(told.length > 0).toBe(lost.length > 0);
    }),
    examples(200),
  );
});

test("where no kernel takes the baseline the reason is told, and otherwise which kernels do", () => {
  const others = [planned("linear", "native", 8, null), planned("linear", "native", 16, null)];
  expect(
    uncomparedIn(
      { cases: [planned("local", "js", 8, "no windows"), planned("local", "js", 16, null), ...others] },
      "local",
    ),
  ).toEqual([
    "the baseline local is not defined or not supported at 8, and nothing is compared with it: no windows",
    "linear by native: compared with nothing, since the baseline local is measured by js and not by that kernel; choose a kernel that all of them have",
  ]);
});
