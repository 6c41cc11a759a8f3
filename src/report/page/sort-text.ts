/** What a cell is sorted by, with six digits, which is more than is shown. */
export function sortText(key: number): string {
  return `${Number(key.toPrecision(6))}`;
}
