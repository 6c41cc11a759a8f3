import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { openNpy } from "../../src/input/npy.ts";
import { readTensor } from "../../src/input/stored-tensor.ts";
import { floatBytes, npyHeader, rawNpy } from "./raw-files.ts";
import { refusal, thrownBy } from "./refusal.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const two = floatBytes([1, -2]);

describe("reading .npy", () => {
  it.each([1, 2, 3])("reads format version %d", (version) => {
    const tensor = openNpy(folder.write("a.npy", rawNpy(npyHeader("<f4", [1, 2]), two, version)));
    expect(tensor.shape).toEqual([1, 2]);
    expect([...readTensor(tensor)]).toEqual([1, -2]);
  });

  it("reads half, single and double precision", () => {
    const half = openNpy(folder.write("half.npy", rawNpy(npyHeader("<f2", [1]), Uint8Array.of(0, 0xbc))));
    expect([...readTensor(half)]).toEqual([-1]);
    const double = Buffer.alloc(8);
    double.writeDoubleLE(Math.E);
    const wide = openNpy(folder.write("double.npy", rawNpy(npyHeader("<f8", []), double)));
    expect([...readTensor(wide)]).toEqual([Math.fround(Math.E)]);
    expect(wide.shape).toEqual([]);
  });

  it("reads a file as NumPy 2 writes it, byte by byte", () => {
    // np.save of np.arange(4, dtype="<f4").reshape(1, 2, 1, 2), NumPy 2.4.6.
    const dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 1, 2), }";
    const bytes = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${dictionary.padEnd(117)}\n`, "latin1");
    const tensor = openNpy(folder.write("numpy.npy", Buffer.concat([bytes, floatBytes([0, 1, 2, 3])])));
    expect(bytes.length).toBe(128);
    expect(tensor.shape).toEqual([1, 2, 1, 2]);
    expect([...readTensor(tensor)]).toEqual([0, 1, 2, 3]);
  });

  it.each([
    `{'shape': (2,), "descr":"<f4",'fortran_order':False}`,
    `  { 'fortran_order' : False , 'descr' : '<f4' , 'shape' : ( 2 , ) , }  \n`,
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2L,)}",
  ])("reads the header %s", (header) => {
    expect(openNpy(folder.write("a.npy", rawNpy(header, two))).shape).toEqual([2]);
  });
});

describe("refusing .npy", () => {
  const npy = (header: string, data: Uint8Array = two, version = 1) => rawNpy(header, data, version);
  const plain = npyHeader("<f4", [2]);
  const structured = "{'descr': [('x', '<f4'), ('y', '<f4')], 'fortran_order': False, 'shape': (1,)}";
  const withVersion = (version: number) => {
    const bytes = Uint8Array.from(npy(plain));
    bytes[6] = version;
    return bytes;
  };
  const lying = Uint8Array.from(npy(plain));
  lying.fill(0xff, 8, 10);
  const endless = Uint8Array.from(npy(plain, two, 2));
  endless.fill(0xff, 8, 12);

  const hostile: [string, Uint8Array, string][] = [
    ["an empty file", new Uint8Array(0), "must be a .npy file, got an empty file"],
    ["eleven bytes", new Uint8Array(11), "at least 12 bytes, got 11"],
    [
      "another kind of file",
      Buffer.from("PK\x03\x04 a zip archive such as .npz"),
      "must be a .npy file, got a zip archive",
    ],
    ["version 0", withVersion(0), "version must be 1, 2 or 3, got 0"],
    ["version 4", withVersion(4), "version must be 1, 2 or 3, got 4"],
    ["a header longer than the file", lying, "header must be at most"],
    ["a header of 4 GiB", endless, "got 4294967295"],
    ["a header of 70 kB", npy(plain.padEnd(70_000), two, 2), "at most 65536 bytes long, got 70000"],
    ["big-endian floats", npy(npyHeader(">f4", [2])), `got '>f4'; save a.astype("<f4")`],
    ["big-endian doubles", npy(npyHeader(">f8", [1])), `save a.astype("<f8")`],
    ["integers", npy(npyHeader("<i4", [2])), "got '<i4'; save a.astype(np.float32)"],
    ["bytes", npy(npyHeader("|u1", [8])), "got '|u1'; save a.astype(np.float32)"],
    ["floats without a byte order", npy(npyHeader("|f4", [2])), "got '|f4'"],
    [
      "bfloat16, which NumPy writes as two bytes of anything",
      npy(npyHeader("|V2", [4])),
      "save (a.view(np.uint16).astype(np.uint32) << 16).view(np.float32), if it was bfloat16",
    ],
    ["long doubles", npy(npyHeader("<f16", [1])), "astype(np.float32)"],
    ["complex numbers", npy(npyHeader("<c8", [1])), "astype(np.float32)"],
    ["objects", npy(npyHeader("|O", [1])), "an array of objects holds Python code"],
    ["a type that every object has", npy(npyHeader("toString", [1])), "little-endian floats"],
    ["a structured array", npy(structured), "got a structured array; save one field"],
    ["Fortran order", npy(npyHeader("<f4", [2], "True")), "save np.ascontiguousarray(a)"],
    ["a truth value that is none", npy(npyHeader("<f4", [2], "0")), "must be True or False, got 0"],
    ["no descr", npy("{'fortran_order': False, 'shape': (2,)}"), "descr, fortran_order and shape"],
    ["no order", npy("{'descr': '<f4', 'shape': (2,)}"), "descr, fortran_order and shape"],
    ["no shape", npy("{'descr': '<f4', 'fortran_order': False}"), "descr, fortran_order and shape"],
    ["a key twice", npy(`{'shape': (1,), ${plain.slice(1)}`), "once each"],
    ["a key too many", npy(`{'x': (1,), ${plain.slice(1)}`), "once each"],
    ["a negative dimension", npy(npyHeader("<f4", [-2])), "tuple of non-negative integers, got (-2,)"],
    ["a fractional dimension", npy(npyHeader("<f4", [0.5])), "tuple of non-negative integers"],
    ["a dimension in words", npy("{'descr': '<f4', 'fortran_order': False, 'shape': ('2',)}"), "tuple"],
    ["a list as shape", npy("{'descr': '<f4', 'fortran_order': False, 'shape': [2]}"), "tuple"],
    ["holes in the shape", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,,1)}"), "tuple"],
    [
      "an enormous dimension",
      npy(`{'descr': '<f4', 'fortran_order': False, 'shape': (${"9".repeat(400)},)}`),
      "tuple",
    ],
    ["a shape whose product overflows", npy(npyHeader("<f4", [2 ** 50, 2 ** 50])), "bytes long with shape"],
    [
      "a call in place of a value",
      npy("{'descr': __import__('os').system('x'), 'shape': (2,)}"),
      "descr must be a string",
    ],
    [
      "an escape in a string",
      npy("{'descr': '\\x3cf4', 'fortran_order': False, 'shape': (2,)}"),
      "descr must be",
    ],
    ["text after the dictionary", npy(`${plain.trim()}; 1`), "header must"],
    ["an open dictionary", npy(plain.trim().slice(0, -1)), "header must"],
    ["an empty header", npy(""), "header must be a dictionary, got nothing"],
    ["a header of brackets", npy("{".repeat(60_000)), "header must"],
    ["a header of blanks", npy(`{'descr'${" ".repeat(60_000)}`), "header must"],
    ["a shape of blanks", npy(`{'shape': (${" ".repeat(60_000)}`), "tuple"],
    ["fewer numbers than its shape", npy(npyHeader("<f4", [3])), "it is cut short or damaged"],
    ["more numbers than its shape", npy(npyHeader("<f4", [1])), "holds more than one array or is damaged"],
  ];

  it.each(hostile)("refuses %s", (_, content, message) => {
    const path = folder.write("hostile.npy", content);
    expect(thrownBy(() => openNpy(path))).toBeInstanceOf(UsageError);
    expect(refusal(() => openNpy(path))).toContain("hostile.npy: ");
    expect(refusal(() => openNpy(path))).toContain(message);
  });

  it("refuses a file cut short at any byte", () => {
    const whole = npy(plain);
    for (let length = 0; length < whole.length; length++) {
      const path = folder.write("cut.npy", whole.subarray(0, length));
      expect(thrownBy(() => openNpy(path))).toBeInstanceOf(UsageError);
    }
  });

  it("either reads or refuses a file with any byte changed", () => {
    const whole = npy(plain);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Uint8Array.from(whole);
        changed[at] ^= flip;
        const path = folder.write("changed.npy", changed);
        try {
          readTensor(openNpy(path));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(UsageError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
