import { chmodSync, mkdirSync, truncateSync as truncateTo } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FailureError, UsageError } from "../../src/core/errors.ts";
import { findTensor, openSafetensors } from "../../src/input/safetensors.ts";
import { readSlices, readTensor } from "../../src/input/stored-tensor.ts";
import { floatBytes, rawSafetensors } from "./raw-files.ts";
import { refusal, thrownBy } from "./refusal.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();

const F32 = (from: number, to: number, shape: unknown = [(to - from) / 4]) => ({
  dtype: "F32",
  shape,
  data_offsets: [from, to],
});

function read(path: string, name: string): number[] {
  return [...readTensor(findTensor(openSafetensors(path), name))];
}

describe("reading safetensors", () => {
  it("gives the tensors of every float format, beside types that it cannot read", () => {
    const data = Buffer.alloc(8 + 4 + 2 + 2 + 8);
    data.writeDoubleLE(Math.PI, 0);
    data.writeFloatLE(-0.5, 8);
    data.writeUInt16LE(0x3c00, 12);
    data.writeUInt16LE(0x4049, 14);
    const header = {
      __metadata__: { format: "pt", note: "ünïcode" },
      bf16: { dtype: "BF16", shape: [1], data_offsets: [14, 16] },
      f64: { dtype: "F64", shape: [], data_offsets: [0, 8] },
      f32: F32(8, 12),
      f16: { dtype: "F16", shape: [1, 1], data_offsets: [12, 14] },
      ids: { dtype: "I64", shape: [1], data_offsets: [16, 24] },
      empty: F32(24, 24, [0, 7]),
    };
    const path = folder.write("formats.safetensors", rawSafetensors(`${JSON.stringify(header)}   `, data));
    const file = openSafetensors(path);
    expect(file.metadata).toEqual({ format: "pt", note: "ünïcode" });
    expect([...file.tensors.keys()].sort()).toEqual(["bf16", "empty", "f16", "f32", "f64", "ids"]);
    expect(read(path, "f64")).toEqual([Math.fround(Math.PI)]);
    expect(read(path, "f32")).toEqual([-0.5]);
    expect(read(path, "f16")).toEqual([1]);
    expect(read(path, "bf16")).toEqual([3.140625]);
    expect(read(path, "empty")).toEqual([]);
    expect(refusal(() => findTensor(file, "ids"))).toContain(
      "formats.safetensors: ids must be one of F64, F32, F16, BF16, got I64; save it with .float()",
    );
    expect(refusal(() => findTensor(file, "q"))).toContain("must hold a tensor 'q', got ");
  });

  it("reads tensors longer than one piece, and the beginnings of their slices", () => {
    const count = 3 * 150_001;
    const values = Float32Array.from({ length: count }, (_, index) => index);
    const path = folder.write(
      "long.safetensors",
      rawSafetensors({ x: F32(0, count * 4) }, floatBytes(values)),
    );
    const tensor = findTensor(openSafetensors(path), "x");
    expect(readTensor(tensor)).toEqual(values);
    expect([...readSlices(tensor, 3, 2)]).toEqual([0, 1, 150_001, 150_002, 300_002, 300_003]);
    expect(readSlices(tensor, 3, 150_001)).toEqual(values);
  });

  it("takes tensors of hostile names", () => {
    const names = ["__proto__", "constructor", "", "\u001b[31m", "a\nb", "0"];
    const entries = names.map(
      (name, index) => `${JSON.stringify(name)}:${JSON.stringify(F32(index * 4, index * 4 + 4))}`,
    );
    const data = floatBytes(names.keys());
    const path = folder.write("names.safetensors", rawSafetensors(`{${entries.join()}}`, data));
    for (const [index, name] of names.entries()) expect(read(path, name)).toEqual([index]);
    refusal(() => findTensor(openSafetensors(path), "toString"));
  });
});

