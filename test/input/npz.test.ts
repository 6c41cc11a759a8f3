import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { shapeOf } from "../../src/core/shape.ts";
import { capturedFile } from "../../src/input/captured.ts";
import { npzSet } from "../../src/input/npz.ts";
import { readTensor } from "../../src/input/stored-tensor.ts";
import { floatTensor } from "../../src/input/tensor-set.ts";
import { floatBytes, npyHeader, type RawMember, rawNpy, rawZip, truthBytes } from "./raw-files.ts";
import { refusal } from "./refusal.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const values = Float32Array.from({ length: 6000 }, (_, index) => index % 97);
const array = (data: Iterable<number> = values, shape: readonly number[] = [1, 2, 1000, 3]) =>
  rawNpy(npyHeader("<f4", shape), floatBytes(data));
const member = (name: string, rest: Partial<RawMember> = {}): RawMember => ({ name, data: array(), ...rest });

function write(members: readonly RawMember[], count?: number): string {
  return folder.write("arrays.npz", rawZip(members, count));
}

describe("an .npz archive", () => {
  it.each([0, 8])("gives its arrays, packed by method %i", (method) => {
    const path = write(["q.npy", "k.npy", "v.npy"].map((name) => member(name, { method })));
    const source = capturedFile(path);
    const shape = shapeOf({ batch: 1, heads: 2, length: 2, headDim: 3 });
    expect([...source.inputs(shape).v]).toEqual([...values.subarray(0, 6), ...values.subarray(3000, 3006)]);
    expect(source).toMatchObject({ maxLength: 1000, name: `file:${path}`, files: [path] });
    expect(readTensor(floatTensor(npzSet(path), "k"))).toEqual(values);
  });

  it("may hold what the call was given, as arrays of one number", () => {
    const one = (descr: string, data: Uint8Array) => rawNpy(npyHeader(descr, []), data);
    const doubles = Buffer.alloc(8);
    doubles.writeDoubleLE(0.3);
    const path = write([
      ...["q.npy", "k.npy", "v.npy"].map((name) => member(name)),
      { name: "scale.npy", data: one("<f8", doubles) },
      { name: "is_causal.npy", data: one("|b1", truthBytes([true])) },
    ]);
    expect(capturedFile(path).call).toEqual({ scale: 0.3, causal: true, mask: undefined });
    const two = rawNpy(npyHeader("<f4", [2]), floatBytes([1, 2]));
    const odd = write([
      ...["q.npy", "k.npy", "v.npy"].map((name) => member(name)),
      { name: "scale.npy", data: two },
    ]);
    expect(refusal(() => capturedFile(odd))).toContain("scale must be one number, got shape [2]");
  });

  const damaged: [string, RawMember[], string][] = [
    [
      "an array that unpacks to more than it says",
      [member("q.npy", { method: 8, told: { size: 20_000 } })],
      "must unpack to 20000 bytes",
    ],
    [
      "one that unpacks to less",
      [member("q.npy", { method: 8, told: { size: 24_000 } })],
      "the archive is damaged",
    ],
    [
      "one that cannot unpack to so much",
      [member("q.npy", { method: 8, told: { size: 0xfffffff0 } })],
      "cannot unpack to 4294967280 bytes",
    ],
    ["a checksum other than it says", [member("q.npy", { method: 8, told: { crc: 1 } })], "checksum"],
    ["another one, stored", [member("q.npy", { method: 0, told: { crc: 1 } })], "checksum"],
    [
      "one too small for what it unpacks to",
      [member("q.npy", { method: 8, told: { size: 20 } })],
      "got more",
    ],
    [
      "a packing that nobody reads",
      [member("q.npy", { method: 12 })],
      "must be stored or deflated, got method 12",
    ],
    ["an encrypted array", [member("q.npy", { flags: 1 })], "must not be encrypted"],
    ["two arrays in one place", [member("q.npy"), member("k.npy", { told: { at: 0 } })], "must not overlap"],
    ["an array past its end", [member("q.npy", { told: { at: 1_000_000 } })], "must begin within"],
    [
      "one that is longer than the archive",
      [member("q.npy", { told: { packed: 90_000, size: 90_000 } })],
      "must end within",
    ],
    [
      "one that is stored in another size",
      [member("q.npy", { told: { packed: 20_000 } })],
      "bytes, got 20000",
    ],
    ["a name twice", [member("q.npy"), member("q.npy")], "must hold 'q.npy' once"],
    [
      "a pickle for an array",
      [member("q.npy", { data: Buffer.from("\x80\x04}q\0.", "latin1") })],
      "q: must be a .npy file, got a pickle",
    ],
    ["no array", [member("q.txt")], "must hold arrays; save"],
  ];
  it.each(damaged)("is refused with %s", (_, members, message) => {
    const path = write(members);
    const said = refusal(() => readTensor(floatTensor(npzSet(path), "q")));
    expect(said).toContain("arrays.npz");
    expect(said).toContain(message);
  });

  it.each([0, 8])(
    "is refused when one of its numbers changed, read or not, packed by method %i",
    (method) => {
      const scattered = array(Float32Array.from({ length: 6000 }, (_, index) => Math.sin(index)));
      const crc = crc32(scattered);
      for (const at of [200, scattered.length - 3]) {
        const data = Buffer.from(scattered);
        data[at] ^= 1;
        const path = write(
          ["q.npy", "k.npy", "v.npy"].map((name) => member(name, { method, data, told: { crc } })),
        );
        const shape = shapeOf({ batch: 1, heads: 2, length: 1, headDim: 3 });
        expect(refusal(() => capturedFile(path).inputs(shape))).toContain("checksum");
      }
    },
  );

  it("is refused where it says to hold more files than it does, and cut short at any place", () => {
    expect(refusal(() => npzSet(write([member("q.npy")], 3)))).toContain(
      "directory must hold 3 files, got 1",
    );
    const whole = rawZip([member("q.npy", { method: 8 })]);
    for (let length = 0; length < whole.length; length += 97) {
      expect(refusal(() => npzSet(folder.write("cut.npz", whole.subarray(0, length))))).toContain("cut.npz");
    }
  });

  it("uses no name as a path", () => {
    const path = write([member("../../q.npy"), member("/etc/k.npy"), member("\u001b[2J.npy")]);
    expect(refusal(() => capturedFile(path))).toContain(
      "must hold a tensor 'q', got \\u{1b}[2J, ../../q, /etc/k",
    );
  });
});
