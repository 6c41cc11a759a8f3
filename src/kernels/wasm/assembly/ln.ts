const LN_2: f64 = 0.6931471805599453;
const SQRT_2: f64 = 1.4142135623730951;

/**
 * Natural logarithm of a positive, normal number, to 1e-14: `x = 2^e·m` with m in [√½, √2], and `ln m = 2 artanh s`, `s = (m - 1) / (m + 1)`.
 * That of the standard library reads a table, which would lie in the memory that all threads share.
 */
function ln(x: f64): f64 {
  if (!(x > 0 && x < Infinity)) return x == 0 ? -Infinity : x > 0 ? x : NaN;
  const bits = reinterpret<u64>(x);
  let e = <i32>(bits >> 52) - 1023;
  let m = reinterpret<f64>((bits & 0xfffffffffffff) | 0x3ff0000000000000);
  if (m > SQRT_2) {
    m *= 0.5;
    e++;
  }
  const s = (m - 1) / (m + 1);
  const t = s * s;
  let sum: f64 = 1.0 / 17;
  sum = sum * t + 1.0 / 15;
  sum = sum * t + 1.0 / 13;
  sum = sum * t + 1.0 / 11;
  sum = sum * t + 1.0 / 9;
  sum = sum * t + 1.0 / 7;
  sum = sum * t + 1.0 / 5;
  sum = sum * t + 1.0 / 3;
  sum = sum * t + 1;
  return 2 * s * sum + <f64>e * LN_2;
}

/** `log2` of a sum of powers of 2, `2^maximum · total`. */
@inline
export function powerSum(maximum: f32, total: f32): f32 { return <f32>(<f64>maximum + ln(<f64>total) / LN_2); }

/** `ln Σ_j exp(score_j)` of an online softmax in powers of 2. */
@inline
export function logSum(maximum: f32, total: f32): f32 { return <f32>(<f64>maximum * LN_2 + ln(<f64>total)); }
