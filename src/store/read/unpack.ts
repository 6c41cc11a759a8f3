import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { type Compressors, snappyUncompress } from "hyparquet";

/** Unpacks bytes to exactly so many, or throws. */
type Unpack = (bytes: Uint8Array, size: number) => Uint8Array;

/** How what we write, and what others write by default, is unpacked: never to more than was said. */
export const UNPACK: Readonly<Record<string, Unpack>> = {
  UNCOMPRESSED: (bytes) => bytes,
  ZSTD: (bytes, size) => zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, size) }),
  GZIP: (bytes, size) => gunzipSync(bytes, { maxOutputLength: Math.max(1, size) }),
  SNAPPY: (bytes, size) => {
    const output = new Uint8Array(size);
    snappyUncompress(bytes, output);
    return output;
  },
};

/** The same, as the library takes them. */
export const compressors: Compressors = { ...UNPACK };
