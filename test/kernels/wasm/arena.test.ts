import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shapeOf } from "../../../src/core/shape.ts";
import { GUARD } from "../../../src/kernels/kernel.ts";
import { Arena, type Region } from "../../../src/kernels/wasm/arena.ts";

const shape = shapeOf({ batch: 2, heads: 1, length: 5, headDim: 3 });

describe("an arena", () => {
  it("hands out regions on lines that never overlap, whatever was given back before", () => {
    const step = fc.record({ bytes: fc.nat(5000), release: fc.option(fc.nat(), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const arena = new Arena();
        const held: Region[] = [];
        for (const { bytes, release } of steps) {
          if (release !== undefined && held.length > 0) {
            const [region] = held.splice(release % held.length, 1);
            arena.release(region);
          }
          const region = arena.reserve(bytes);
          expect(region.start % 64).toBe(0);
          // Whole vectors may be read beyond the end.
          expect(region.bytes).toBeGreaterThanOrEqual(bytes + 64);
          expect(region.start + region.bytes).toBeLessThanOrEqual(arena.memory.buffer.byteLength);
          for (const other of held) {
            const apart =
              other.start + other.bytes <= region.start || region.start + region.bytes <= other.start;
            expect(apart).toBe(true);
          }
          held.push(region);
        }
      }),
    );
  });

  it("grows no further when everything was given back, in any order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 8 }),
        fc.nat(),
        (sizes, order) => {
          const arena = new Arena();
          const round = (): void => {
            const held = sizes.map((size) => arena.reserve(size));
            while (held.length > 0) arena.release(held.splice(order % held.length, 1)[0]);
          };
          round();
          const before = arena.memory.buffer.byteLength;
          round();
          expect(arena.memory.buffer.byteLength).toBe(before);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("leaves room for canaries around every tensor, and keeps views valid while it grows", () => {
    const arena = new Arena();
    const { q, k, v, output } = arena.tensors(shape);
    const all = [q, k, v, output];
    for (const [index, tensor] of all.entries()) tensor.fill(index + 1);
    arena.reserve(10 * 2 ** 20);
    for (const [index, tensor] of all.entries()) {
      expect(tensor.length).toBe(30);
      expect(tensor.every((value) => value === index + 1)).toBe(true);
      const around = arena.floats(tensor.byteOffset - GUARD * 4, GUARD + 30 + GUARD);
      expect(around.subarray(0, GUARD).every((value) => value === 0)).toBe(true);
      expect(around.subarray(GUARD + 30).every((value) => value === 0)).toBe(true);
    }
  });

  it("makes room for k and v of fewer heads, for queries that are not the keys, and for values of any width", () => {
    const unlike = { batch: 2, heads: 4, kvHeads: 1, length: 5, queries: 7, headDim: 3, valueDim: 2 };
    const { q, k, v, output } = new Arena().tensors(unlike);
    const all = [q, k, v, output];
    expect(all.map(({ length }) => length)).toEqual([168, 30, 20, 112]);
    for (const [index, tensor] of all.entries()) tensor.fill(index + 1);
    for (const [index, tensor] of all.entries()) {
      expect(tensor.every((value) => value === index + 1)).toBe(true);
    }
  });

  it("knows its own arrays, before and after it grew, and no others", () => {
    const arena = new Arena();
    const early = arena.tensors(shape);
    arena.reserve(2 ** 20);
    const late = arena.tensors(shape);
    expect(Arena.of([early.q, late.k])).toBe(arena);
    expect(Arena.of([early.q, new Float32Array(30)])).toBeUndefined();
    expect(Arena.of([early.q, new Arena().tensors(shape).q])).toBeUndefined();
    expect(Arena.of([new Float32Array(30)])).toBeUndefined();
  });

  it("says what it has room for where 32-bit pointers end, and can be used after that", () => {
    const arena = new Arena();
    expect(() => arena.reserve(2 ** 33)).toThrow(
      /^wasm: a call must fit into 4294967296 bytes of memory, got 8589\d+$/,
    );
    expect(arena.reserve(100).start).toBe(64);
  });
});
