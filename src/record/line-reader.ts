import { FailureError, printable } from "../core/errors.ts";
import { shownName } from "../files/read-whole.ts";
import type { AnyLine, LineKind } from "./line-kind.ts";
import { parseLine } from "./parse-line.ts";
import { type FilePlace, lineSplitter, type Remainder, type TextLine } from "./split-lines.ts";

/** A valid line, and where it stands. */
export interface PlacedLine<Line> extends Omit<TextLine, "text"> {
  readonly line: Line;
}

/** Reads and validates a file of lines as its content comes in pieces, from wherever. */
export interface LineReader<Line> {
  /** The lines that this piece ends. */
  push(piece: Buffer): Generator<PlacedLine<Line>, void, void>;
  /** What is left at the end of the file. */
  end(): Omit<Remainder, "lines"> & { readonly lines: readonly PlacedLine<Line>[] };
}

/**
 * A reader of a file of this kind, or of what follows a place within one, where a head stands. A last line that was cut off is ignored; any other fault is refused, naming the line:
 * also a first line that is not a head, and a file without any.
 */
export function lineReader<Line extends AnyLine>(
  kind: LineKind<Line>,
  path: string,
  place?: FilePlace,
): LineReader<Line> {
  const splitter = lineSplitter(kind.name, path, { place });
  const where = `${kind.name}: ${printable(shownName(path))}`;
  let first = true;
  const parse = ({ text, number, from, to }: TextLine): PlacedLine<Line> => {
    const line = parseLine(kind, path, number, text);
    if (first && line.type !== kind.head) {
      throw new FailureError(
        `${where} line ${number} must be of type ${kind.head}, got ${line.type}; ${kind.advice}`,
      );
    }
    first = false;
    return { line, number, from, to };
  };
  return {
    *push(piece) {
      for (const line of splitter.push(piece)) yield parse(line);
    },
    end() {
      const rest = splitter.end();
      const lines = rest.lines.map(parse);
      if (first) {
        throw new FailureError(
          `${where} must hold a whole line, got ${rest.bytes} bytes without one; ${kind.advice}`,
        );
      }
      return { ...rest, lines };
    },
  };
}
