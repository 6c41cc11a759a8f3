import { isStream } from "../files/read-whole.ts";

/**
 * Whether a file of lines is compressed with gzip, by its name and its first bytes: a stream has no name to show it, and no
 * text begins like this.
 */
export function isPacked(path: string, begin: Uint8Array): boolean {
  return path.endsWith(".gz") || (begin[0] === 0x1f && begin[1] === 0x8b && isStream(path));
}
