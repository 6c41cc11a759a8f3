import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { overTokens, type Shape, shapeOf } from "../../src/core/shape.ts";
import { capturedFile, capturedFolder } from "../../src/input/captured.ts";
import { writeSafetensors } from "../../src/input/write-safetensors.ts";
import { floatBytes, npyHeader, rawNpy } from "./raw-files.ts";
import { refusal, thrownBy } from "./refusal.ts";
import { scratchFolder } from "./scratch-folder.ts";
import { takePrefix } from "./take-prefix.ts";

const folder = scratchFolder();
const path = join(folder.path, "captured.safetensors");

/** A tensor that counts up from `start`, so that every element tells its place. */
function counting(shape: readonly number[], start = 0) {
  const elements = shape.reduce((product, dimension) => product * dimension, 1);
  return { shape, data: Float32Array.from({ length: elements }, (_, index) => start + index) };
}

function write(q: readonly number[], k = q, v = k): string {
  writeSafetensors(path, { q: counting(q), k: counting(k, 1000), v: counting(v, 2000) });
  return path;
}

const dimension = fc.integer({ min: 1, max: 5 });

describe("captured inputs", () => {
  it("are the tensors of the file, and shorter ones are prefixes of it", () => {
    fc.assert(
      fc.property(
        dimension,
        dimension,
        dimension,
        dimension,
        fc.nat(4),
        (batch, heads, length, headDim, less) => {
          const shape = shapeOf({ batch, heads, length, headDim });
          const whole = {
            shape,
            q: counting([batch, heads, length, headDim]).data,
            k: counting([batch, heads, length, headDim], 1000).data,
            v: counting([batch, heads, length, headDim], 2000).data,
          };
          const source = capturedFile(write([batch, heads, length, headDim]));
          expect(source).toMatchObject({
            fixed: { batch, heads, headDim },
            maxLength: length,
            name: `file:${path}`,
          });
          expect(source.inputs(shape)).toEqual(whole);
          const shorter = Math.max(1, length - less);
          expect(source.inputs(overTokens(shape, shorter))).toEqual(takePrefix(whole, shorter));
        },
      ),
      { numRuns: 50 },
    );
  });

  it("come from a folder of .npy files alike", () => {
    const place = join(folder.path, "layer 3");
    mkdirSync(place);
    const shape = [1, 2, 3, 2];
    for (const [index, name] of ["q", "k", "v"].entries()) {
      folder.write(
        join("layer 3", `${name}.npy`),
        rawNpy(npyHeader("<f4", shape), floatBytes(counting(shape, 100 * index).data)),
      );
    }
    const source = capturedFolder(place);
    const { q, k, v } = source.inputs(shapeOf({ batch: 1, heads: 2, length: 2, headDim: 2 }));
    expect([...q]).toEqual([0, 1, 2, 3, 6, 7, 8, 9]);
    expect([...k]).toEqual([100, 101, 102, 103, 106, 107, 108, 109]);
    expect(v[0]).toBe(200);
    rmSync(join(place, "v.npy"));
    expect(refusal(() => capturedFolder(place))).toContain("must hold q.npy, k.npy and v.npy, got no v.npy");
  });

  it("are fresh on every call", () => {
    const source = capturedFile(write([1, 1, 2, 2]));
    const shape = shapeOf({ batch: 1, heads: 1, length: 2, headDim: 2 });
    source.inputs(shape).q.fill(Number.NaN);
    expect([...source.inputs(shape).q]).toEqual([0, 1, 2, 3]);
  });

  it.each<[string, number[], number[], number[], Partial<Shape>]>([
    ["grouped keys", [1, 8, 4, 2], [1, 2, 4, 2], [1, 2, 4, 2], { heads: 8, kvHeads: 2 }],
    ["one shared key head", [1, 8, 4, 2], [1, 1, 4, 2], [1, 1, 4, 2], { heads: 8, kvHeads: 1 }],
    ["cross-attention", [1, 2, 4, 2], [1, 2, 6, 2], [1, 2, 6, 2], { queries: 4, length: 6 }],
    ["more queries than keys", [1, 2, 6, 2], [1, 2, 4, 2], [1, 2, 4, 2], { queries: 6, length: 4 }],
    ["a decode step", [1, 2, 1, 2], [1, 2, 16, 2], [1, 2, 16, 2], { queries: 1, length: 16 }],
    ["narrower values", [1, 2, 4, 8], [1, 2, 4, 8], [1, 2, 4, 6], { headDim: 8, valueDim: 6 }],
    ["wider values", [1, 2, 4, 2], [1, 2, 4, 2], [1, 2, 4, 3], { headDim: 2, valueDim: 3 }],
    [
      "a decode step of grouped heads with narrower values",
      [2, 8, 1, 6],
      [2, 2, 16, 6],
      [2, 2, 16, 4],
      { batch: 2, heads: 8, kvHeads: 2, queries: 1, length: 16, headDim: 6, valueDim: 4 },
    ],
  ])("of %s are taken as they are, and only keys are cut", (_, q, k, v, expected) => {
    const source = capturedFile(write(q, k, v));
    const [batch, heads, queries, headDim] = q;
    const shape = shapeOf({ batch, heads, kvHeads: k[1], length: k[2], queries, headDim, valueDim: v[3] });
    expect(shape).toMatchObject(expected);
    const { length: _length, queries: _queries, ...fixed } = shape;
    expect(source.fixed).toEqual({ ...fixed, ...(queries !== k[2] && { queries }) });
    expect(source.maxLength).toBe(shape.length);
    const whole = { shape, q: counting(q).data, k: counting(k, 1000).data, v: counting(v, 2000).data };
    expect(source.inputs(shape)).toEqual(whole);
    const shorter = takePrefix(whole, 2);
    expect(source.inputs(shorter.shape)).toEqual(shorter);
    if (queries !== k[2]) expect(shorter.q).toEqual(whole.q);
  });

  it.each<[string, number[], number[], number[], string]>([
    ["heads that do not divide", [1, 8, 4, 2], [1, 3, 4, 2], [1, 3, 4, 2], "8 query heads cannot share 3"],
    [
      "tokens and heads the wrong way round",
      [1, 64, 8, 2],
      [1, 48, 2, 2],
      [1, 48, 2, 2],
      "64 query heads cannot share 48 key heads evenly: if they are [batch, length, heads, head_dim], save q.transpose(1, 2)",
    ],
    ["batches that differ", [2, 2, 4, 2], [1, 2, 4, 2], [1, 2, 4, 2], "the batches differ"],
    [
      "keys and values of two calls",
      [1, 2, 4, 2],
      [1, 2, 5, 2],
      [1, 2, 4, 2],
      "k and v are not from one call",
    ],
    [
      "keys of another width",
      [1, 2, 4, 2],
      [1, 2, 4, 3],
      [1, 2, 4, 3],
      "queries and keys must have one width",
    ],
    [
      "heads of keys and values that differ",
      [1, 4, 4, 2],
      [1, 2, 4, 2],
      [1, 4, 4, 2],
      "got q [1, 4, 4, 2], k [1, 2, 4, 2] and v [1, 4, 4, 2]; k and v are not from one call",
    ],
    [
      "three dimensions",
      [2, 4, 2],
      [2, 4, 2],
      [2, 4, 2],
      "got [2, 4, 2]; add what is missing with .unsqueeze(0)",
    ],
    ["five dimensions", [1, 1, 2, 4, 2], [1, 1, 2, 4, 2], [1, 1, 2, 4, 2], "four positive dimensions"],
    ["no tokens", [1, 2, 0, 2], [1, 2, 0, 2], [1, 2, 0, 2], "four positive dimensions, got [1, 2, 0, 2]"],
    ["a scalar", [], [], [], "four positive dimensions, got []"],
  ])("refuse %s", (_, q, k, v, message) => {
    const file = write(q, k, v);
    expect(thrownBy(() => capturedFile(file))).toBeInstanceOf(UsageError);
    expect(refusal(() => capturedFile(file))).toContain(message);
  });

  it("refuse a file without one of the three", () => {
    writeSafetensors(path, { q: counting([1, 1, 1, 1]), v: counting([1, 1, 1, 1]) });
    expect(refusal(() => capturedFile(path))).toContain("must hold a tensor 'k', got q, v");
  });

  it.each([
    [{ batch: 2 }, "batch must be 1 as captured, got 2"],
    [{ heads: 4 }, "heads must be 2 as captured, got 4"],
    [{ headDim: 64 }, "headDim must be 2 as captured, got 64"],
    [{ kvHeads: 1 }, "kvHeads must be 2 as captured, got 1"],
    [{ queries: 3 }, "queries must be 4 as captured, got 3"],
    [{ valueDim: 3 }, "valueDim must be 2 as captured, got 3"],
    [{ length: 5 }, "length must be at most 4 as captured, got 5"],
    [{ length: 0 }, "length must be a positive integer, got 0"],
    [{ length: Number.NaN }, "length must be a positive integer, got NaN"],
  ])("refuse to be read as %o", (change, message) => {
    const source = capturedFile(write([1, 2, 4, 2]));
    const asked = shapeOf({ batch: 1, heads: 2, length: 4, headDim: 2, ...change });
    expect(thrownBy(() => source.inputs(asked))).toBeInstanceOf(UsageError);
    expect(refusal(() => source.inputs(asked))).toContain(message);
  });
});
