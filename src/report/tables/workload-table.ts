import { formatLength, formatRatio } from "../../text/format.ts";
import { relative } from "../relative.ts";
import type { Series } from "../series.ts";
import { workloadErrors } from "../workloads.ts";

/** Errors against full attention on several inputs. */
export interface WorkloadTable {
  readonly title: string;
  /** The inputs. */
  readonly heads: readonly string[];
  readonly rows: readonly { readonly series: Series; readonly cells: readonly WorkloadCell[] }[];
  /** Of the mean of v, by input. */
  readonly means: readonly { readonly text: string; readonly value: number }[];
}

interface WorkloadCell {
  /** `42 %`; `–` if it is not defined. */
  readonly error: string;
  /** The error itself; null if it is not defined. */
  readonly value: number | null;
  /** `0.7×`, over the error of the mean of v; empty if there is none. */
  readonly overMean: string;
}

/** How to read it. */
export const WORKLOAD_NOTE =
  "Relative distance to full attention on the same q, k and v, of each variant's mathematics in float64, whatever the run was " +
  "timed on; and how many times that of the mean of v, which looks at neither q nor k: below 1× a variant sees something of " +
  "what full attention sees. On random numbers every key is as good as any other. Projections are untrained.";

/** The table for the passes of a report; null if it holds no such errors. */
export function workloadTable(series: readonly Series[]): WorkloadTable | null {
  const found = workloadErrors(series);
  if (found === null) return null;
  const { length, inputs, rows } = found;
  return {
    title: `Errors on different inputs, of ${formatLength(length)} ${length === 1 ? "token, over which every variant is full attention" : "tokens"}`,
    heads: inputs.map(({ label }) => label),
    rows: rows.map(({ series: one, errors }) => ({
      series: one,
      cells: errors.map((error, at) => cellOf(error, inputs[at].mean)),
    })),
    means: inputs.map(({ mean }) => ({ text: relative(mean), value: mean })),
  };
}

function cellOf(error: number | null, mean: number): WorkloadCell {
  if (error === null) return { error: "–", value: null, overMean: "" };
  return { error: relative(error), value: error, overMean: mean > 0 ? formatRatio(error / mean) : "" };
}
