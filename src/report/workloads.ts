import { isFullAttention } from "../record/schema/baseline.ts";
import { labelsOf } from "../text/labels.ts";
import type { Series } from "./series.ts";

/** How far variants are from full attention on several inputs. */
export interface WorkloadErrors<One extends Series> {
  /** Tokens of each input. */
  readonly length: number;
  readonly inputs: readonly WorkloadInput[];
  readonly rows: readonly SeriesErrors<One>[];
  /** Those that approximate something else. */
  readonly apart: readonly One[];
}

export interface WorkloadInput {
  /** Safe to print and short. */
  readonly label: string;
  /** The error of the mean of v, which looks at neither q nor k. */
  readonly mean: number;
}

interface SeriesErrors<One extends Series> {
  readonly series: One;
  /** By input; null where it is not defined. */
  readonly errors: readonly (number | null)[];
}

/**
 * The errors of those series that approximate full attention, but for that itself; null if results have
 * none. Series in other settings, such as causal ones, count only if they have the same means of v.
 */
export function workloadErrors<One extends Series>(series: readonly One[]): WorkloadErrors<One> | null {
  const told = series.flatMap((one) => {
    const errors = one.rows.find((row) => row.fidelity_on !== undefined)?.fidelity_on ?? [];
    return errors.length === 0 ? [] : [{ one, errors }];
  });
  const isApart = ({ one }: { one: One }) => one.rows.some((row) => row.fidelity_against !== undefined);
  const [apart, known] = [told.filter(isApart), told.filter((one) => !isApart(one))];
  const inputs = new Map(known.flatMap(({ errors }) => errors.map((error) => [error.input, error] as const)));
  const [first] = inputs.values();
  const rows = known.flatMap(({ one, errors }) => {
    const isLike = errors.every((error) => inputs.get(error.input)?.mean_error === error.mean_error);
    if (isFullAttention(one) || !isLike) return [];
    const of = (input: string) => errors.find((error) => error.input === input)?.error ?? null;
    return [{ series: one, errors: [...inputs.keys()].map(of) }];
  });
  if (first === undefined || rows.length === 0) return null;
  const labels = labelsOf([...inputs.keys()].map(bare));
  return {
    length: first.length,
    inputs: [...inputs.values()].map(({ input, mean_error: mean }) => ({
      label: labels.get(bare(input)) ?? "",
      mean,
    })),
    rows,
    apart: apart.map(({ one }) => one),
  };
}

/** `text:` is a sample, of which its kind says all, and `image:patch=2` that in patches. */
function bare(input: string): string {
  return input.replace(/^([a-z]+):(?:,?(patch=\d+))?$/, (_, kind, patch = "") => `${kind} ${patch}`.trim());
}
