import { closeSync, openSync, readFileSync, writeSync } from "node:fs";

/** A tensor of a safetensors file that attnbench shares: row-major, from byte `from` of the file on. */
export interface SharedTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly from: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Reads such a file as it now stands. Throws what the system throws if it cannot be read. */
export function readShared(path: string): ReadonlyMap<string, SharedTensor> {
  const bytes = Uint8Array.from(readFileSync(path));
  const from = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, from))) as Record<string, Entry>;
  const { __metadata__: _, ...entries } = header;
  return new Map(
    Object.entries(entries).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [begin, end],
        },
      ]) => [name, { dtype, shape, from: from + begin, bytes: bytes.slice(from + begin, from + end) }],
    ),
  );
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Writes a tensor's numbers into its file, whose header and size stay. */
export function writeShared(path: string, { from }: Pick<SharedTensor, "from">, values: Float32Array): void {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const file = openSync(path, "r+");
  try {
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(file, bytes, done, bytes.length - done, from + done);
    }
  } finally {
    closeSync(file);
  }
}

/** The keys that each query attends. */
export interface ListedPattern {
  /** 1 where all heads attend the same. */
  readonly heads: number;
  /** `[heads, queries + 1]`: where the entries of each query begin. */
  readonly starts: Int32Array;
  /** What is listed: of `ranges`, from and to of each, one after the other; of `csr`, keys. */
  readonly entries: Int32Array;
}

/** Reads a pattern: its file lists `ranges` or `keys`. */
export function readPattern(path: string): ListedPattern {
  const tensors = readShared(path);
  const starts = tensors.get("starts");
  const entries = tensors.get("ranges") ?? tensors.get("keys");
  if (starts === undefined || entries === undefined) {
    throw new Error("a pattern's file must hold starts, and ranges or keys");
  }
  return { heads: starts.shape[0], starts: lowHalves(starts), entries: lowHalves(entries) };
}

/** Whole numbers below 2^31 out of 64 bits each. */
function lowHalves({ bytes }: SharedTensor): Int32Array {
  return new Int32Array(bytes.buffer).filter((_, at) => at % 2 === 0);
}

/** One byte a pair, 1 where it is attended: `[heads, queries, length]`, of a pattern's ranges. */
export function maskOf({ heads, starts, entries }: ListedPattern, length: number): Uint8Array {
  const queries = starts.length / heads - 1;
  const mask = new Uint8Array(heads * queries * length);
  for (let row = 0; row < heads * queries; row++) {
    const first = Math.floor(row / queries) * (queries + 1) + (row % queries);
    for (let range = starts[first]; range < starts[first + 1]; range++) {
      mask.fill(1, row * length + entries[2 * range], row * length + entries[2 * range + 1]);
    }
  }
  return mask;
}
