import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressOf, MemoryPlan } from "../../../src/kernels/native/call/memory.ts";
import { ffiOrThrow } from "../../../src/kernels/native/call/program.ts";
import { describeNative } from "./here.ts";

/** Numbers that no range begins or ends at. */
const NO_COUNTS = [-1, -0.5, 0.5, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53];

describe("a plan of memory", () => {
  it("refuses sizes that are no whole numbers of bytes, and regions before they are made", () => {
    const plan = new MemoryPlan();
    for (const bytes of NO_COUNTS) expect(() => plan.reserve(bytes)).toThrow(/whole number of bytes/);
    expect(() => plan.reserve(8)()).toThrow(/must be made/);
  });
});

describeNative("memory of machine code", () => {
  const sizes = fc.array(fc.nat(3000), { minLength: 1, maxLength: 30 });

  it("gives each region lines of its own, within the buffer, at the address that its views have", () => {
    const ffi = ffiOrThrow();
    fc.assert(
      fc.property(sizes, (all) => {
        const plan = new MemoryPlan();
        const asked = all.map((bytes) => plan.reserve(bytes));
        plan.make(ffi);
        const regions = asked.map((one) => one());
        let end = 0n;
        for (const [index, { address, bytes, floats, integers, words }] of regions.entries()) {
          expect(bytes).toBe(all[index]);
          expect(address % 64n).toBe(0n);
          expect(address).toBeGreaterThanOrEqual(end);
          end = address + BigInt(bytes);
          // Views hold all of the region, and nothing of the next.
          const next = regions[index + 1]?.address ?? (address / 64n + BigInt(Math.ceil(bytes / 64))) * 64n;
          for (const view of [floats, integers, words]) {
            expect(view.byteLength).toBeGreaterThanOrEqual(Math.floor(bytes / 8) * 8);
            expect(address + BigInt(view.byteLength)).toBeLessThanOrEqual(next);
            if (view.length > 0) expect(ffi.getRawPointer(view)).toBe(address);
            const { buffer, byteOffset, byteLength } = view;
            expect(byteOffset + byteLength).toBeLessThanOrEqual(buffer.byteLength);
          }
        }
      }),
    );
  });

  it("is shared, zero, and begins on a page", () => {
    const plan = new MemoryPlan();
    const region = plan.reserve(4096);
    plan.make(ffiOrThrow());
    const { address, floats } = region();
    expect(address % 4096n).toBe(0n);
    expect(floats.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(floats.every((value) => Object.is(value, 0))).toBe(true);
  });
});

describeNative("the address of an array's floats", () => {
  const arrays = fc.tuple(fc.nat(200), fc.nat(50), fc.boolean()).map(([length, before, shared]) => {
    const bytes = 4 * (length + before);
    const buffer = shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
    return new Float32Array(buffer, 4 * before, length);
  });
  const edges = fc.oneof(fc.integer({ min: -3, max: 260 }), fc.constantFrom(...NO_COUNTS, 2 ** 31, 2 ** 52));

  it("is given if, and only if, all of them are in the array", () => {
    const ffi = ffiOrThrow();
    fc.assert(
      fc.property(arrays, edges, edges, (array, from, count) => {
        const within =
          Number.isInteger(from) &&
          Number.isInteger(count) &&
          from >= 0 &&
          count >= 0 &&
          from + count <= array.length;
        if (!within) {
          expect(() => addressOf(ffi, array, from, count)).toThrow(RangeError);
          return;
        }
        const address = addressOf(ffi, array, from, count);
        expect(address - ffi.getRawPointer(array)).toBe(BigInt(4 * from));
        if (count === 0) return;
        const seen = new Float32Array(ffi.toBuffer(address, 4 * count, true).slice().buffer);
        expect(seen).toEqual(Float32Array.from(array.subarray(from, from + count)));
      }),
      { numRuns: 500 },
    );
  });

  it("is not given of a detached array, whose memory is another's", () => {
    const array = new Float32Array(16);
    structuredClone(array.buffer, { transfer: [array.buffer] });
    expect(() => addressOf(ffiOrThrow(), array, 0, 16)).toThrow(RangeError);
    expect(() => addressOf(ffiOrThrow(), array, 0, 0)).toThrow();
  });

  it("follows an array that grows or shrinks", () => {
    const buffer = new ArrayBuffer(64, { maxByteLength: 256 });
    const array = new Float32Array(buffer);
    expect(() => addressOf(ffiOrThrow(), array, 0, 17)).toThrow(RangeError);
    buffer.resize(128);
    expect(() => addressOf(ffiOrThrow(), array, 0, 32)).not.toThrow();
    buffer.resize(32);
    expect(() => addressOf(ffiOrThrow(), array, 0, 16)).toThrow(RangeError);
  });

  it("gives no address of what only says that it is long enough, or holds no floats", () => {
    const ffi = ffiOrThrow();
    const longer = Object.defineProperty(new Float32Array(4), "length", { value: 1000 });
    class Longer extends Float32Array {
      override get length(): number {
        return 1000;
      }
    }
    for (const array of [longer, new Longer(4)]) {
      expect(() => addressOf(ffi, array, 0, 5)).toThrow(RangeError);
    }
    for (const other of [new Uint8Array(64), new Float64Array(64), new ArrayBuffer(256), { length: 64 }]) {
      expect(() => addressOf(ffi, other as unknown as Float32Array, 0, 64)).toThrow(TypeError);
    }
  });
});
