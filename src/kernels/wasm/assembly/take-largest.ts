/** Digits by which numbers are told apart: 11 bits, twice, and then 10. */
const DIGITS = 2048;
/** One number in so many is looked at for a first guess. */
const SAMPLED = 16;

/** A number as an unsigned integer in the same order; NaN beyond the numbers of its sign. -0 counts as 0. */
@inline
function ranked(bits: u32): u32 {
  if (bits == 0x80000000) bits = 0;
  return bits ^ (<u32>(<i32>bits >> 31) | 0x80000000);
}

/** The number that has this rank. */
@inline
function unranked(rank: u32): f32 { return reinterpret<f32>(rank ^ (~<u32>(<i32>rank >> 31) | 0x80000000)); }

/**
 * The places of the `wanted` largest of `count` numbers, rising; of equal ones the first. `scratch` has room for twice as many numbers,
 * and `digits` for `DIGITS` counts and one. A sample tells about how large they are, so that most numbers are only compared.
 */
export function takeLargest(numbers: usize, count: i32, wanted: i32, scratch: usize, digits: usize, taken: usize): void {
  const ranks = scratch + (<usize>count << 2);
  const guessed = wanted / SAMPLED * 3 / 2 + SAMPLED / 2;
  if (SAMPLED * guessed < count / 2) {
    for (let place = 0; place < count / SAMPLED; place++) {
      store<u32>(scratch + (<usize>place << 2), ranked(load<u32>(numbers + (<usize>(place * SAMPLED) << 2))));
    }
    const limit = limitOf(scratch, count / SAMPLED, guessed, digits);
    const kept = keepFrom(numbers, count, unranked(limit), scratch, ranks);
    if (kept >= wanted) {
      takeRanks(ranks, kept, wanted, digits, scratch, taken);
      return;
    }
  }
  for (let at: usize = 0; at < <usize>count << 2; at += 4) store<u32>(ranks + at, ranked(load<u32>(numbers + at)));
  takeRanks(ranks, count, wanted, digits, 0, taken);
}

/** Places of numbers that are no less than a limit, and their ranks. NaN is not among them. */
function keepFrom(numbers: usize, count: i32, limit: f32, places: usize, ranks: usize): i32 {
  const least = f32x4.splat(limit);
  let kept: usize = 0;
  for (let place = 0; place < count; place += 8) {
    const at = numbers + (<usize>place << 2);
    let found = i32x4.bitmask(f32x4.ge(v128.load(at), least)) | (i32x4.bitmask(f32x4.ge(v128.load(at, 16), least)) << 4);
    for (; found != 0; found &= found - 1) {
      const own = place + ctz(found);
      if (own >= count) break;
      store<i32>(places + kept, own);
      store<u32>(ranks + kept, ranked(load<u32>(numbers + (<usize>own << 2))));
      kept += 4;
    }
  }
  return <i32>(kept >> 2);
}

/** The `wanted` largest ranks: the places that they stand for, or their own if `places` is 0. */
function takeRanks(ranks: usize, count: i32, wanted: i32, digits: usize, places: usize, taken: usize): void {
  const limit = limitOf(ranks, count, wanted, digits);
  let left = load<i32>(digits + DIGITS * 4);
  for (let at: usize = 0; at < <usize>count << 2; at += 4) {
    const one = load<u32>(ranks + at);
    if (one < limit || (one == limit && --left < 0)) continue;
    store<i32>(taken, places == 0 ? <i32>(at >> 2) : load<i32>(places + at));
    taken += 4;
  }
}

/** The `wanted`th largest of some ranks; behind the counts of digits is how many of those that are equal to it are wanted. */
function limitOf(ranks: usize, count: i32, wanted: i32, digits: usize): u32 {
  let prefix: u32 = 0;
  let known: u32 = 0;
  for (let shift: u32 = 21; ; shift = shift == 21 ? 10 : 0) {
    const mask: u32 = shift == 0 ? 1023 : DIGITS - 1;
    memory.fill(digits, 0, DIGITS * 4);
    for (let at: usize = 0; at < <usize>count << 2; at += 4) {
      const one = load<u32>(ranks + at);
      if ((one & known) != prefix) continue;
      const digit = digits + (<usize>(one >> shift & mask) << 2);
      store<i32>(digit, load<i32>(digit) + 1);
    }
    let digit = mask;
    for (; digit > 0; digit--) {
      const own = load<i32>(digits + (<usize>digit << 2));
      if (own >= wanted) break;
      wanted -= own;
    }
    prefix |= digit << shift;
    known |= mask << shift;
    if (shift == 0) break;
  }
  store<i32>(digits + DIGITS * 4, wanted);
  return prefix;
}
