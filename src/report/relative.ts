// Runs in the page as well: imports nothing.

/** `79 %`, `1400 %`. */
export function relative(error: number): string {
  const percent = 100 * error;
  return percent < 0.1 ? "under 0.1 %" : `${Number(percent.toPrecision(2))} %`;
}
