import { identityKey } from "../record/schema/identity.ts";
import { quotient } from "../stats/quotient.ts";
import { lengthsOf, rowAt, type Series } from "./series.ts";
import { isTimed, type SpeedUp, timesAsFastAnywhere } from "./speed-up.ts";

/** Series that compute the same by different kernels. */
export interface Rivals {
  /** In the order of the file; of different kernels each. */
  readonly series: readonly Series[];
  /** That of the kernel with which the others are compared; null if it is not among them. */
  readonly reference: Series | null;
}

/** The same variants by several kernels, and the one with which others are compared: the first that the file names. */
export interface SideBySide {
  /** The kernel's name, safe to print; empty if nothing was measured by two. */
  readonly reference: string;
  readonly rivals: readonly Rivals[];
}

/** What was measured by more than one kernel. */
export function sideBySide(series: readonly Series[]): SideBySide {
  const measured = series.filter(({ rows }) => rows.some(isTimed));
  const groups = [...Map.groupBy(measured, sameWork).values()].filter((group) => group.length > 1);
  // In the order of the file, though it may have been measured in later groups alone.
  const reference = series.find(({ kernel }) => groups.flat().some((one) => one.kernel === kernel));
  const kernel = reference?.kernel;
  return {
    reference: reference?.kernelLabel ?? "",
    rivals: groups.map((group) => ({
      series: group,
      reference: group.find((one) => one.kernel === kernel) ?? null,
    })),
  };
}

/** Equal in series that compute the same, by whichever kernel. */
function sameWork({ rows }: Series): string {
  return identityKey(rows[rows.length - 1], ["kernel", "length"]);
}

/** How many times as fast as the reference at a length; null if either was not measured, or it is the reference itself. */
export function overReference(series: Series, { reference }: Rivals, length: number): SpeedUp | null {
  if (reference === null || reference === series) return null;
  const [row, other] = [rowAt(series, length), rowAt(reference, length)];
  return row === undefined || other === undefined ? null : timesAsFastAnywhere(other, row);
}

/** The longest length at which two of them were measured; null if there is none. */
export function longestShared({ series }: Rivals): number | null {
  const shared = lengthsOf(series).filter((length) => timedAt(series, length).length > 1);
  return shared.at(-1) ?? null;
}

/** Those measured at a length, the fastest first. */
export function timedAt(series: readonly Series[], length: number): readonly Series[] {
  const seconds = (one: Series) => {
    const row = rowAt(one, length);
    return row !== undefined && isTimed(row) ? row.median_s : Number.POSITIVE_INFINITY;
  };
  return series
    .filter((one) => seconds(one) < Number.POSITIVE_INFINITY)
    .sort((a, b) => seconds(a) - seconds(b));
}

/** Whether the intervals of the first two overlap, so that neither is known to be the faster. */
export function isClose([first, second]: readonly Series[], length: number): boolean {
  const [a, b] = [rowAt(first, length), rowAt(second, length)];
  if (a === undefined || b === undefined || !isTimed(a) || !isTimed(b)) return false;
  if (a.high_s === null || b.low_s === null) return quotient(b.median_s, a.median_s) === 1;
  return a.high_s >= b.low_s;
}
