import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeFloats, type FloatFormat } from "../../src/input/float-formats.ts";

const ALL_HALVES = Uint16Array.from({ length: 1 << 16 }, (_, bits) => bits);

/** The value of sign, exponent and fraction as IEEE 754 writes it down. */
function ieeeValue(bits: number, exponentBits: number, fractionBits: number): number {
  const sign = bits >>> (exponentBits + fractionBits) === 0 ? 1 : -1;
  const exponent = Math.floor(bits / 2 ** fractionBits) % 2 ** exponentBits;
  const fraction = (bits % 2 ** fractionBits) / 2 ** fractionBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  if (exponent === 2 ** exponentBits - 1)
    return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** (1 - bias);
  return sign * (1 + fraction) * 2 ** (exponent - bias);
}

function decoded(format: FloatFormat, bytes: ArrayBuffer, count: number): Float32Array {
  const values = new Float32Array(count).fill(Number.NaN);
  decodeFloats(format, new DataView(bytes), values);
  return values;
}

describe("decoding floats", () => {
  it("gives each of the 65536 half-precision values exactly", () => {
    const values = decoded("F16", ALL_HALVES.buffer, ALL_HALVES.length);
    expect([...values]).toEqual([...ALL_HALVES].map((bits) => ieeeValue(bits, 5, 10)));
  });

  it("gives each of the 65536 bfloat16 values exactly", () => {
    const values = decoded("BF16", ALL_HALVES.buffer, ALL_HALVES.length);
    expect([...values]).toEqual([...ALL_HALVES].map((bits) => ieeeValue(bits, 8, 7)));
  });

  it("keeps float32 as it is and rounds float64 to the nearest float32", () => {
    fc.assert(
      fc.property(fc.array(fc.double()), (numbers) => {
        const wide = Float64Array.from(numbers);
        const narrow = Float32Array.from(numbers);
        expect(decoded("F64", wide.buffer, wide.length)).toEqual(narrow);
        expect(decoded("F32", narrow.buffer, narrow.length)).toEqual(narrow);
      }),
    );
  });

  it("reads little-endian bytes and writes only where it was told to", () => {
    const bytes = Uint8Array.from([0x00, 0x3c, 0x00, 0xc0]).buffer;
    const canaries = new Float32Array(4).fill(7);
    decodeFloats("F16", new DataView(bytes), canaries.subarray(1, 3));
    expect([...canaries]).toEqual([7, 1, -2, 7]);
  });
});
