import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { constants, zstdCompressSync } from "node:zlib";
import type { SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { Cell, Column, Row } from "../column.ts";
import type { StoreFacts } from "./store-writer.ts";

/** What is held before it is written as a row group: at most so many rows, of about so many bytes. */
const GROUP_ROWS = 2 ** 14;
const GROUP_BYTES = 2 ** 23;
/** What a cell that is no text takes, about. */
const CELL_BYTES = 8;

/** A cell as the library takes it. */
type Held = Cell | bigint;

/** One table as a Parquet file, row group by row group. */
export interface ParquetFile {
  add(row: Row): void;
  finish(facts: StoreFacts, createdBy: string): void;
  close(): void;
}

/** Begins a file that does not exist yet. Columns are compressed with Zstandard, which Node has and readers know. */
export function parquetFile(path: string, columns: readonly Column[]): ParquetFile {
  const descriptor = openSync(path, "wx");
  const file = new ParquetWriter({
    writer: new FlushingWriter(descriptor),
    schema: schemaOf(columns),
    codec: "ZSTD",
    compressors: { ZSTD: packed },
  });
  let held: Held[][] = columns.map(() => []);
  let rows = 0;
  let bytes = 0;

  const writeGroup = () => {
    if (rows === 0) return;
    const columnData = columns.map(({ name, type }, index) => ({
      name,
      data: held[index],
      // Times are all different: a dictionary of them would only be made to be thrown away.
      ...(type === "doubles" && { encoding: "PLAIN" as const }),
    }));
    file.write({ columnData, rowGroupSize: rows });
    held = columns.map(() => []);
    rows = 0;
    bytes = 0;
  };

  return {
    add(row) {
      for (const [index, { name, type }] of columns.entries()) {
        const cell = row[name];
        held[index].push(type === "integer" && typeof cell === "number" ? BigInt(cell) : cell);
        bytes += typeof cell === "object" && cell !== null ? CELL_BYTES * cell.length : lengthOf(cell);
      }
      if (++rows >= GROUP_ROWS || bytes >= GROUP_BYTES) writeGroup();
    },
    finish(facts, createdBy) {
      writeGroup();
      file.createdBy = createdBy;
      file.kvMetadata = Object.entries(facts).map(([key, value]) => ({ key, value }));
      file.finish();
      fsyncSync(descriptor);
    },
    close: () => closeSync(descriptor),
  };
}

function lengthOf(cell: Exclude<Cell, readonly number[]>): number {
  return typeof cell === "string" ? cell.length : CELL_BYTES;
}

/** Packed with a checksum, so that a reader notices what changed since. */
function packed(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
}

/** Writes what it holds after each row group. */
class FlushingWriter extends ByteWriter {
  readonly descriptor: number;

  constructor(descriptor: number) {
    super();
    this.descriptor = descriptor;
  }

  flush(): void {
    const bytes = this.getBytes();
    for (let written = 0; written < bytes.length; ) written += writeSync(this.descriptor, bytes, written);
    this.index = 0;
  }

  override finish(): void {
    this.flush();
  }
}

function schemaOf(columns: readonly Column[]): SchemaElement[] {
  return [{ name: "schema", num_children: columns.length }, ...columns.flatMap(elementsOf)];
}

function elementsOf({ name, type, nullable }: Column): SchemaElement[] {
  const repetition_type = nullable ? "OPTIONAL" : "REQUIRED";
  switch (type) {
    case "text":
    case "json":
      return [{ name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type }];
    case "integer":
      return [{ name, type: "INT64", repetition_type }];
    case "double":
      return [{ name, type: "DOUBLE", repetition_type }];
    case "boolean":
      return [{ name, type: "BOOLEAN", repetition_type }];
    case "doubles":
      return [
        { name, converted_type: "LIST", repetition_type, num_children: 1 },
        { name: "list", repetition_type: "REPEATED", num_children: 1 },
        { name: "element", type: "DOUBLE", repetition_type: "REQUIRED" },
      ];
    default:
      return type satisfies never;
  }
}
