import type { CaseRow, Results } from "../src/record/case-row.ts";
import { formatFlops, formatLength, formatSeconds } from "../src/text/format.ts";
import { textColumns } from "../src/text/text-columns.ts";

/** What a GPU is to reach, as shares: of its products of tiles, and of the speed-up that fewer pairs allow. */
export const TARGETS = { ceiling: 0.4, ideal: 0.6 } as const;

/** Where full attention is held against the first. */
const AT = { length: 8192, headDim: 64 } as const;
/** The variants that are held against the second. */
const SPARSE = ["local", "bigbird"] as const;

/** One target, and what was reached of it; null if nothing was measured that tells. */
export interface Reached {
  readonly what: string;
  readonly target: number;
  readonly reached: number | null;
}

/** What kernel webgpu reached of its targets in these results, where not causal. */
export function reachedOf(results: readonly Results[]): readonly Reached[] {
  const rows = results
    .flatMap((one) => one.rows)
    .filter((row) => row.kernel === "webgpu" && row.outcome === "measured" && !row.causal);
  const wide = rows.filter((row) => row.head_dim === AT.headDim);
  const full = wide.find((row) => row.variant === "full" && row.length === AT.length);
  const percent = full?.percent_of_ceiling ?? null;
  return [
    {
      what: `full at ${formatLength(AT.length)}, of products of tiles`,
      target: TARGETS.ceiling,
      reached: percent === null ? null : percent / 100,
    },
    ...SPARSE.map((variant) => {
      const longest = wide
        .filter((row) => row.variant === variant && row.achieved_over_ideal !== null)
        .reduce<CaseRow | null>((a, b) => (a === null || b.length > a.length ? b : a), null);
      const where = longest === null ? "" : ` at ${formatLength(longest.length)}`;
      return {
        what: `${variant}${where}, of the ideal speed-up`,
        target: TARGETS.ideal,
        reached: longest?.achieved_over_ideal ?? null,
      };
    }),
  ];
}

/** Each case in a line: its time, the rate at which it computed, and what that is of the device and of the ideal. */
export function summaryLines({ rows }: Results, width: number): readonly string[] {
  const cell = (value: number | null, format: (value: number) => string): string =>
    value === null ? "–" : format(value);
  const share = (value: number) => `${Math.round(100 * value)} %`;
  const columns: readonly (readonly [string, (row: CaseRow) => string])[] = [
    ["time", (row) => (row.outcome === "measured" ? cell(row.median_s, formatSeconds) : row.outcome)],
    ["on the device", (row) => cell(row.device_s ?? null, formatSeconds)],
    ["rate", (row) => cell(rateOf(row), (rate) => `${formatFlops(rate)}/s`)],
    ["of tiles", (row) => cell(row.percent_of_ceiling, (percent) => share(percent / 100))],
    ["of ideal", (row) => cell(row.achieved_over_ideal, share)],
  ];
  const names = rows.map((row) => {
    return `${row.variant}${row.causal ? ", causal" : ""}, d ${row.head_dim}, ${formatLength(row.length)} by ${row.kernel}`;
  });
  return textColumns(
    { head: "case", cells: names },
    columns.map(([head, of]) => ({ head, cells: rows.map(of) })),
    width,
  );
}

/** Useful operations per second: kernels that count nothing are compared by the mathematics. */
function rateOf({ useful_flops: useful, median_s: seconds }: CaseRow): number | null {
  return useful === null || seconds === null || !(seconds > 0) ? null : useful / seconds;
}
