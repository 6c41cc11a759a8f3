/** What a call of attention is given beside q, k and v. */
export interface CallSettings {
  /** What q·k is multiplied by before the softmax; 1/√d where it is left out. */
  readonly scale?: number | undefined;
  /** Keys that are left out whatever the variant; none where it is left out. */
  readonly mask?: KeyMask | undefined;
}

/** The keys that query `i` may attend: `i - left <= j <= i + right` and `from <= j < to`. Null is no limit. */
export interface KeyMask {
  /** May be negative, as `right` may: -1 leaves out the query's own key, too. */
  readonly left: number | null;
  readonly right: number | null;
  readonly from: number;
  readonly to: number | null;
}

/** The least and the largest scale: past them a float32 product of ordinary numbers is 0 or infinite. */
export const SCALES = { least: 1e-30, most: 1e30 } as const;

/** Whether a number can be a scale; NaN cannot. */
export function isScale(value: number): boolean {
  return value >= SCALES.least && value <= SCALES.most;
}

/** A mask in the words of the names of cases, such as `from=12,left=127`. */
export function maskText({ left, right, from, to }: KeyMask): string {
  const limits = { left, right, from: from === 0 ? null : from, to };
  return Object.entries(limits)
    .filter(([, limit]) => limit !== null)
    .map(([name, limit]) => `${name}=${limit}`)
    .join(",");
}