describe("headers that the format's own library reads", () => {
  const four = { q: F32(0, 4) };
  const legal: [string, unknown, number][] = [
    ["null as metadata", { __metadata__: null, ...four }, 4],
    ["empty metadata", { __metadata__: {}, ...four }, 4],
    ["tensors named in another order than they lie in", { v: F32(8, 12), q: F32(0, 4), k: F32(4, 8) }, 12],
    [
      "empty tensors between others",
      { a: F32(0, 0, [0]), q: F32(0, 4), b: F32(4, 4, [3, 0]), c: F32(4, 4, [0]) },
      4,
    ],
    [
      "an unused tensor of a type that is newer than this reader",
      { x: { ...F32(4, 7, [2]), dtype: "F12_E4M7" }, ...four },
      7,
    ],
    [
      "more said of a tensor than is asked for",
      { q: { ...F32(0, 4), stats: { range: [[0, 1]], by: { a: {} } } } },
      4,
    ],
    ["blanks before its end", `${JSON.stringify(four)} \n\t  `, 4],
  ];

  it.each(legal)("may have %s", (_, header, bytes) => {
    const path = folder.write("legal.safetensors", rawSafetensors(header, bytes));
    expect(read(path, "q")).toEqual([0]);
  });

  it("may hold types that are newer than this reader, which are refused when they are asked for", () => {
    const newer = { x: { ...F32(0, 3, [2]), dtype: "F12_E4M7" } };
    const path = folder.write("newer.safetensors", rawSafetensors(newer, 3));
    expect(refusal(() => read(path, "x"))).toContain("x must be one of F64, F32");
  });
});

it("calls a float64 that float32 cannot hold finite and too large, and says where it is", () => {
  const data = Buffer.alloc(32);
  data.writeDoubleLE(Number.POSITIVE_INFINITY, 8);
  data.writeDoubleLE(-1e300, 24);
  const path = folder.write(
    "large.safetensors",
    rawSafetensors({ q: { dtype: "F64", shape: [2, 2], data_offsets: [0, 32] } }, data),
  );
  expect(refusal(() => read(path, "q"))).toMatch(
    /q must be within the range of float32.*got -1e\+300 at \[1, 1\]; it is finite, but too large: scale the tensors down$/,
  );
  expect([...readSlices(findTensor(openSafetensors(path), "q"), 1, 2)]).toEqual([
    0,
    Number.POSITIVE_INFINITY,
  ]);
});

