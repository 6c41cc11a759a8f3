import { mkdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { shapeOf } from "../../src/core/shape.ts";
import { capturedFile, capturedFolder } from "../../src/input/captured.ts";
import { openInput } from "../../src/input/open-input.ts";
import { writeSafetensors } from "../../src/input/write-safetensors.ts";
import { floatBytes, npyHeader, rawNpy, rawSafetensors, rawZip, truthBytes } from "./raw-files.ts";
import { refusal, thrownBy } from "./refusal.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const path = join(folder.path, "layer.safetensors");
const TOKENS = { tokens: true } as const;

/** A tensor that counts up from `start`, so that every element tells its place. */
function counting(shape: readonly number[], start = 0) {
  const elements = shape.reduce((product, dimension) => product * dimension, 1);
  return { shape, data: Float32Array.from({ length: elements }, (_, index) => start + index) };
}

/** A file with these tensors, each counting from another hundred on. */
function write(shapes: Readonly<Record<string, readonly number[]>>): string {
  const tensors = Object.entries(shapes).map(
    ([name, shape], at) => [name, counting(shape, 100 * at)] as const,
  );
  writeSafetensors(path, Object.fromEntries(tensors));
  return path;
}

/** What the first number of q, k and v is. */
function firsts(file: string, tensors?: string): number[] {
  const source = capturedFile(file, tensors, TOKENS);
  const { fixed } = source;
  if (fixed === undefined) throw new TypeError("a file fixes the shape");
  const length = source.maxLength;
  const { q, k, v } = source.inputs(shapeOf({ ...fixed, length, queries: fixed.queries ?? length }));
  return [q[0], k[0], v[0]];
}

const dimension = fc.integer({ min: 1, max: 5 });

describe("the tokens of a layer in a file", () => {
  it("are x, with or without a batch and the one head, and shorter ones are prefixes of it", () => {
    fc.assert(
      fc.property(
        dimension,
        dimension,
        dimension,
        fc.nat(4),
        fc.nat(2),
        (batch, length, wide, less, form) => {
          const shape = [
            [batch, length, wide],
            [length, wide],
            [batch, 1, length, wide],
          ][form];
          const entries = form === 1 ? 1 : batch;
          const source = capturedFile(write({ x: shape }), undefined, TOKENS);
          const fixed = { batch: entries, heads: 1, kvHeads: 1, headDim: wide, valueDim: wide };
          expect(source.fixed).toEqual(fixed);
          expect(source.maxLength).toBe(length);
          const shorter = Math.max(1, length - less);
          const { q, k, v } = source.inputs(shapeOf({ ...fixed, length: shorter }));
          const expected = Array.from({ length: entries }, (_, entry) =>
            [...counting(shape).data].slice(entry * length * wide, (entry * length + shorter) * wide),
          ).flat();
          for (const tensor of [q, k, v]) expect([...tensor]).toEqual(expected);
          // They may be changed one by one.
          expect(new Set([q, k, v]).size).toBe(3);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each<[string, Record<string, number[]>, string | undefined, number[]]>([
    ["query, key and value", { query: [4, 2], key: [4, 2], value: [4, 2] }, undefined, [0, 100, 200]],
    ["q, k and v", { q: [4, 2], k: [4, 2], v: [4, 2] }, undefined, [0, 100, 200]],
    ["query and key, which is value as well", { query: [4, 2], key: [4, 2] }, undefined, [0, 100, 100]],
    ["query alone", { query: [4, 2] }, undefined, [0, 0, 0]],
    ["x and memory", { memory: [4, 2], x: [4, 2] }, undefined, [100, 0, 0]],
    [
      "query and memory, and values",
      { query: [3, 2], memory: [4, 2], value: [4, 2] },
      undefined,
      [0, 100, 200],
    ],
    ["what --tensors names", { a: [4, 2], "b.c": [4, 2], x: [4, 2] }, "b.c", [100, 100, 100]],
    ["the two that --tensors names", { a: [4, 2], b: [4, 2], x: [4, 2] }, "b,a", [100, 0, 0]],
    ["the three that --tensors names", { a: [4, 2], b: [4, 2], c: [4, 2] }, "{c,b,a}", [200, 100, 0]],
  ])("may be %s", (_, shapes, tensors, expected) => {
    expect(firsts(write(shapes), tensors)).toEqual(expected);
  });

  it("have queries of their own if there are not as many as keys, all of which remain", () => {
    const source = capturedFile(write({ x: [2, 3, 4], memory: [2, 6, 4] }), undefined, TOKENS);
    expect(source).toMatchObject({ fixed: { batch: 2, heads: 1, headDim: 4, queries: 3 }, maxLength: 6 });
    const shape = shapeOf({ batch: 2, heads: 1, length: 5, queries: 3, headDim: 4 });
    const { q, k } = source.inputs(shape);
    expect([q.length, k.length]).toEqual([24, 40]);
    expect(k[20]).toBe(124);
  });

  it("have the mask and the causality of their call", () => {
    const mask = Array.from({ length: 9 }, (_, at) => at % 3 <= Math.floor(at / 3));
    const header = {
      x: { dtype: "F32", shape: [3, 2], data_offsets: [0, 24] },
      mask: { dtype: "BOOL", shape: [3, 3], data_offsets: [24, 33] },
    };
    const bytes = Buffer.concat([floatBytes([1, 2, 3, 4, 5, 6]), truthBytes(mask)]);
    const file = folder.write("masked.safetensors", rawSafetensors(header, bytes));
    expect(capturedFile(file, undefined, TOKENS).call).toMatchObject({ causal: true });
    expect(capturedFile(file, "x,x,x,mask", TOKENS).call).toMatchObject({ causal: true });
  });

  it("are read from an archive, a folder and shards as well", async () => {
    const { data } = counting([2, 3], 7);
    const npy = rawNpy(npyHeader("<f4", [2, 3]), floatBytes(data));
    const place = join(folder.path, "layer");
    mkdirSync(place);
    folder.write("layer/x.npy", npy);
    folder.write("layer/out_proj.weight.npy", npy);
    writeSafetensors(join(folder.path, "shard.safetensors"), { x: { shape: [2, 3], data } });
    const map = { weight_map: { x: "shard.safetensors" } };
    const sources = [
      capturedFolder(place, undefined, TOKENS),
      await openInput(place, 1, undefined, TOKENS),
      await openInput(folder.write("l.npz", rawZip([{ name: "x.npy", data: npy }])), 1, undefined, TOKENS),
      await openInput(folder.write("l.safetensors.index.json", JSON.stringify(map)), 1, undefined, TOKENS),
    ];
    const shape = shapeOf({ batch: 1, heads: 1, length: 2, headDim: 3 });
    for (const source of sources) expect([...source.inputs(shape).v]).toEqual([...data]);
    expect(sources[0].namesBeside).toEqual(["out_proj.weight"]);
  });

  it.each<[string, Record<string, number[]>, string | undefined, string]>([
    [
      "a file without tokens",
      { a: [2, 2], b: [2, 2] },
      undefined,
      "must hold the tokens of a layer as x, or as query, key and value, got a, b; name them with --tensors",
    ],
    [
      "two names of one thing",
      { x: [2, 2], q: [2, 2] },
      undefined,
      "must hold one of x, query, q, got x and q; choose with --tensors",
    ],
    [
      "split heads",
      { x: [1, 8, 4, 2] },
      undefined,
      "x must be [batch, length, model dim] or [length, model dim], positive dimensions, got [1, 8, 4, 2]; heads that are already split are measured without layers",
    ],
    ["one dimension", { x: [8] }, undefined, "or [length, model dim], positive dimensions, got [8]"],
    ["no dimension", { x: [] }, undefined, "positive dimensions, got []"],
    ["five dimensions", { x: [1, 1, 1, 4, 2] }, undefined, "positive dimensions, got [1, 1, 1, 4, 2]"],
    ["no tokens", { x: [1, 0, 2] }, undefined, "positive dimensions, got [1, 0, 2]"],
    [
      "batches that differ",
      { query: [2, 4, 2], key: [4, 2] },
      undefined,
      "query, key and value must be those of one call of a layer, got [2, 4, 2], [1, 4, 2] and [1, 4, 2]; the batches differ",
    ],
    ["values of other tokens", { query: [4, 2], key: [4, 2], value: [5, 2] }, undefined, "as many tokens"],
    [
      "keys of another width",
      { query: [4, 2], memory: [4, 3] },
      undefined,
      "a kdim or vdim of its own is not read",
    ],
    [
      "values of another width",
      { query: [4, 2], key: [4, 2], value: [4, 3] },
      undefined,
      "all three must be as wide",
    ],
    [
      "a padding mask of MultiheadAttention",
      { x: [4, 2], key_padding_mask: [1, 4] },
      undefined,
      "key_padding_mask must be saved as mask, true where a key is attended",
    ],
    ["a name that is not there", { x: [4, 2] }, "y", "must hold a tensor 'y', got x"],
    [
      "five names",
      { x: [4, 2] },
      "a,b,c,d,e",
      "--tensors: must name x, or x and memory, or query, key and value",
    ],
    ["an empty name", { x: [4, 2] }, "x,,x", "--tensors: must name x"],
    ["weights twice", { x: [4, 2] }, "x,a.*,b.*", "--tensors: must name x"],
    ["any name", { x: [4, 2] }, "*", "--tensors: must name x"],
    [
      "weights that are not there",
      { x: [4, 2] },
      "x,layers.\x1b3.*",
      "--tensors: weights must begin as those of the file, got 'layers.\\u{1b}3.*'",
    ],
  ])("refuse %s", (_, shapes, tensors, words) => {
    const file = write(shapes);
    expect(thrownBy(() => capturedFile(file, tensors, TOKENS))).toBeInstanceOf(UsageError);
    const message = refusal(() => capturedFile(file, tensors, TOKENS));
    expect(message).toContain(words);
    expect(message).not.toContain("\n");
  });

  it("refuse a mask of booleans that may be MultiheadAttention's, in which true is left out", () => {
    const header = {
      x: { dtype: "F32", shape: [1, 1], data_offsets: [0, 4] },
      attn_mask: { dtype: "BOOL", shape: [1, 1], data_offsets: [4, 5] },
    };
    const file = folder.write("m.safetensors", rawSafetensors(header, Uint8Array.of(0, 0, 0, 0, 1)));
    const words = "attn_mask must be saved as mask, true where a key is attended";
    expect(refusal(() => capturedFile(file, undefined, TOKENS))).toContain(words);
    // Whoever names it has read that.
    expect(capturedFile(file, "x,x,x,attn_mask", TOKENS).maxLength).toBe(1);
  });

  it("are refused where they are not asked for, with what to do", () => {
    expect(refusal(() => capturedFile(write({ q: [2, 4, 2], k: [2, 4, 2], v: [2, 4, 2] })))).toContain(
      "got [2, 4, 2]; add what is missing with .unsqueeze(0), or --layer if they are tokens, [batch, length, model dim]",
    );
    expect(refusal(() => capturedFile(write({ x: [2, 4, 2] })))).toContain("must hold a tensor 'q', got x");
  });
});
