import {
  type ColumnChunk,
  type ColumnData,
  type FileMetaData,
  parquetMetadata,
  parquetRead,
  parquetSchema,
  type RowGroup,
  type SchemaTree,
} from "hyparquet";
import { FailureError, messageOf } from "../../core/errors.ts";
import { type OpenFile, openFile } from "../../files/readable-file.ts";
import type { Column, ColumnType } from "../column.ts";
import { checkPages } from "./check-pages.ts";
import { ColumnCells } from "./column-cells.ts";
import { MOST_CHUNK_BYTES, MOST_FOOTER_BYTES, MOST_GROUP_ROWS, MOST_GROUP_VALUES } from "./limits.ts";
import { refused } from "./refused.ts";
import { compressors, UNPACK } from "./unpack.ts";

/** One Parquet file that is being read. */
export interface ParquetTable {
  readonly facts: ReadonlyMap<string, string>;
  /** Its row groups, one at a time, with what they have in our columns. */
  groups(): AsyncGenerator<ParquetGroup, void, void>;
  close(): void;
}

/** A row group, column by column as the file has it: rows made of all of it at once would take many times as much memory. */
export interface ParquetGroup {
  readonly rows: number;
  /** What a column, by its index among ours, has in a row, from 0. Rows are asked for in order. */
  cell(column: number, row: number): unknown;
}

/** The bytes after what a file says of itself: how many those are, and `PAR1`. */
const TAIL_BYTES = 8;

/** Opens a Parquet file that must have these columns; others are not read. */
export function openParquet(path: string, columns: readonly Column[]): ParquetTable {
  const file = openFile(path);
  const attempt = <T>(action: () => T): T => {
    try {
      return action();
    } catch (thrown) {
      throw unreadable(path, thrown);
    }
  };
  try {
    const metadata = attempt(() => metadataOf(file));
    const places = attempt(() => placesOf(metadata, columns, path));
    const facts = new Map(metadata.key_value_metadata?.map(({ key, value = "" }) => [key, value]));
    return {
      facts,
      async *groups() {
        let rowStart = 0;
        for (const group of metadata.row_groups) {
          const rows = attempt(() => checkGroup(file, group, places));
          if (rows === 0) continue;
          const rowEnd = rowStart + rows;
          const read = new Map(columns.map(({ name, type }) => [name, new ColumnCells(type)]));
          const options = {
            file: sliced(file),
            metadata,
            rowStart,
            rowEnd,
            columns: [...read.keys()],
            onChunk: ({ columnName, columnData, rowStart: from }: ColumnData) =>
              read.get(columnName)?.add(from, columnData),
          };
          try {
            await parquetRead({ ...options, compressors, parsers, geoparquet: false });
          } catch (thrown) {
            throw unreadable(path, thrown);
          }
          const [cells, first] = [[...read.values()], rowStart];
          rowStart = rowEnd;
          yield { rows, cell: (column, row) => cells[column].at(first + row) };
        }
      },
      close: file.close,
    };
  } catch (thrown) {
    file.close();
    throw thrown;
  }
}

function unreadable(path: string, thrown: unknown): FailureError {
  if (thrown instanceof FailureError) return thrown;
  return refused({ name: path }, `must be a Parquet file that can be read, got ${messageOf(thrown)}`);
}

/** Texts as they are, a mark of byte order at their beginning included; bytes that are none are refused. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
const parsers = { stringFromBytes: (bytes: Uint8Array) => bytes && decoder.decode(bytes) };

function metadataOf(file: OpenFile): FileMetaData {
  if (file.size < TAIL_BYTES) throw new Error(`${file.size} bytes`);
  const tail = bytesOf(file, file.size - TAIL_BYTES, file.size);
  if (tail.toString("latin1", 4) !== "PAR1") throw new Error("no PAR1 at its end; was it cut off?");
  const size = tail.readUInt32LE(0);
  if (size > Math.min(MOST_FOOTER_BYTES, file.size - TAIL_BYTES))
    throw new Error(`a footer of ${size} bytes`);
  return parquetMetadata(bytesOf(file, file.size - TAIL_BYTES - size, file.size), { geoparquet: false });
}

function bytesOf(file: OpenFile, from: number, to: number): Buffer<ArrayBuffer> {
  const size = to - from;
  if (!(from >= 0 && size >= 0 && to <= file.size && size <= MOST_CHUNK_BYTES)) {
    throw new Error(`bytes ${from} to ${to} of ${file.size}`);
  }
  const bytes = Buffer.alloc(size);
  file.read(from, bytes);
  return bytes;
}

/** The file as the library reads it. */
function sliced(file: OpenFile) {
  return {
    byteLength: file.size,
    slice(from: number, to = file.size): ArrayBuffer {
      const { buffer, byteOffset, length } = bytesOf(file, from, to);
      // A buffer of its own mostly.
      return length === buffer.byteLength ? buffer : buffer.slice(byteOffset, byteOffset + length);
    },
  };
}

