/** Bytes of a block, and of the length at the end of the last. */
const BLOCK = 64;
const LENGTH = 8;

/**
 * SHA-256 (FIPS 180-4) of all the bytes one after the other, as 64 hexadecimal digits. A browser has its own for awaited
 * calls only, and for pages that it holds to be secure.
 */
export function sha256(...parts: readonly Uint8Array[]): string {
  const bytes = padded(parts);
  const view = new DataView(bytes.buffer);
  const hash = FIRST.slice();
  const words = new Uint32Array(64);
  for (let block = 0; block < bytes.length; block += BLOCK) {
    for (let at = 0; at < 16; at++) words[at] = view.getUint32(block + 4 * at);
    for (let at = 16; at < 64; at++) {
      const [a, b] = [words[at - 15], words[at - 2]];
      const low = turned(a, 7) ^ turned(a, 18) ^ (a >>> 3);
      const high = turned(b, 17) ^ turned(b, 19) ^ (b >>> 10);
      words[at] = words[at - 16] + low + words[at - 7] + high;
    }
    mixIn(hash, words);
  }
  return [...hash].map((word) => word.toString(16).padStart(8, "0")).join("");
}

/** The rounds of one block, whose schedule is in `words`. */
function mixIn(hash: Uint32Array, words: Uint32Array): void {
  let [a, b, c, d, e, f, g, h] = hash;
  for (let round = 0; round < 64; round++) {
    const chosen = (e & f) ^ (~e & g);
    const sumE = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
    const first = (h + sumE + chosen + ROUNDS[round] + words[round]) | 0;
    const most = (a & b) ^ (a & c) ^ (b & c);
    const sumA = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + sumA + most) | 0];
  }
  const mixed = [a, b, c, d, e, f, g, h];
  for (let at = 0; at < mixed.length; at++) hash[at] += mixed[at];
}

/** The bytes, a bit that is set, zeros, and the number of bits. */
function padded(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(Math.ceil((length + 1 + LENGTH) / BLOCK) * BLOCK);
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  bytes[end] = 0x80;
  new DataView(bytes.buffer).setBigUint64(bytes.length - LENGTH, 8n * BigInt(length));
  return bytes;
}

function turned(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

/** The first 32 bits of the fractional parts of the roots of primes: square ones to begin with, cubic ones for the rounds. */
const PRIMES = firstPrimes(64);
const FIRST = Uint32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const ROUNDS = Uint32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));

function fraction(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32);
}

function firstPrimes(count: number): readonly number[] {
  const primes: number[] = [];
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  }
  return primes;
}
