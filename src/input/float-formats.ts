/** The floating-point formats that are read, named as in safetensors. All are little-endian in the file. */
export type FloatFormat = "F64" | "F32" | "F16" | "BF16";

/** Bytes of one element. */
export const FORMAT_BYTES: Readonly<Record<FloatFormat, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2 };

export function isFloatFormat(name: string): name is FloatFormat {
  return Object.hasOwn(FORMAT_BYTES, name);
}

/**
 * Fills `into` from its `into.length` elements in `bytes`. F16, BF16 and F32 are converted exactly, with
 * subnormals, infinities and NaN; F64 is rounded to nearest, and what is beyond the range of float32 becomes
 * infinite.
 */
export function decodeFloats(format: FloatFormat, bytes: DataView, into: Float32Array): void {
  const count = into.length;
  switch (format) {
    case "F64":
      for (let index = 0; index < count; index++) into[index] = bytes.getFloat64(index * 8, true);
      return;
    case "F32":
      for (let index = 0; index < count; index++) into[index] = bytes.getFloat32(index * 4, true);
      return;
    case "F16": {
      const bits = new Uint32Array(into.buffer, into.byteOffset, count);
      for (let index = 0; index < count; index++) bits[index] = widenHalf(bytes.getUint16(index * 2, true));
      return;
    }
    case "BF16": {
      // bfloat16 is the upper half of a float32.
      const bits = new Uint32Array(into.buffer, into.byteOffset, count);
      for (let index = 0; index < count; index++) bits[index] = bytes.getUint16(index * 2, true) << 16;
      return;
    }
    default:
      format satisfies never;
  }
}

/**
 * The bits of the float32 equal to a binary16 (IEEE 754-2008: 1 sign bit, 5 of exponent biased by 15, 10 of
 * fraction).
 */
function widenHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent !== 0) return sign | ((exponent + 127 - 15) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // A subnormal is fraction · 2^-24, which float32 holds as a normal number led by the fraction's top bit.
  const top = 31 - Math.clz32(fraction);
  return sign | ((top + 127 - 24) << 23) | ((fraction << (23 - top)) & 0x7fffff);
}
