const TAB = 9;
const RETURN = 13;
const SPACE = 32;
const COMMA = 44;
const SEMICOLON = 59;
const ZERO = 48;
/** Digits of a number that is told exactly. */
const MOST_DIGITS = 15;

/**
 * The lines of a text, one after the other, without a byte order mark and white space around them, whatever ends them;
 * empty ones are passed over. Nothing is cut out of the text unless it is asked for: files have millions of lines.
 */
export class Lines {
  readonly #content: string;
  #next: number;
  #from = 0;
  #to = 0;
  /** Of this line, from 1. */
  number = 0;

  constructor(content: string) {
    this.#content = content;
    // As Latin-1, in which graphs are read, a mark is three characters.
    this.#next = content.startsWith("\xef\xbb\xbf") ? 3 : 0;
  }

  /** Goes to the next line; false if there is none. */
  next(): boolean {
    const content = this.#content;
    while (this.#next < content.length) {
      let from = this.#next;
      let to = content.indexOf("\n", from);
      if (to < 0) to = content.length;
      this.#next = to + 1;
      this.number++;
      while (from < to && isBlank(content.charCodeAt(from))) from++;
      while (from < to && isBlank(content.charCodeAt(to - 1))) to--;
      if (from === to) continue;
      this.#from = from;
      this.#to = to;
      return true;
    }
    return false;
  }

  get text(): string {
    return this.#content.slice(this.#from, this.#to);
  }

  /** Whether it is a comment of a list. */
  get isComment(): boolean {
    return /^(#|%|\/\/)/.test(this.#content.slice(this.#from, this.#from + 2));
  }

  /**
   * Whether the line begins with two whole numbers of at most 15 digits, blanks, a comma or a semicolon between and
   * after them: they are then in `pair`.
   */
  wholePair(pair: Float64Array): boolean {
    const content = this.#content;
    const to = this.#to;
    let at = this.#from;
    for (let which = 0; which < 2; which++) {
      const start = at;
      let value = 0;
      for (; at < to; at++) {
        const digit = content.charCodeAt(at) - ZERO;
        if (!(digit >= 0 && digit <= 9)) break;
        value = 10 * value + digit;
      }
      if (at === start || at > start + MOST_DIGITS) return false;
      pair[which] = value;
      const end = at;
      let commas = 0;
      for (; at < to; at++) {
        const code = content.charCodeAt(at);
        if ((code === COMMA || code === SEMICOLON) && commas === 0) commas++;
        else if (code !== SPACE && code !== TAB) break;
      }
      if (at === end && at < to) return false;
    }
    return true;
  }
}

/** A space, a tab, or what ends a line or a page. */
function isBlank(code: number): boolean {
  return code === SPACE || (code >= TAB && code <= RETURN);
}

/** The first line that is no comment; null if there is none. */
export function firstLine(content: string): string | null {
  const lines = new Lines(content);
  while (lines.next()) if (!lines.isComment) return lines.text;
  return null;
}
