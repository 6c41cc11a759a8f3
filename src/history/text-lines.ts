import { FailureError, printable } from "../core/errors.ts";
import { withFile } from "../files/readable-file.ts";

/** A line of a file that is not blank. */
export interface TextLine {
  readonly text: string;
  /** From 1, blank lines counted. */
  readonly number: number;
}

/** How a file of lines ends. */
export interface LinesEnd {
  /** Bytes up to the end of the last complete line. */
  readonly validBytes: number;
  /** Whether the file ends within a line, as after a kill or on a full disk. */
  readonly truncated: boolean;
  /** Bytes of the whole file. */
  readonly bytes: number;
}

/** The longest line that is read: hundreds of times what any machine measures of one commit. */
const MOST_LINE_BYTES = 2 ** 24;
const PIECE_BYTES = 2 ** 18;

/**
 * Passes the lines of a file to `hear`, one by one, of which no more than one is in memory. A last line that lacks only its
 * newline counts, one that was cut off does not.
 */
export function textLines(path: string, hear: (line: TextLine) => void): LinesEnd {
  return withFile(path, ({ size, read }) => {
    const piece = Buffer.alloc(PIECE_BYTES);
    let held: Buffer = Buffer.alloc(0);
    let number = 0;
    let validBytes = 0;
    const tell = (text: string) => {
      number++;
      if (text.trim() !== "") hear({ text, number });
    };
    for (let at = 0; at < size; at += PIECE_BYTES) {
      const bytes = piece.subarray(0, Math.min(PIECE_BYTES, size - at));
      read(at, bytes);
      const all = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      let from = 0;
      for (;;) {
        const newline = all.indexOf(0x0a, from);
        const end = newline === -1 ? all.length : newline;
        if (end - from > MOST_LINE_BYTES) {
          throw new FailureError(
            `history: ${printable(path)} line ${number + 1}: a line must have at most ${MOST_LINE_BYTES} bytes, got more; remove the line`,
          );
        }
        if (newline === -1) break;
        tell(all.toString("utf8", from, newline));
        from = newline + 1;
        validBytes = at - held.length + from;
      }
      held = Buffer.from(all.subarray(from));
    }
    const text = held.toString("utf8");
    if (!isWholeLine(text)) return { validBytes, truncated: text.trim() !== "", bytes: size };
    tell(text);
    return { validBytes: size, truncated: false, bytes: size };
  });
}

/** A closed object cannot have been cut off: only the newline is missing, as some editors omit it. */
function isWholeLine(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}
