import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Assembled } from "../../../src/kernels/native/assembler/index.ts";
import { elfImage } from "../../../src/kernels/native/call/elf-image.ts";
import { loadCode } from "../../../src/kernels/native/call/load-code.ts";
import { ffiOrThrow } from "../../../src/kernels/native/call/program.ts";
import { PROGRAMS } from "../../../src/kernels/native/programs.ts";
import { hasBinutils, readElf } from "./gnu.ts";
import { describeNative } from "./here.ts";

/** Code, of which only the bytes and where it is entered matter here. */
const codes = fc
  .tuple(
    fc.uint8Array({ minLength: 1, maxLength: 9000 }),
    fc.uniqueArray(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1, maxLength: 20 }),
    fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })),
  )
  .map(([bytes, names, shares]): Assembled => {
    const entries = names.map((name) => {
      const { value = 0 } = shares.next();
      return [name, Math.floor(Number(value) * bytes.length)] as const;
    });
    return { bytes: new Uint8Array(bytes), entries: new Map(entries), listing: "" };
  });

const PAGE = 4096;

/** A segment as the program headers have it. */
interface Segment {
  readonly kind: number;
  readonly flags: number;
  readonly from: number;
  readonly size: number;
}

function segmentsOf(image: Uint8Array): readonly Segment[] {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const [from, size, count] = [
    Number(view.getBigUint64(32, true)),
    view.getUint16(54, true),
    view.getUint16(56, true),
  ];
  return Array.from({ length: count }, (_, index) => {
    const at = from + index * size;
    return {
      kind: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      from: Number(view.getBigUint64(at + 8, true)),
      size: Number(view.getBigUint64(at + 32, true)),
    };
  });
}

const [EXECUTE, WRITE] = [1, 2];

describe("an image of generated code", () => {
  it("has no segment that is written and executed, and none that shares a page with another", () => {
    fc.assert(
      fc.property(codes, (code) => {
        const segments = segmentsOf(elfImage(code, "name"));
        for (const { flags } of segments) expect(flags & EXECUTE && flags & WRITE).toBeFalsy();
        const [code1, data] = segments.filter(({ kind }) => kind === 1);
        expect(code1.from).toBe(0);
        expect(code1.flags & EXECUTE).toBe(EXECUTE);
        expect(data.from % PAGE).toBe(0);
        expect(data.from).toBeGreaterThanOrEqual(code1.size);
      }),
    );
  });

  it("holds the code on a cache line within the part that is executed", () => {
    fc.assert(
      fc.property(codes, (code) => {
        const image = elfImage(code, "name");
        const [executed] = segmentsOf(image);
        const from = executed.size - code.bytes.length;
        expect(from % 64).toBe(0);
        expect(Buffer.from(image.subarray(from, executed.size)).equals(code.bytes)).toBe(true);
      }),
    );
  });

  it("is the same for the same code and name", () => {
    fc.assert(
      fc.property(codes, (code) => {
        expect(Buffer.from(elfImage(code, "one")).equals(elfImage(code, "one"))).toBe(true);
      }),
      { numRuns: 10 },
    );
  });

  it.skipIf(!hasBinutils)(
    "is read by GNU readelf without a warning, with each entry a function where it is",
    () => {
      fc.assert(
        fc.property(codes, (code) => {
          const image = elfImage(code, "attnbench-1-0");
          const text = readElf(
            image,
            "--file-header",
            "--segments",
            "--dynamic",
            "--use-dynamic",
            "--symbols",
            "--wide",
          );
          expect(text).toMatch(/Type: +DYN/);
          expect(text).toMatch(/Machine: +Advanced Micro Devices X86-64/);
          expect(text).not.toMatch(/warning|error|corrupt/i);
          expect(text).toMatch(/LOAD .* R?\s?E 0x1000/);
          expect(text).toMatch(/SONAME.*\[attnbench-1-0\]/);
          const [executed] = segmentsOf(image);
          const from = executed.size - code.bytes.length;
          const found = [...text.matchAll(/([0-9a-f]{16}) +\d+ FUNC +GLOBAL DEFAULT +\d+ (\w+)/g)].map(
            ([, value, name]) => [name, Number.parseInt(value, 16) - from] as const,
          );
          expect(new Map(found)).toEqual(code.entries);
        }),
        { numRuns: 15 },
      );
    },
  );
});

describeNative("the system's loader", () => {
  it("takes the image of every program, and finds its entries", () => {
    for (const program of PROGRAMS) {
      const place = loadCode(ffiOrThrow(), program.assemble(), ["memfd"]);
      expect(place).toMatchObject({ route: "memfd" });
      for (const entry of program.assemble().entries.keys()) expect(() => program.entry(entry)).not.toThrow();
    }
  });
});
