/** How text is encoded: as UTF-8 after `markBytes` bytes of a byte-order mark, or otherwise. */
export type TextEncoding = { readonly markBytes: number } | { readonly foreign: "UTF-16" | "UTF-32" };

const BRACE = 0x7b;

/** How a text that begins with a brace is encoded, by its first bytes. */
export function textEncoding(content: Uint8Array): TextEncoding {
  const begins = (...bytes: readonly number[]) => bytes.every((byte, index) => content[index] === byte);
  if (begins(0xef, 0xbb, 0xbf)) return { markBytes: 3 };
  if (begins(0xff, 0xfe, 0, 0) || begins(0, 0, 0xfe, 0xff)) return { foreign: "UTF-32" };
  if (begins(0xff, 0xfe) || begins(0xfe, 0xff)) return { foreign: "UTF-16" };
  // Without a mark, the zeros next to the first brace identify it.
  if (begins(BRACE, 0, 0, 0) || begins(0, 0, 0, BRACE)) return { foreign: "UTF-32" };
  if ((begins(BRACE, 0) && content[3] === 0) || (begins(0, BRACE, 0) && content[3] !== 0)) {
    return { foreign: "UTF-16" };
  }
  return { markBytes: 0 };
}

/** What to do with text that is not in UTF-8. */
export function recodeAdvice(foreign: string): string {
  return `must be UTF-8, got ${foreign}; save it as UTF-8, such as with iconv -f ${foreign} -t UTF-8`;
}
