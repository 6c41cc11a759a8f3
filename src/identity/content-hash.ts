import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";

/** Larger files are not sources, and are hashed as they are, piece by piece. */
const MOST_SOURCE_BYTES = 2 ** 24;
const PIECE_BYTES = 2 ** 20;

/** SHA-256 of a file's content, hexadecimal; all line endings count as the same, as in `plainBytes`. */
export function contentHash(path: string): string {
  const { size } = statSync(path);
  const hash = createHash("sha256");
  if (size <= MOST_SOURCE_BYTES) return hash.update(plainBytes(readFileSync(path))).digest("hex");
  const descriptor = openSync(path, "r");
  try {
    const piece = Buffer.alloc(PIECE_BYTES);
    for (let got = readSync(descriptor, piece); got > 0; got = readSync(descriptor, piece)) {
      hash.update(piece.subarray(0, got));
    }
  } finally {
    closeSync(descriptor);
  }
  return hash.digest("hex");
}

/** How far git looks for a NUL, which text does not contain. */
const TEXT_PROBE_BYTES = 8000;

/**
 * Content with `\n` as its only line ending. Which ones a checkout has depends on git's settings, and
 * JavaScript treats both the same, even in template literals. What is not text is left alone.
 */
export function plainBytes(content: Buffer): Buffer {
  if (content.subarray(0, TEXT_PROBE_BYTES).includes(0) || !content.includes("\r\n")) return content;
  return Buffer.from(content.toString("latin1").replaceAll("\r\n", "\n"), "latin1");
}
