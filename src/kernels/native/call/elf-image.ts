import type { Assembled } from "../assembler/index.ts";

/** Sizes of the parts of a file, as ELF-64 has them. */
const FILE_HEADER = 64;
const SEGMENT_HEADER = 56;
const SYMBOL = 24;
const DYNAMIC = 16;
const PAGE = 4096;
const CODE_LINE = 64;

const MACHINE_X86_64 = 62;
const SHARED_OBJECT = 3;
const SEGMENT = { load: 1, dynamic: 2, stack: 0x6474e551 } as const;
const EXECUTABLE = 5;
const WRITABLE = 6;
/** Tags of what a loader must know. */
const TAG = { hash: 4, strings: 5, symbols: 6, stringBytes: 10, symbolBytes: 11, name: 14, end: 0 } as const;
/** A global function. */
const FUNCTION = 0x12;

/**
 * A shared object in the format that Linux loads: one segment that is read and executed (headers, a table of
 * names, the code) and one that the loader writes (where those are). No segment is both written and executed.
 */
export function elfImage({ bytes: code, entries }: Assembled, name: string): Uint8Array<ArrayBuffer> {
  const names = [...entries.keys()];
  const texts = ["", ...names, name];
  const textAt = texts.map((_, index) => texts.slice(0, index).join("\0").length + (index > 0 ? 1 : 0));
  const strings = new TextEncoder().encode(`${texts.join("\0")}\0`);
  const symbols = names.length + 1;
  const segments = 4;
  const hash = FILE_HEADER + segments * SEGMENT_HEADER;
  const symbolTable = roundUp(hash + 4 * (3 + symbols), 8);
  const stringTable = symbolTable + SYMBOL * symbols;
  const text = roundUp(stringTable + strings.length, CODE_LINE);
  const textEnd = text + code.length;
  const dynamic = roundUp(textEnd, PAGE);
  const tags: readonly (readonly [tag: number, value: number])[] = [
    [TAG.hash, hash],
    [TAG.strings, stringTable],
    [TAG.symbols, symbolTable],
    [TAG.stringBytes, strings.length],
    [TAG.symbolBytes, SYMBOL],
    [TAG.name, textAt[texts.length - 1]],
    [TAG.end, 0],
  ];
  const bytes = new Uint8Array(dynamic + DYNAMIC * tags.length);
  const view = new DataView(bytes.buffer);
  const half = (at: number, value: number): void => view.setUint16(at, value, true);
  const word = (at: number, value: number): void => view.setUint32(at, value, true);
  const long = (at: number, value: number): void => view.setBigUint64(at, BigInt(value), true);

  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // "\x7fELF", 64 bits, little-endian, version 1
  half(16, SHARED_OBJECT);
  half(18, MACHINE_X86_64);
  word(20, 1);
  long(32, FILE_HEADER);
  half(52, FILE_HEADER);
  half(54, SEGMENT_HEADER);
  half(56, segments);
  const segment = (
    index: number,
    kind: number,
    flags: number,
    from: number,
    size: number,
    align: number,
  ): void => {
    const at = FILE_HEADER + index * SEGMENT_HEADER;
    word(at, kind);
    word(at + 4, flags);
    for (const place of [8, 16, 24]) long(at + place, from);
    for (const place of [32, 40]) long(at + place, size);
    long(at + 48, align);
  };
  segment(0, SEGMENT.load, EXECUTABLE, 0, textEnd, PAGE);
  segment(1, SEGMENT.load, WRITABLE, dynamic, DYNAMIC * tags.length, PAGE);
  segment(2, SEGMENT.dynamic, WRITABLE, dynamic, DYNAMIC * tags.length, 8);
  segment(3, SEGMENT.stack, WRITABLE, 0, 0, 16);

  // One bucket, whose chain is all symbols in their order.
  word(hash, 1);
  word(hash + 4, symbols);
  word(hash + 8, symbols > 1 ? 1 : 0);
  for (let symbol = 1; symbol < symbols; symbol++)
    word(hash + 12 + 4 * symbol, symbol + 1 < symbols ? symbol + 1 : 0);
  for (const [index, entry] of names.entries()) {
    const at = symbolTable + SYMBOL * (index + 1);
    word(at, textAt[index + 1]);
    bytes[at + 4] = FUNCTION;
    half(at + 6, 1);
    long(at + 8, text + (entries.get(entry) ?? 0));
    long(at + 16, 1);
  }
  bytes.set(strings, stringTable);
  bytes.set(code, text);
  for (const [index, [tag, value]] of tags.entries()) {
    long(dynamic + DYNAMIC * index, tag);
    long(dynamic + DYNAMIC * index + 8, value);
  }
  return bytes;
}

function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
