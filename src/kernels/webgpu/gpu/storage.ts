/**
 * How numbers lie in a device's memory. Shaders compute in float32 either way; two halves share a word and are unpacked by
 * functions that every device has, so that float16 needs no feature.
 */
export type Storage = keyof typeof STORED;

export const STORED = {
  float32: { bytes: 4 },
  float16: { bytes: 2 },
} as const;

/** Numbers as they are stored: the array itself, or its numbers rounded to halves, `halves` being as many. */
export function stored(values: Float32Array, halves: Float16Array | null): Float32Array | Float16Array {
  if (halves === null) return values;
  halves.set(values);
  return halves;
}
