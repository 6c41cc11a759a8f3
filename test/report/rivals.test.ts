import { expect, test } from "vitest";
import { sideBySide } from "../../src/report/rivals.ts";
import { seriesOf } from "../../src/report/series.ts";
import { sampleResults } from "./sample-results.ts";

/** Two variants by three kernels, of which some cases have failed. */
function measured(failed: (variant: string, kernel: string) => boolean) {
  const { rows } = sampleResults({ variants: 2, lengths: [256, 512] });
  const both = ["first", "second", "third"].flatMap((kernel) =>
    rows.map((row) => ({ ...row, kernel, case: row.case.replace("wasm", kernel) })),
  );
  const inOrder = both.toSorted(
    (a, b) =>
      rows.findIndex((row) => row.variant === a.variant) - rows.findIndex((row) => row.variant === b.variant),
  );
  return sideBySide(
    seriesOf(
      inOrder.map((row) =>
        failed(row.variant, row.kernel)
          ? {
              ...row,
              outcome: "failed" as const,
              reason: "no",
              rounds: 0,
              median_s: null,
              low_s: null,
              high_s: null,
            }
          : row,
      ),
    ),
  );
}

test("kernels are compared with the first that the file names", () => {
  const { reference, rivals } = measured(() => false);
  expect(reference).toBe("first");
  expect(rivals.map(({ reference: one }) => one?.kernel)).toEqual(["first", "first"]);
});

test("the first of them that was measured beside another, though it failed for the first variant", () => {
  const { reference, rivals } = measured((variant, kernel) => variant === "full" && kernel === "first");
  expect(reference).toBe("first");
  expect(rivals.map(({ reference: one }) => one?.kernel)).toEqual([undefined, "first"]);
});

test("nothing is side by side where one kernel alone was measured", () => {
  expect(measured((_, kernel) => kernel !== "first")).toEqual({ reference: "", rivals: [] });
});
