// Runs in the page as well: imports nothing.

/** `N^1.02`; positions have a letter of their own. */
export function power(slope: number, letter = "N"): string {
  return `${letter}^${twoDecimals(slope)}`;
}

/** Never `-0.00`. */
export function twoDecimals(slope: number): string {
  return slope.toFixed(2).replace(/^-(0\.00)$/, "$1");
}
