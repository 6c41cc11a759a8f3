/** Bytes before the header: its length, a little-endian 64-bit integer. */
export const LENGTH_BYTES = 8;

/** One tensor of a safetensors file that is to be written. */
export interface StoredTensor {
  readonly name: string;
  readonly dtype: string;
  readonly sizes: readonly number[];
  /** Bytes of its numbers. */
  readonly bytes: number;
}

/**
 * What comes before the numbers of a safetensors file, whose tensors follow one another in this order. Its bytes are a
 * multiple of 8, so that every tensor of whole 8 bytes leaves the next one aligned.
 */
export function safetensorsHead(
  tensors: readonly StoredTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const entries: [string, unknown][] = [["__metadata__", metadata]];
  let begin = 0;
  for (const { name, dtype, sizes, bytes } of tensors) {
    entries.push([name, { dtype, shape: sizes, data_offsets: [begin, begin + bytes] }]);
    begin += bytes;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const head = new Uint8Array(LENGTH_BYTES + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(head.length - LENGTH_BYTES), true);
  head.set(json, LENGTH_BYTES);
  return head;
}
