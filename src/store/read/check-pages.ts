import { deserializeTCompactProtocol, readVarInt } from "hyparquet/src/thrift.js";
import { MOST_CHUNK_BYTES } from "./limits.ts";

/** What is known of a column of a row group before its pages are read. */
export interface ChunkFacts {
  /** The most values that it may have. */
  readonly values: number;
  /** Its physical type. */
  readonly type: string;
  /** The deepest level of definition and of repetition, as its place in the schema has it. */
  readonly definition: number;
  readonly repetition: number;
  /** Unpacks bytes to exactly so many, or throws. */
  readonly unpack: (bytes: Uint8Array, size: number) => Uint8Array;
}

/** Types of pages, by Parquet's numbers. */
const DATA_PAGE = 0;
const INDEX_PAGE = 1;
const DICTIONARY_PAGE = 2;
const DATA_PAGE_V2 = 3;

/** Encodings, by Parquet's numbers. */
const PLAIN = 0;
const PLAIN_DICTIONARY = 2;
const RLE = 3;
const RLE_DICTIONARY = 8;

/** Bits of the widest index of a dictionary. */
const MOST_BITS = 24;
/** Values that a bit-packed run may say more than there are, since it counts by eights. */
const ROUNDED_UP = 7;

/**
 * Throws if the pages of a column would unpack to more than what the row group can hold: a few bytes can say of a run of values
 * that it is two thousand million long, and a reader that believes it dies of that. The bytes unpacked are returned.
 */
export function checkPages(chunk: Uint8Array, facts: ChunkFacts): number {
  const reader = readerOf(chunk);
  let unpacked = 0;
  let values = 0;
  while (reader.offset < chunk.length - 1) {
    const header = deserializeTCompactProtocol(reader);
    const size = whole(header.field_2, MOST_CHUNK_BYTES, "bytes of a page");
    const packed = whole(header.field_3, chunk.length - reader.offset, "packed bytes of a page");
    unpacked += size;
    whole(unpacked, MOST_CHUNK_BYTES, "bytes of all pages");
    const bytes = chunk.subarray(reader.offset, reader.offset + packed);
    reader.offset += packed;
    switch (header.field_1) {
      case DICTIONARY_PAGE:
        whole(header.field_7?.field_1, facts.values, "values of a dictionary");
        if (header.field_7.field_2 !== PLAIN && header.field_7.field_2 !== PLAIN_DICTIONARY)
          throw unknownEncoding();
        break;
      case DATA_PAGE:
        values += whole(header.field_5?.field_1, facts.values - values, "values");
        checkDataPage(facts.unpack(bytes, size), header.field_5, facts);
        break;
      case DATA_PAGE_V2:
        values += whole(header.field_8?.field_1, facts.values - values, "values");
        checkDataPageV2(bytes, size, header.field_8, facts);
        break;
      case INDEX_PAGE:
        break;
      default:
        throw new Error("a page of an unknown type");
    }
  }
  return unpacked;
}

/** The fields of a header, by Parquet's numbers. */
type Header = ReturnType<typeof deserializeTCompactProtocol>;

/** Levels and values, all packed together. */
function checkDataPage(bytes: Uint8Array, header: Header, facts: ChunkFacts): void {
  const { field_1: values, field_2: encoding, field_3: definition, field_4: repetition } = header;
  let rest = bytes;
  for (const [deepest, how] of [
    [facts.repetition, repetition],
    [facts.definition, definition],
  ] as const) {
    if (deepest === 0) continue;
    if (how !== RLE) throw unknownEncoding();
    rest = checkSized(rest, bitsOf(deepest), values);
  }
  checkValues(rest, encoding, values, facts);
}

/** Levels, which are not packed, and then values. */
function checkDataPageV2(bytes: Uint8Array, size: number, header: Header, facts: ChunkFacts): void {
  const { field_1: values, field_4: encoding, field_7: isPacked = true } = header;
  const definition = whole(header.field_5, bytes.length, "bytes of levels");
  const repetition = whole(header.field_6, bytes.length - definition, "bytes of levels");
  const levels = definition + repetition;
  if (facts.repetition > 0) checkRuns(bytes.subarray(0, repetition), bitsOf(facts.repetition), values);
  if (facts.definition > 0) checkRuns(bytes.subarray(repetition, levels), bitsOf(facts.definition), values);
  const rest = bytes.subarray(levels);
  // A page whose values are all null has none to unpack.
  if (rest.length === 0) return;
  checkValues(
    isPacked ? facts.unpack(rest, whole(size - levels, size, "bytes")) : rest,
    encoding,
    values,
    facts,
  );
}

function checkValues(bytes: Uint8Array, encoding: number, values: number, { type }: ChunkFacts): void {
  switch (encoding) {
    case PLAIN:
      return;
    case RLE:
      if (type !== "BOOLEAN") throw unknownEncoding();
      checkSized(bytes, 1, values);
      return;
    case PLAIN_DICTIONARY:
    case RLE_DICTIONARY:
      if (bytes.length === 0) return;
      checkRuns(bytes.subarray(1), whole(bytes[0], MOST_BITS, "bits of an index"), values);
      return;
    default:
      throw unknownEncoding();
  }
}

/** Runs that follow their size in bytes; what follows them is returned. */
function checkSized(bytes: Uint8Array, bits: number, values: number): Uint8Array {
  const view = readerOf(bytes).view;
  const size = whole(view.getUint32(0, true), bytes.length - 4, "bytes of runs");
  checkRuns(bytes.subarray(4, 4 + size), bits, values);
  return bytes.subarray(4 + size);
}

/** Runs of equal values and of packed ones, of so many bits each, must end within so many values. */
function checkRuns(bytes: Uint8Array, bits: number, values: number): void {
  const reader = readerOf(bytes);
  for (let seen = 0; seen < values && reader.offset < bytes.length; ) {
    const header = readVarInt(reader);
    const isPacked = (header & 1) === 1;
    const count = isPacked ? (header >> 1) * 8 : header >>> 1;
    seen += whole(count, values - seen + ROUNDED_UP, "values of a run");
    reader.offset += isPacked ? (count / 8) * bits : Math.ceil(bits / 8);
  }
}

function bitsOf(deepest: number): number {
  return Math.ceil(Math.log2(deepest + 1));
}

function readerOf(bytes: Uint8Array): { view: DataView; offset: number } {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
}

function whole(value: unknown, most: number, what: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new Error(`${what} must be from 0 to ${Math.max(0, most)}, got ${value}`);
}

function unknownEncoding(): Error {
  return new Error("an encoding that is not read here");
}
