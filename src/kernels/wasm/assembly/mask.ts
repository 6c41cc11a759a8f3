import { multiplyAdd } from "./micro";

/** Sets the scores of columns `from … to-1` to -∞, so that their weights are 0. */
export function clearColumns(s: usize, from: i32, to: i32): void {
  for (let c = from; c < to; c++) store<f32>(s + (<usize>c << 2), -Infinity);
}

/** Sets the scores of keys whose bit is clear to -∞; returns whether any bit is set. */
export function clearUnattended(s: usize, bits: usize, keys: i32): bool {
  let any: u32 = 0;
  for (let c = 0; c < keys; c += 32) {
    let word = load<u32>(bits + (<usize>(c >> 5) << 2));
    const here = min(32, keys - c);
    if (here < 32) word &= (<u32>1 << here) - 1;
    any |= word;
    let clear = ~word & (here == 32 ? <u32>0xffffffff : (<u32>1 << here) - 1);
    while (clear != 0) {
      store<f32>(s + (<usize>(c + ctz(clear)) << 2), -Infinity);
      clear &= clear - 1;
    }
  }
  return any != 0;
}

/**
 * Adds weighted values of attended keys alone to one row, in the micro-kernel's order and rounding: where a value is not
 * finite, even weight 0 would spread it to rows that do not attend it.
 */
export function addAttendedValues(s: usize, bits: usize, keys: i32, v: usize, vStep: usize, o: usize, rowBytes: usize): void {
  for (let i: usize = 0; i < rowBytes; i += 16) {
    let sum = v128.load(o + i);
    for (let c = 0; c < keys; c++) {
      const word = load<u32>(bits + (<usize>(c >> 5) << 2));
      if (((word >> (c & 31)) & 1) != 0) {
        sum = multiplyAdd(v128.load32_splat(s + (<usize>c << 2)), v128.load(v + <usize>c * vStep + i), sum);
      }
    }
    v128.store(o + i, sum);
  }
}
