/** The bytes that a text takes in a file, in Node and in a browser. */
export function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
