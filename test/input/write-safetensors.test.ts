import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FailureError, UsageError } from "../../src/core/errors.ts";
import { findTensor, openSafetensors } from "../../src/input/safetensors.ts";
import { readTensor } from "../../src/input/stored-tensor.ts";
import { writeSafetensors } from "../../src/input/write-safetensors.ts";
import { refusal, thrownBy } from "./refusal.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();

const names = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("__proto__", "constructor", "1", "é\n\u001b"),
);
const tensors = fc.dictionary(
  names.filter((name) => name !== "__metadata__"),
  fc.array(fc.nat(4), { maxLength: 4 }).chain((shape) => {
    const elements = shape.reduce((product, dimension) => product * dimension, 1);
    const values = fc.float32Array({ minLength: elements, maxLength: elements });
    return values.map((data) => ({ shape, data }));
  }),
  { maxKeys: 5 },
);

describe("writing safetensors", () => {
  it("gives back what was written, whatever the names, shapes and values", () => {
    const path = join(folder.path, "round-trip.safetensors");
    fc.assert(
      fc.property(tensors, fc.dictionary(names, fc.string({ unit: "binary" })), (written, metadata) => {
        writeSafetensors(path, written, metadata);
        const file = openSafetensors(path);
        expect(Object.entries(file.metadata).sort()).toEqual(Object.entries(metadata).sort());
        expect([...file.tensors.keys()].sort()).toEqual(Object.keys(written).sort());
        for (const [name, { shape, data }] of Object.entries(written)) {
          const stored = findTensor(file, name);
          expect(stored.shape).toEqual(shape);
          expect(stored.offset % 4).toBe(0);
          expect(readTensor(stored)).toEqual(data);
        }
        expect(file.dataStart % 8).toBe(0);
      }),
    );
    expect(readdirSync(folder.path)).toEqual(["round-trip.safetensors"]);
  });

  it("writes more than one piece", () => {
    const path = join(folder.path, "long.safetensors");
    const data = Float32Array.from({ length: 600_001 }, (_, index) => Math.sin(index));
    writeSafetensors(path, { out: { shape: [600_001], data } });
    expect(readTensor(findTensor(openSafetensors(path), "out"))).toEqual(data);
  });

  it("writes the bytes that the format prescribes", () => {
    const path = join(folder.path, "bytes.safetensors");
    writeSafetensors(path, { out: { shape: [1, 2], data: Float32Array.of(1, -2) } }, { made: "here" });
    const json = '{"__metadata__":{"made":"here"},"out":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}';
    const bytes = readFileSync(path);
    const length = Number(bytes.readBigUInt64LE());
    expect(bytes.subarray(8, 8 + length).toString()).toBe(json.padEnd(length));
    expect([...bytes.subarray(8 + length)]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
  });

  const one = { out: { shape: [1], data: Float32Array.of(1) } };

  it("replaces a file whole, and leaves what had the old one open with the old", () => {
    const path = folder.write("replaced.safetensors", "old");
    linkSync(path, join(folder.path, "still-open"));
    writeSafetensors(path, one);
    expect(readFileSync(join(folder.path, "still-open"), "utf8")).toBe("old");
    expect(openSafetensors(path).tensors.size).toBe(1);
  });

  it.skipIf(process.platform === "win32")("writes through a link and keeps the link", () => {
    const path = folder.write("linked.safetensors", "old");
    const link = join(folder.path, "link.safetensors");
    symlinkSync(path, link);
    writeSafetensors(link, one);
    expect(openSafetensors(path).tensors.size).toBe(1);
  });

  it("fails clearly where the folder is missing or a file", () => {
    const missing = join(folder.path, "none", "out.safetensors");
    expect(thrownBy(() => writeSafetensors(missing, one))).toBeInstanceOf(FailureError);
    expect(refusal(() => writeSafetensors(missing, one))).toContain(
      "its folder does not exist; create it first",
    );
    const file = folder.write("file", "");
    expect(refusal(() => writeSafetensors(join(file, "out.safetensors"), one))).toContain(
      "its folder is a file",
    );
    expect(refusal(() => writeSafetensors("a\0b", one))).toContain("a\\u{0}b: cannot be written");
  });

  it("leaves nothing behind when it fails at the last step", () => {
    const place = join(folder.path, "place");
    mkdirSync(place);
    // A name that ends like a folder's is found out by the last step, the renaming.
    expect(thrownBy(() => writeSafetensors(`${place}/out/`, one))).toBeInstanceOf(FailureError);
    expect(readdirSync(place)).toEqual([]);
  });

  it.skipIf(process.platform === "win32")("does not put itself in the place of a folder or device", () => {
    expect(thrownBy(() => writeSafetensors(folder.path, one))).toBeInstanceOf(UsageError);
    expect(refusal(() => writeSafetensors("/dev/null", one))).toContain(
      "must be a regular file, got a folder, pipe or device",
    );
  });

  it.skipIf(!existsSync("/dev/full"))("does not take a full device for a file", () => {
    expect(refusal(() => writeSafetensors("/dev/full", one))).toContain(
      "must be a regular file, got a folder, pipe or device",
    );
  });

  it("refuses a shape that is not its data's", () => {
    const path = join(folder.path, "lie.safetensors");
    expect(() => writeSafetensors(path, { out: { shape: [2], data: new Float32Array(3) } })).toThrow(
      RangeError,
    );
    expect(() => writeSafetensors(path, { __metadata__: { shape: [1], data: new Float32Array(1) } })).toThrow(
      RangeError,
    );
    expect(existsSync(path)).toBe(false);
  });
});
