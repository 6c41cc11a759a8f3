/** A line of a text, with its number from 1. */
export interface Line {
  readonly text: string;
  readonly number: number;
}

/** The lines of a text without its byte order mark, trimmed, whatever ends them; empty ones are left out. */
export function* linesOf(content: string): Generator<Line, void, void> {
  // As Latin-1, in which graphs are read, a mark is three characters.
  let from = content.startsWith("\xef\xbb\xbf") ? 3 : 0;
  for (let number = 1; from < content.length; number++) {
    const end = content.indexOf("\n", from);
    const to = end < 0 ? content.length : end;
    const text = content.slice(from, to).trim();
    from = to + 1;
    if (text !== "") yield { text, number };
  }
}
