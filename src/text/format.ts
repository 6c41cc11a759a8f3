/**
 * Numbers as people read them. Quantities are finite and not negative; anything else is refused, so that a
 * missing number cannot pass as a figure. `digits` is the number of significant digits.
 */

/** Seconds as `12.3 ns`, `12.3 µs`, `1.23 ms`, `1.23 s` or `1.23 h`. */
export function formatSeconds(seconds: number, digits = 3): string {
  checkQuantity("formatSeconds", seconds);
  if (seconds === 0) return "0 s";
  const { text, unit } = scaled(seconds, timeUnits, digits);
  return `${text} ${unit}`;
}

/** A count as `123`, `1.23k`, `45.6M` or `7.89G`. Whole numbers below a thousand are exact. */
export function formatCount(count: number, digits = 3): string {
  checkQuantity("formatCount", count);
  if (count < 1000 && Number.isInteger(count)) return `${count}`;
  const { text, unit } = scaled(count, countUnits, digits);
  return `${text}${unit}`;
}

/** Floating-point operations as `123 FLOP`, `1.23 kFLOP`, `4.56 GFLOP`. */
export function formatFlops(flops: number, digits = 3): string {
  checkQuantity("formatFlops", flops);
  if (flops < 1000 && Number.isInteger(flops)) return `${flops} FLOP`;
  const { text, unit } = scaled(flops, countUnits, digits);
  return `${text} ${unit}FLOP`;
}

/** Bytes as `123 B`, `1.50 KiB`, `45.6 MiB`. */
export function formatBytes(bytes: number, digits = 3): string {
  checkQuantity("formatBytes", bytes);
  if (bytes < 1024 && Number.isInteger(bytes)) return `${bytes} B`;
  const { text, unit } = scaled(bytes, byteUnits, digits);
  return `${text} ${unit}`;
}

/**
 * A sequence length as one would type it: multiples of 1024 as `4k`, of 1 048 576 as `1M`, others in full.
 */
export function formatLength(length: number): string {
  if (!(Number.isInteger(length) && length >= 0)) {
    throw new RangeError(`formatLength: a length must be a whole number from 0, got ${length}`);
  }
  if (length >= 1024 ** 2 && length % 1024 ** 2 === 0) return `${length / 1024 ** 2}M`;
  if (length >= 1024 && length % 1024 === 0) return `${length / 1024}k`;
  return `${length}`;
}

/** A ratio as `0.052×`, `1.5×`, `12×` or `1240×`: two significant digits, or all whole ones. */
export function formatRatio(ratio: number, digits = 2): string {
  checkQuantity("formatRatio", ratio);
  return `${significant(ratio, digits)}×`;
}

/** A share as a percentage: `3 %`, `0.5 %`, `12 %`; two significant digits, or all whole ones. */
export function formatPercent(share: number, digits = 2): string {
  checkQuantity("formatPercent", share);
  // Rounded, so that the binary fraction of 0.035 · 100 does not decide.
  return `${Number(significant(Number((100 * share).toPrecision(12)), digits))} %`;
}

/**
 * A share in a column of numbers, where space is short: `3%`, `0.4%`, `<0.1%`. Sentences have
 * `formatPercent`.
 */
export function narrowPercent(share: number): string {
  const percent = 100 * share;
  if (percent < 0.1) return "<0.1%";
  return percent < 0.95 ? `${percent.toFixed(1)}%` : `${percent.toFixed(0)}%`;
}

type Units = readonly (readonly [size: number, unit: string])[];

const timeUnits: Units = [
  [1e-9, "ns"],
  [1e-6, "µs"],
  [1e-3, "ms"],
  [1, "s"],
  [3600, "h"],
];

const countUnits: Units = [
  [1, ""],
  [1e3, "k"],
  [1e6, "M"],
  [1e9, "G"],
  [1e12, "T"],
  [1e15, "P"],
];

const byteUnits: Units = [
  [1, "B"],
  [1024, "KiB"],
  [1024 ** 2, "MiB"],
  [1024 ** 3, "GiB"],
  [1024 ** 4, "TiB"],
];

function scaled(value: number, units: Units, digits: number): { text: string; unit: string } {
  let chosen = units[0];
  // Rounded before the choice, so that 999.96 µs becomes 1.00 ms and never 1000 µs.
  for (const candidate of units) {
    if (Number((value / candidate[0]).toPrecision(digits)) >= 1) chosen = candidate;
  }
  return { text: significant(value / chosen[0], digits), unit: chosen[1] };
}

function significant(value: number, digits: number): string {
  const rounded = Number(value.toPrecision(digits));
  if (rounded === 0) return "0";
  const decimals = digits - 1 - Math.floor(Math.log10(rounded));
  // A hundred decimals is the most that toFixed allows.
  return decimals > 0 ? rounded.toFixed(Math.min(decimals, 100)) : value.toFixed(0);
}

function checkQuantity(where: string, value: number): void {
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`${where}: the quantity must be finite and not negative, got ${value}`);
  }
}
