/** Digits of a number by which candidates are told apart: 11 bits, twice, and then 10. */
const DIGITS = 2048;

/** A number as an unsigned integer in the same order; NaN beyond the numbers of its sign. -0 counts as 0. */
@inline
function ranked(bits: u32): u32 {
  if (bits == 0x80000000) bits = 0;
  return bits ^ (<u32>(<i32>bits >> 31) | 0x80000000);
}

/**
 * The places of the `wanted` largest of `count` numbers, rising; of equal ones the first. `candidates` has room for all numbers, and
 * `digits` for `DIGITS` counts. Found digit by digit, so that the order of the numbers does not matter for the time it takes.
 */
export function takeLargest(numbers: usize, count: i32, wanted: i32, candidates: usize, digits: usize, taken: usize): void {
  let shift: u32 = 21;
  let left = wanted;
  let digit = findDigit(numbers, count, shift, left, digits, true);
  left = load<i32>(digits + DIGITS * 4);
  let prefix = digit << shift;
  let kept = 0;
  for (let at: usize = 0; at < <usize>count << 2; at += 4) {
    const one = ranked(load<u32>(numbers + at));
    if (one >> shift != digit) continue;
    store<u32>(candidates + (<usize>kept << 2), one);
    kept++;
  }
  while (shift > 0) {
    shift = shift == 21 ? 10 : 0;
    digit = findDigit(candidates, kept, shift, left, digits, false);
    left = load<i32>(digits + DIGITS * 4);
    prefix |= digit << shift;
    let fewer = 0;
    const mask: u32 = shift == 0 ? 1023 : DIGITS - 1;
    for (let at: usize = 0; at < <usize>kept << 2; at += 4) {
      const one = load<u32>(candidates + at);
      if ((one >> shift & mask) != digit) continue;
      store<u32>(candidates + (<usize>fewer << 2), one);
      fewer++;
    }
    kept = fewer;
  }
  // The limit is a number, of which the first `left` are taken.
  for (let place = 0; place < count; place++) {
    const one = ranked(load<u32>(numbers + (<usize>place << 2)));
    if (one < prefix) continue;
    if (one == prefix && --left < 0) continue;
    store<i32>(taken, place);
    taken += 4;
  }
}

/** The digit of the `wanted`th largest number, and behind the counts how many of those with that digit are wanted. */
function findDigit(numbers: usize, count: i32, shift: u32, wanted: i32, digits: usize, raw: bool): u32 {
  memory.fill(digits, 0, DIGITS * 4);
  const mask: u32 = shift == 0 ? 1023 : DIGITS - 1;
  for (let at: usize = 0; at < <usize>count << 2; at += 4) {
    const bits = load<u32>(numbers + at);
    const digit = digits + (<usize>((raw ? ranked(bits) : bits) >> shift & mask) << 2);
    store<i32>(digit, load<i32>(digit) + 1);
  }
  let digit = mask;
  for (; ; digit--) {
    const own = load<i32>(digits + (<usize>digit << 2));
    if (own >= wanted || digit == 0) break;
    wanted -= own;
  }
  store<i32>(digits + DIGITS * 4, wanted);
  return digit;
}
