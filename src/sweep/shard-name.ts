import { createHash } from "node:crypto";

/** Hexadecimal digits of a name: two shards of ten thousand share one once in 10¹¹ sweeps. */
const DIGITS = 16;

/** A name by content, that of plain data of which equal values are written alike. */
export function nameOfContent(content: unknown): string {
  return createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, DIGITS);
}
