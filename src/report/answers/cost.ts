import type { CaseRow } from "../../record/case-row.ts";
import { BASELINE, isBaseline } from "../../record/schema/baseline.ts";
import { formatBytes, formatLength } from "../../text/format.ts";
import { lengthsOf, rowAt, type Series } from "../series.ts";

/**
 * What the series hold in memory and how far they are from full attention, at the longest length measured;
 * null if neither is known.
 */
export function cost(series: readonly Series[]): string | null {
  const length = lengthsOf(series).findLast((at) =>
    series.some((one) => rowAt(one, at)?.outcome === "measured"),
  );
  if (length === undefined) return null;
  const measured = series.flatMap((one) => {
    const row = rowAt(one, length);
    return row?.outcome === "measured" ? [{ one, row }] : [];
  });
  const others = measured.filter(({ one }) => !isBaseline(one));
  const memory = extremes(others, (row) => row.workspace_bytes, formatBytes);
  const fidelity = extremes(others, (row) => row.fidelity_error, relative);
  const parts = [
    memory === null ? "" : `memory in addition to q, k, v and out is ${memory}${baselineMemory(measured)}`,
    fidelity === null ? "" : `the relative error against ${BASELINE} attention on this input is ${fidelity}`,
  ].filter(Boolean);
  return parts.length === 0 ? null : `Cost at ${formatLength(length)}: ${parts.join("; ")}.`;
}

interface Measured {
  readonly one: Series;
  readonly row: CaseRow;
}

/** `122 KiB (global) to 2.19 MiB (longformer)`. */
function extremes(
  measured: readonly Measured[],
  value: (row: CaseRow) => number | null,
  format: (value: number) => string,
): string | null {
  const known = measured
    .flatMap(({ one, row }) => {
      const number = value(row);
      return number === null ? [] : [{ one, number }];
    })
    .sort((a, b) => a.number - b.number);
  if (known.length === 0) return null;
  const [least, most] = [known[0], known[known.length - 1]];
  const told = ({ one, number }: (typeof known)[number]) => `${format(number)} (${one.label})`;
  if (least.number < most.number) return `${told(least)} to ${told(most)}`;
  return known.length === 1 ? told(least) : `${format(least.number)} for each`;
}

function baselineMemory(measured: readonly Measured[]): string {
  const bytes = measured.find(({ one }) => isBaseline(one))?.row.workspace_bytes ?? null;
  return bytes === null ? "" : `, ${formatBytes(bytes)} for ${BASELINE}`;
}

/** `79 %`, `1400 %`. */
function relative(error: number): string {
  const percent = 100 * error;
  return percent < 0.1 ? "under 0.1 %" : `${Number(percent.toPrecision(2))} %`;
}