/** Where a column lies, and how deep. */
interface ColumnPlace {
  readonly type: string;
  readonly definition: number;
  readonly repetition: number;
}

const PHYSICAL: Readonly<Record<ColumnType, string>> = {
  text: "BYTE_ARRAY",
  json: "BYTE_ARRAY",
  integer: "INT64",
  double: "DOUBLE",
  boolean: "BOOLEAN",
  doubles: "DOUBLE",
};

/** The places of our columns, by their names. Refuses a file that has another of that name, or none. */
function placesOf(
  metadata: FileMetaData,
  columns: readonly Column[],
  path: string,
): ReadonlyMap<string, ColumnPlace> {
  const { children } = parquetSchema(metadata);
  return new Map(
    columns.map(({ name, type }) => {
      const found = children.filter(({ element }) => element.name === name);
      const at = { name: path, column: name };
      if (found.length !== 1) throw refused(at, `must be one column, got ${found.length || "none"}`);
      const nodes = pathTo(found[0], type);
      const leaf = nodes?.at(-1)?.element;
      if (nodes === null || leaf?.type !== PHYSICAL[type] || !isPlain(leaf, type)) {
        throw refused(
          at,
          `must be ${type === "doubles" ? "a list of DOUBLE" : PHYSICAL[type]}, got another type`,
        );
      }
      const levels = nodes.map(({ element }) => element.repetition_type);
      const place: ColumnPlace = {
        type: PHYSICAL[type],
        definition: levels.filter((level) => level !== "REQUIRED").length,
        repetition: levels.filter((level) => level === "REPEATED").length,
      };
      return [name, place];
    }),
  );
}

/** The schema's elements from a column to its values; null if it nests otherwise than its type does. */
function pathTo(column: SchemaTree, type: ColumnType): readonly SchemaTree[] | null {
  const nodes = [column];
  for (let node = column; node.children.length > 0; ) {
    if (node.children.length > 1 || nodes.length > 2) return null;
    node = node.children[0];
    nodes.push(node);
  }
  const repeated = nodes.map(({ element }) => element.repetition_type === "REPEATED");
  if (type === "doubles")
    return nodes.length === 3 && repeated.indexOf(true) === 1 && !repeated[2] ? nodes : null;
  return nodes.length === 1 && !repeated[0] ? nodes : null;
}

/** Whether values are what their physical type says, and texts are texts. */
function isPlain({ converted_type, logical_type }: SchemaTree["element"], type: ColumnType): boolean {
  if (type === "text" || type === "json") return converted_type === "UTF8" || logical_type?.type === "STRING";
  return converted_type === undefined && (logical_type === undefined || logical_type.type === "INTEGER");
}

/** Refuses a row group that would not fit; the rows of one that does. */
function checkGroup(
  file: OpenFile,
  { columns, num_rows }: RowGroup,
  places: ReadonlyMap<string, ColumnPlace>,
): number {
  const rows = Number(num_rows);
  if (!(rows >= 0 && rows <= MOST_GROUP_ROWS)) throw new Error(`a group of ${num_rows} rows`);
  let unpacked = 0;
  for (const chunk of columns) {
    const place = places.get(chunk.meta_data?.path_in_schema[0] ?? "");
    if (place === undefined) continue;
    unpacked += checkChunk(file, chunk, place, rows);
    if (unpacked > MOST_CHUNK_BYTES) throw new Error(`a group of more than ${MOST_CHUNK_BYTES} bytes`);
  }
  return rows;
}

function checkChunk(
  file: OpenFile,
  { meta_data: meta }: ColumnChunk,
  place: ColumnPlace,
  rows: number,
): number {
  const unpack = UNPACK[meta?.codec ?? ""];
  if (meta === undefined || unpack === undefined) throw new Error(`a column packed by ${meta?.codec}`);
  const from = Number(meta.dictionary_page_offset || meta.data_page_offset);
  const chunk = bytesOf(file, from, from + Number(meta.total_compressed_size));
  return checkPages(chunk, { ...place, values: place.repetition > 0 ? MOST_GROUP_VALUES : rows, unpack });
}