describe("refusing safetensors", () => {
  const four = { q: F32(0, 4) };
  const deep = `{"q":${"[".repeat(4_000_000)}`;
  const hostile: [string, Uint8Array, string][] = [
    ["an empty file", new Uint8Array(0), "must be a safetensors file, got an empty file"],
    ["seven bytes", new Uint8Array(7), "at least 8 bytes, got 7"],
    ["a header length of 2^64 - 1", rawSafetensors(four, 4, 2n ** 64n - 1n), "at most"],
    ["a header length of 2^63", rawSafetensors(four, 4, 2n ** 63n), "at most"],
    ["a header longer than the file", rawSafetensors(four, 4, 1000n), "got 1000"],
    [
      "a header length one too short",
      rawSafetensors(four, 4, BigInt(JSON.stringify(four).length - 1)),
      "JSON",
    ],
    ["a header length of 0", rawSafetensors(four, 4, 0n), "JSON"],
    ["a header that is not UTF-8", rawSafetensors(Uint8Array.of(0x7b, 0xff, 0x7d)), "UTF-8"],
    ["a header that begins with a byte order mark", rawSafetensors("\ufeff{}"), "JSON"],
    ["a header that is no JSON", rawSafetensors("{'q': 1}"), "JSON"],
    ["a pickle", Buffer.from("\x80\x02}q\x00(X\x01\x00\x00\x00qq\x01", "latin1"), "got a pickle"],
    ["a header that nests a million deep", rawSafetensors(deep), "nest at most 128 levels"],
    ["a list as header", rawSafetensors([]), "JSON object, got []"],
    ["null as header", rawSafetensors(null), "JSON object, got null"],
    ["a number as header", rawSafetensors(7), "JSON object, got 7"],
    ["a number as tensor", rawSafetensors({ q: 7 }), "tensor 'q' must be an object, got 7"],
    ["null as tensor", rawSafetensors({ q: null }), "tensor 'q' must be an object, got null"],
    [
      "a tensor without a dtype",
      rawSafetensors({ q: { shape: [1], data_offsets: [0, 4] } }, 4),
      "dtype of BOOL",
    ],
    [
      "a dtype that nobody could mean",
      rawSafetensors({ q: { ...F32(0, 4), dtype: "f 33" } }, 4),
      'got "f 33"',
    ],
    [
      "an unknown dtype whose bytes fall",
      rawSafetensors({ q: { ...F32(0, 4), dtype: "F33", data_offsets: [4, 0] } }, 4),
      "rising data_offsets, got [4,0]",
    ],
    [
      "a dtype that every object has",
      rawSafetensors({ q: { ...F32(0, 4), dtype: "toString" } }, 4),
      "dtype of",
    ],
    ["a dtype that is no string", rawSafetensors({ q: { ...F32(0, 4), dtype: ["F32"] } }, 4), "dtype of"],
    ["no shape", rawSafetensors({ q: { dtype: "F32", data_offsets: [0, 4] } }, 4), "shape of non-negative"],
    [
      "a shape that is no list",
      rawSafetensors({ q: F32(0, 4, 1) }, 4),
      "shape of non-negative integers, got 1",
    ],
    ["a negative dimension", rawSafetensors({ q: F32(0, 4, [-1, -1]) }, 4), "got [-1,-1]"],
    ["a fractional dimension", rawSafetensors({ q: F32(0, 4, [0.5, 2]) }, 4), "got [0.5,2]"],
    ["a dimension in words", rawSafetensors({ q: F32(0, 4, ["1"]) }, 4), 'got ["1"]'],
    ["a dimension of 2^60", rawSafetensors({ q: F32(0, 4, [2 ** 60]) }, 4), "shape of"],
    [
      "a shape whose product overflows",
      rawSafetensors({ q: F32(0, 4, [2 ** 52, 2 ** 52, 2 ** 52]) }, 4),
      "must take",
    ],
    [
      "an infinite dimension",
      rawSafetensors('{"q":{"dtype":"F32","shape":[1e999],"data_offsets":[0,4]}}', 4),
      "shape",
    ],
    ["no offsets", rawSafetensors({ q: { dtype: "F32", shape: [1] } }, 4), "data_offsets, got nothing"],
    ["one offset", rawSafetensors({ q: { ...F32(0, 4), data_offsets: [0] } }, 4), "data_offsets, got [0]"],
    ["three offsets", rawSafetensors({ q: { ...F32(0, 4), data_offsets: [0, 4, 8] } }, 4), "two"],
    ["a negative offset", rawSafetensors({ q: { ...F32(0, 4), data_offsets: [-4, 0] } }, 4), "got [-4,0]"],
    ["a fractional offset", rawSafetensors({ q: { ...F32(0, 4), data_offsets: [0.5, 4.5] } }, 5), "two"],
    ["offsets in words", rawSafetensors({ q: { ...F32(0, 4), data_offsets: ["0", "4"] } }, 4), "two"],
    [
      "offsets the wrong way round",
      rawSafetensors({ q: { ...F32(0, 4), data_offsets: [4, 0] } }, 4),
      "must take 4",
    ],
    [
      "fewer bytes than the shape needs",
      rawSafetensors({ q: F32(0, 4, [2]) }, 4),
      "must take 8 bytes as F32",
    ],
    ["more bytes than the shape needs", rawSafetensors({ q: F32(0, 8, [1]) }, 8), "must take 4 bytes as F32"],
    [
      "half a byte",
      rawSafetensors({ q: { dtype: "F4", shape: [1], data_offsets: [0, 0] } }),
      "must take 0.5 bytes",
    ],
    ["offsets past the end", rawSafetensors({ q: F32(0, 8) }, 4), "within the file's 4 bytes of data, got 8"],
    ["data before the first tensor", rawSafetensors({ q: F32(4, 8) }, 8), "must begin at byte 0 of the data"],
    [
      "a hole between tensors",
      rawSafetensors({ q: F32(0, 4), k: F32(8, 12) }, 12),
      "'k' must begin at byte 4",
    ],
    ["tensors that overlap", rawSafetensors({ q: F32(0, 8), k: F32(4, 12) }, 12), "'k' must begin at byte 8"],
    ["two tensors in one place", rawSafetensors({ q: F32(0, 4), k: F32(0, 4) }, 4), "must begin at byte 4"],
    ["data after the last tensor", rawSafetensors(four, 5), "must fill the 5 bytes after the header, got 4"],
    ["data and no tensor", rawSafetensors({}, 4), "must fill the 4 bytes"],
    [
      "a tensor named twice",
      rawSafetensors(`{"q":${JSON.stringify(F32(0, 4))},"\\u0071":${JSON.stringify(F32(0, 4))}}`, 4),
      "name 'q' once",
    ],
    [
      "a shape given twice",
      rawSafetensors('{"q":{"dtype":"F32","shape":[9],"shape":[1],"data_offsets":[0,4]}}', 4),
      "name 'shape' once",
    ],
    ["metadata that is no object", rawSafetensors({ __metadata__: "pt", ...four }, 4), "object of strings"],
    [
      "metadata that is no string",
      rawSafetensors({ __metadata__: { a: 1 }, ...four }, 4),
      "'a' must be a string",
    ],
    ["a name with terminal escapes", rawSafetensors({ "\u001b[2J": 1 }), "'\\u{1b}[2J' must be an object"],
    ["an endless name", rawSafetensors({ ["n".repeat(100_000)]: 1 }), "nnn…' must be an object"],
  ];

  it.each(hostile)("refuses %s", (_, content, message) => {
    const path = folder.write("hostile.safetensors", content);
    const error = thrownBy(() => openSafetensors(path));
    expect(error).toBeInstanceOf(UsageError);
    expect(refusal(() => openSafetensors(path))).toContain("hostile.safetensors: ");
    expect(refusal(() => openSafetensors(path))).toContain(message);
  });

  it("refuses a header of more than 100 MB that the file does hold", () => {
    const path = folder.write("sparse.safetensors", rawSafetensors("", 0, 100_000_001n));
    truncateTo(path, 200_000_000);
    expect(refusal(() => openSafetensors(path))).toContain("at most 100000000 bytes long, got 100000001");
  });

  const small = rawSafetensors(
    { __metadata__: { a: "b" }, q: F32(0, 8), k: { dtype: "F16", shape: [1], data_offsets: [8, 10] } },
    floatBytes([1, 2, 0]).subarray(0, 10),
  );

  it("refuses a file cut short at any byte", () => {
    for (let length = 0; length < small.length; length++) {
      const path = folder.write("cut.safetensors", small.subarray(0, length));
      expect(thrownBy(() => openSafetensors(path))).toBeInstanceOf(UsageError);
    }
  });

  it("either reads or refuses a file with any byte changed", () => {
    fc.assert(
      fc.property(fc.nat(small.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Uint8Array.from(small);
        changed[at] ^= flip;
        const path = folder.write("changed.safetensors", changed);
        try {
          const file = openSafetensors(path);
          for (const name of file.tensors.keys()) read(path, name);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(UsageError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("fails clearly when the file shrinks between header and tensor", () => {
    const path = folder.write("shrinks.safetensors", small);
    const tensor = findTensor(openSafetensors(path), "q");
    truncateTo(path, small.length - 6);
    const error = thrownBy(() => readTensor(tensor));
    expect(error).toBeInstanceOf(FailureError);
    expect(refusal(() => readTensor(tensor))).toContain("ended at byte");
  });

  it("tells a missing file, a folder and a device apart, in one line each", () => {
    expect(refusal(() => openSafetensors(join(folder.path, "no.safetensors")))).toContain(
      "no such file or folder",
    );
    expect(refusal(() => openSafetensors("a\0b.safetensors"))).toBe(
      "a\\u{0}b.safetensors: no such file or folder",
    );
    expect(refusal(() => openSafetensors(folder.path))).toContain("must be a regular file, got a folder");
    const file = folder.write("file", "");
    expect(refusal(() => openSafetensors(join(file, "x.safetensors")))).toContain("no such file or folder");
    expect(refusal(() => openSafetensors(`${"n".repeat(5000)}.safetensors`))).toContain("ENAMETOOLONG");
  });

  it.skipIf(process.platform === "win32")("does not wait for a device", () => {
    expect(refusal(() => openSafetensors("/dev/zero"))).toContain(
      "must be a regular file, got a pipe or device",
    );
  });

  it.skipIf(process.platform === "win32" || process.getuid?.() === 0)("says when it may not read", () => {
    const locked = join(folder.path, "locked");
    mkdirSync(locked);
    chmodSync(locked, 0);
    expect(thrownBy(() => openSafetensors(join(locked, "x.safetensors")))).toBeInstanceOf(FailureError);
    chmodSync(locked, 0o700);
  });
});
