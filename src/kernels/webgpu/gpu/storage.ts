/**
 * How numbers lie in a device's memory. Shaders compute in float32 either way; two halves share a word and are unpacked by
 * functions that every device has, so that float16 needs no feature.
 */
export type Storage = keyof typeof STORED;

export const STORED = {
  float32: { bytes: 4 },
  float16: { bytes: 2 },
} as const;

/** What an input is copied to before it goes to a device; null if it goes as it is. */
export type Copy = Float32Array<ArrayBuffer> | Float16Array<ArrayBuffer> | null;

/**
 * Where an input is copied to: what is stored as halves, two of which are written at a time, and what lies in memory that threads
 * share, which not every implementation takes.
 */
export function copyFor(values: Float32Array, storage: Storage): Copy {
  if (storage === "float16") return new Float16Array(values.length + (values.length % 2));
  return values.buffer instanceof ArrayBuffer ? null : new Float32Array(values.length);
}

/** Numbers as they are stored: the array itself, or its copy, brought up to date and rounded to halves if it is of those. */
export function stored(values: Float32Array, copy: Copy): Float32Array | Float16Array {
  if (copy === null) return values;
  copy.set(values);
  return copy;
}
