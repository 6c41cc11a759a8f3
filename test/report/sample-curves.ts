import type { CaseRow, Results } from "../../src/record/case-row.ts";
import { sampleResults } from "./sample-results.ts";

export interface CurveOptions {
  /** By variant, what its curve goes through; the parameter is `size`. */
  curves?: Readonly<Record<string, readonly number[]>>;
  lengths?: readonly number[];
  kernels?: readonly string[];
  /** The error of the mean of v. */
  mean?: number | null;
  error?: (value: number, variant: string) => number | null;
}

/** Results of a run with curves that never was: a value takes time in proportion, and halves the error as it doubles. */
export function sampleCurves({
  curves = { local: [8, 16, 32, 64], bigbird: [1, 2, 4] },
  lengths = [256, 1024],
  kernels = ["js"],
  mean = 0.8,
  error = (value) => 16 / value,
}: CurveOptions = {}): Results {
  const results = sampleResults({ noise: 0, lengths, kernels });
  const rows = results.rows.flatMap((row): CaseRow[] => {
    const of = { ...row, mean_fidelity_error: mean };
    if (row.variant === "full") return [of];
    return (curves[row.variant] ?? []).map((size) => ({
      ...of,
      case: `${row.case} size=${size}`,
      params: { size, seed: 0 },
      median_s: size * 1e-5,
      low_s: null,
      high_s: null,
      fidelity_error: error(size, row.variant),
    }));
  });
  return { ...results, rows, rounds: [] };
}
