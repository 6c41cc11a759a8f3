import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** Numbers of a tensor, and how they are stored: bfloat16 as its bits. */
export type Numbers = Float32Array | Float16Array | Uint16Array | BigInt64Array;

export interface Stored {
  readonly shape: readonly number[];
  readonly data: Numbers;
}

/** What a program is given: the path of a safetensors file with these tensors, which it may map. */
export function writeShared(path: string, tensors: Readonly<Record<string, Stored>>): string {
  let at = 0;
  const entries = Object.entries(tensors).map(([name, { shape, data }]) => {
    const begin = at;
    at += data.byteLength;
    return [name, { dtype: storedAs(data), shape, data_offsets: [begin, at] }] as const;
  });
  const json = JSON.stringify(Object.fromEntries(entries));
  const header = Buffer.from(json.padEnd(Math.ceil((8 + json.length) / 64) * 64 - 8));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(
    path,
    Buffer.concat([size, header, ...Object.values(tensors).map(({ data }) => bytesOf(data))]),
    {
      flag: existsSync(path) ? "r+" : "w",
    },
  );
  return path;
}

/** A float32 tensor of such a file. */
export function readShared(path: string, name: string): Float32Array {
  const bytes = readFileSync(path);
  const from = 8 + Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString("utf8", 8, from)) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  const [begin, end] = header[name].data_offsets;
  return new Float32Array(Uint8Array.from(bytes.subarray(from + begin, from + end)).buffer);
}

/** A pattern as a program asks for it: the edges of the ranges of each row of each head. */
export function rangesFile(path: string, heads: readonly (readonly (readonly number[])[])[]): string {
  const edges = heads.flat(2);
  return writeShared(path, {
    starts: startsOf(heads, (row) => row.length / 2),
    ranges: { shape: [edges.length / 2, 2], data: BigInt64Array.from(edges, BigInt) },
  });
}

/** The same with the keys one by one. */
export function csrFile(path: string, heads: readonly (readonly (readonly number[])[])[]): string {
  const keys = heads.flat().flatMap(keysOf);
  return writeShared(path, {
    starts: startsOf(heads, (row) => keysOf(row).length),
    keys: { shape: [keys.length], data: BigInt64Array.from(keys, BigInt) },
  });
}

/** The keys of a row from the edges of its ranges. */
export function keysOf(row: readonly number[]): readonly number[] {
  return row.flatMap((from, at) => (at % 2 === 0 ? range(from, row[at + 1]) : []));
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, at) => from + at);
}

function startsOf(
  heads: readonly (readonly (readonly number[])[])[],
  count: (row: readonly number[]) => number,
): Stored {
  const starts: bigint[] = [];
  let total = 0;
  for (const rows of heads) {
    starts.push(BigInt(total));
    for (const row of rows) {
      total += count(row);
      starts.push(BigInt(total));
    }
  }
  return { shape: [heads.length, heads[0].length + 1], data: BigInt64Array.from(starts) };
}

function storedAs(data: Numbers): string {
  if (data instanceof Float32Array) return "F32";
  if (data instanceof Float16Array) return "F16";
  return data instanceof Uint16Array ? "BF16" : "I64";
}

function bytesOf(data: Numbers): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
