import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  type Assembled,
  Assembler,
  at,
  beyond,
  each,
  type Memory,
  mask,
  r8,
  rax,
  zmm,
} from "../../../src/kernels/native/assembler/index.ts";
import { PROGRAMS } from "../../../src/kernels/native/programs.ts";
import { assembled, disassembled, hasBinutils } from "./gnu.ts";
import { FORMS, writeForms } from "./instruction-forms.ts";

/** Methods that write no instruction. */
const OTHERS = [
  "constructor",
  "fresh",
  "label",
  "note",
  "entry",
  "align",
  "constant",
  "words",
  "finish",
  "length",
];
/** Methods that subclasses are given. */
const INNER = ["line", "data", "byte", "bytes", "bytes", "word", "distance", "operand"];

const names = Object.keys(FORMS);

interface Written extends Assembled {
  /** Where the forms of each instruction begin and end, and how many they are. */
  readonly parts: readonly {
    readonly name: string;
    readonly from: number;
    readonly to: number;
    readonly forms: number;
  }[];
}

/** Every form of every instruction. */
function everyForm(): Written {
  const a = new Assembler({ listing: true });
  const parts = names.map((name) => {
    const from = a.length;
    const forms = writeForms(a, name);
    return { name, from, to: a.length, forms };
  });
  return { ...a.finish(), parts };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** The first place where two codes differ, to be read; empty if there is none. */
function firstUnlike(ours: Uint8Array, theirs: Uint8Array): string {
  if (Buffer.from(ours).equals(theirs)) return "";
  const at = ours.findIndex((byte, index) => byte !== theirs[index]);
  const [from, to] = [Math.max(0, at - 8), at + 16];
  return `at byte ${at}: ours ${hex(ours.subarray(from, to))}, theirs ${hex(theirs.subarray(from, to))}`;
}

describe("the assembler", () => {
  it("has forms for every instruction that it can write", () => {
    const methods = new Set<string>();
    for (let of: object = Assembler.prototype; of !== Object.prototype; of = Object.getPrototypeOf(of)) {
      for (const name of Object.getOwnPropertyNames(of)) methods.add(name);
    }
    for (const name of [...OTHERS, ...INNER]) methods.delete(name);
    expect(new Set(names)).toEqual(methods);
  });

  it("writes the bytes that GNU as was seen to write", () => {
    const { bytes, parts } = everyForm();
    const told = parts.map(({ name, from, to, forms }) => {
      const hash = createHash("sha256").update(bytes.subarray(from, to)).digest("hex").slice(0, 16);
      return `${name}: ${forms} forms, ${to - from} bytes, ${hash}`;
    });
    expect(told.join("\n")).toMatchSnapshot();
  });

  it("refuses what no instruction can hold", () => {
    const a = new Assembler();
    expect(() => at(rax, 2 ** 31)).toThrow("32-bit");
    expect(() => at(rax, 0.5)).toThrow("32-bit");
    expect(() => a.movImmediate(rax, -1)).toThrow("unsigned 32-bit");
    expect(() => a.imulImmediate(rax, rax, 2 ** 31)).toThrow("32-bit");
    expect(() => a.shl(rax, 64)).toThrow("1 to 63");
    a.jump("nowhere");
    expect(() => a.finish()).toThrow("label nowhere must be somewhere");
    a.label("here");
    expect(() => a.label("here")).toThrow("one place");
  });
});

describe.skipIf(!hasBinutils)("GNU as", () => {
  it("makes the same bytes of every form of every instruction", () => {
    const { bytes, listing, parts } = everyForm();
    const theirs = assembled(listing);
    for (const { name, from, to } of parts) {
      expect(`${name} ${firstUnlike(bytes.subarray(from, to), theirs.subarray(from, to))}`).toBe(`${name} `);
    }
    expect(theirs.length).toBe(bytes.length);
  });

  it("makes the same bytes of constants, and of what lies beyond them", () => {
    const a = new Assembler({ listing: true });
    const [one, many] = [a.constant(1), a.words(Array.from({ length: 16 }, (_, index) => index))];
    for (const memory of [one, many, beyond(many, 8), beyond(many, -4)]) writeWith(a, memory);
    const { bytes, listing } = a.finish();
    expect(hex(assembled(listing))).toBe(hex(bytes));
  });

  it.each(PROGRAMS.map((program) => [program.name, program] as const))(
    "makes the same bytes of the program %s",
    (_, program) => {
      const { bytes, listing } = program.assemble(true);
      expect(hex(program.assemble().bytes)).toBe(hex(bytes));
      expect(firstUnlike(bytes, assembled(listing))).toBe("");
    },
  );

  it("has objdump read as many instructions as were written, none of them unknown", () => {
    const { bytes, parts } = everyForm();
    const lines = disassembled(bytes);
    expect(lines.length).toBe(parts.reduce((sum, { forms }) => sum + forms, 0));
    expect(lines.filter((line) => line.includes("(bad)"))).toEqual([]);
  });
});

/** Instructions of each encoding with the same memory, one with a number behind it. */
function writeWith(a: Assembler, memory: Memory): void {
  a.mov32(r8, memory);
  a.add(rax, memory);
  a.kmovwLoad(mask(1), memory);
  a.vaddps(zmm(1), zmm(2), memory);
  a.vmulps(zmm(30), zmm(20), each(memory));
  a.vrndscaleps(zmm(3), memory, 9);
}
