import { FailureError, printable } from "../core/errors.ts";
import { shownName } from "../files/read-whole.ts";
import { recodeAdvice, textEncoding } from "../files/text-encoding.ts";

/** A line of a file, and where it stands. */
export interface TextLine {
  readonly text: string;
  /** From 1, blank lines counted. */
  readonly number: number;
  /** Bytes from the start of the file to the line's first byte, and to the first byte after it. */
  readonly from: number;
  readonly to: number;
}

/** A place in a file from which on it is read: which line begins there, after how many bytes. */
export interface FilePlace {
  readonly number: number;
  readonly from: number;
}

/** What is left of a file after its last newline. */
export interface Remainder {
  /** Lines that were held back: a last one that lacks only its newline, and those of a file of a few bytes. */
  readonly lines: readonly TextLine[];
  /** Bytes up to the end of the last complete line. */
  readonly validBytes: number;
  /** Whether the file ends within a line, as after a kill or on a full disk. */
  readonly truncated: boolean;
  /** Bytes that came. */
  readonly bytes: number;
}

/** Splits the content of a file, as it comes in pieces, into lines that are not blank. */
export interface LineSplitter {
  /** The lines that this piece ends. */
  push(piece: Buffer): Generator<TextLine, void, void>;
  end(): Remainder;
}

/** The longest line that is read: far longer than any that was written, and no longer than a text can be. */
const MOST_LINE_BYTES = 2 ** 28;
/** What the first bytes of a file are looked at for. */
const MARK_BYTES = 4;
const NEWLINE = 0x0a;

/** What a splitter is told of a file besides its name. */
export interface Splitting {
  /** Where what comes begins within the file; at its start if omitted. */
  readonly place?: FilePlace | undefined;
  /** Bytes of a line that are refused if there are more. */
  readonly mostBytes?: number;
}

/** A splitter that calls the file by `kind` and its path in messages. */
export function lineSplitter(
  kind: string,
  path: string,
  { place, mostBytes = MOST_LINE_BYTES }: Splitting = {},
): LineSplitter {
  const where = `${kind}: ${printable(shownName(path))}`;
  const carried = carry();
  // Only the start of a file tells how it is encoded.
  let marked = place !== undefined;
  let number = (place?.number ?? 1) - 1;
  /** Where the line under way begins, and where what came ends. */
  let from = place?.from ?? 0;
  let to = from;

  /** What was held back, whose encoding is now known; its first line begins at `from`. */
  const begin = () => {
    const encoding = textEncoding(carried.bytes());
    if ("foreign" in encoding) throw new FailureError(`${where} ${recodeAdvice(encoding.foreign)}`);
    marked = true;
    from = encoding.markBytes;
    return carried.take();
  };

  /** The lines that a piece ends, from this byte of it on; the piece is the last that came. */
  function* split(piece: Buffer, begin: number): Generator<TextLine, void, void> {
    const start = to - piece.length;
    let at = begin;
    for (;;) {
      const newline = piece.indexOf(NEWLINE, at);
      const end = newline === -1 ? piece.length : newline;
      if (carried.length + end - at > mostBytes) {
        throw new FailureError(
          `${where} line ${number + 1}: a line must have at most ${mostBytes} bytes, got more; remove the line`,
        );
      }
      if (newline === -1) break;
      number++;
      const text = carried.length === 0 ? piece.toString("utf8", at, end) : carried.textWith(piece, at, end);
      at = end + 1;
      const begins = from;
      from = start + at;
      if (text.trim() !== "") yield { text, number, from: begins, to: from };
    }
    carried.add(piece.subarray(at));
  }

  return {
    *push(piece) {
      to += piece.length;
      if (marked) {
        yield* split(piece, 0);
        return;
      }
      carried.add(piece);
      if (to < MARK_BYTES) return;
      const all = begin();
      yield* split(all, from);
    },
    end() {
      const lines: TextLine[] = [];
      if (!marked) {
        const all = begin();
        lines.push(...split(all, from));
      }
      const text = carried.take().toString("utf8");
      const bytes = to - (place?.from ?? 0);
      if (!isWholeLine(text)) return { lines, validBytes: from, truncated: text.trim() !== "", bytes };
      lines.push({ text, number: number + 1, from, to });
      return { lines, validBytes: to, truncated: false, bytes };
    },
  };
}

/** A closed object cannot have been cut off: only the newline is missing, as some editors omit it. */
function isWholeLine(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

/** The beginning of a line whose end is still to come. */
function carry() {
  let held = Buffer.alloc(0);
  let length = 0;
  const add = (more: Uint8Array) => {
    if (length + more.length > held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(2 * held.length, length + more.length));
      held.copy(larger, 0, 0, length);
      held = larger;
    }
    held.set(more, length);
    length += more.length;
  };
  return {
    get length() {
      return length;
    },
    add,
    bytes: () => held.subarray(0, length),
    /** All of it, which is then no longer held. */
    take() {
      const all = held.subarray(0, length);
      held = Buffer.alloc(0);
      length = 0;
      return all;
    },
    /** The line that it begins and these bytes end; nothing is held then. */
    textWith(piece: Buffer, from: number, to: number): string {
      add(piece.subarray(from, to));
      const text = held.toString("utf8", 0, length);
      length = 0;
      return text;
    },
  };
}
