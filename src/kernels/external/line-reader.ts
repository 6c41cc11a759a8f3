const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Cuts what a program writes into lines, of which `\r\n` ends one as well; keeps no more than a line may have. */
export class LineReader {
  readonly #most: number;
  #parts: Buffer[] = [];
  #bytes = 0;

  /** `most` is the longest line, in bytes. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Whether the line at hand is longer than a line may be: nothing of it is kept. */
  get isTooLong(): boolean {
    return this.#bytes > this.#most;
  }

  /** The lines that end in these bytes, without their ends. Stops at a line that is too long. */
  *take(bytes: Buffer): Generator<Buffer> {
    for (let from = 0; from < bytes.length && !this.isTooLong; ) {
      const end = bytes.indexOf(NEWLINE, from);
      const part = bytes.subarray(from, end < 0 ? bytes.length : end);
      this.#bytes += part.length;
      if (this.isTooLong) this.#parts = [];
      else this.#parts.push(part);
      if (end < 0 || this.isTooLong) return;
      const line = Buffer.concat(this.#parts);
      this.#parts = [];
      this.#bytes = 0;
      from = end + 1;
      yield line.at(-1) === RETURN ? line.subarray(0, -1) : line;
    }
  }
}
