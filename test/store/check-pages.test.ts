import { ByteWriter } from "hyparquet-writer";
import { writePageHeader } from "hyparquet-writer/src/datapage.js";
import { expect, test } from "vitest";
import { type ChunkFacts, checkPages } from "../../src/store/read/check-pages.ts";

const facts: ChunkFacts = {
  values: 100,
  type: "BYTE_ARRAY",
  definition: 1,
  repetition: 0,
  unpack: (bytes) => bytes,
};

type Header = Parameters<typeof writePageHeader>[1];

/** A column of one page with these bytes. */
function page(header: Header, ...bytes: readonly number[]): Uint8Array {
  const writer = new ByteWriter();
  writePageHeader(writer, {
    ...header,
    uncompressed_page_size: header.uncompressed_page_size || bytes.length,
    compressed_page_size: bytes.length,
  });
  writer.appendBytes(Uint8Array.from(bytes));
  return writer.getBytes();
}

/** A number as the format writes it: seven bits a byte, the lowest first. */
function varint(value: number): readonly number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}

const v2 = (
  values: number,
  levels: number,
  encoding: "PLAIN" | "RLE_DICTIONARY" | "BYTE_STREAM_SPLIT" = "PLAIN",
): Header => ({
  type: "DATA_PAGE_V2",
  uncompressed_page_size: 0,
  compressed_page_size: 0,
  data_page_header_v2: {
    num_values: values,
    num_nulls: 0,
    num_rows: values,
    encoding,
    definition_levels_byte_length: levels,
    repetition_levels_byte_length: 0,
  },
});

/** A run of so many equal values. */
const run = (count: number) => [...varint(2 * count), 1];

test("what fits is let through, with the bytes that it unpacks to", () => {
  const levels = run(100);
  expect(checkPages(page(v2(100, levels.length), ...levels, 1, 2, 3), facts)).toBe(levels.length + 3);
  const packed = [2 * 13 + 1, ...Array(13).fill(0xff)];
  expect(checkPages(page(v2(100, packed.length), ...packed), facts)).toBe(packed.length);
});

test.each<readonly [what: string, chunk: Uint8Array]>([
  ["more values than rows", page(v2(101, 0))],
  ["a run past all values", page(v2(100, 6), ...varint(2 ** 31), 1)],
  ["a packed run past all values", page(v2(100, 5), ...varint(2 ** 28 + 1))],
  [
    "indices of a dictionary past all values",
    page(v2(100, 2, "RLE_DICTIONARY"), ...run(100).slice(0, 3), 0, ...varint(2 ** 30), 0),
  ],
  [
    "indices of more bits than there can be entries",
    page(v2(100, 3, "RLE_DICTIONARY"), ...run(100), 32, ...run(100)),
  ],
  ["levels past the page", page(v2(100, 50), ...run(100))],
  ["an encoding that is not read", page(v2(100, 3, "BYTE_STREAM_SPLIT"), ...run(100), 1)],
  ["a page that unpacks to gigabytes", page({ ...v2(100, 0), uncompressed_page_size: 2 ** 30 })],
  [
    "a dictionary of more values than rows",
    page(
      {
        type: "DICTIONARY_PAGE",
        uncompressed_page_size: 0,
        compressed_page_size: 0,
        dictionary_page_header: { num_values: 2 ** 30, encoding: "PLAIN" },
      },
      0,
    ),
  ],
  ["a page that is cut off", page(v2(100, 3), ...run(100), 1, 2, 3).subarray(0, -2)],
])("%s is refused before it is read", (_, chunk) => {
  expect(() => checkPages(chunk, facts)).toThrow(/must be from 0 to \d+, got|not read here/);
});

test("levels of older pages are unpacked and held to the same", () => {
  const header: Header = {
    type: "DATA_PAGE",
    uncompressed_page_size: 0,
    compressed_page_size: 0,
    data_page_header: {
      num_values: 100,
      encoding: "PLAIN",
      definition_level_encoding: "RLE",
      repetition_level_encoding: "RLE",
    },
  };
  const sized = (levels: readonly number[]) => [levels.length, 0, 0, 0, ...levels];
  expect(checkPages(page(header, ...sized(run(100)), 1), facts)).toBeGreaterThan(0);
  expect(() => checkPages(page(header, ...sized(run(2 ** 20))), facts)).toThrow(
    /values of a run must be from 0 to 107/,
  );
});
