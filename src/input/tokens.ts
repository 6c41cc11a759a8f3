/** Letters of scripts without spaces between words: each is a token. */
const UNSPACED = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]`;
const LETTER = String.raw`[\p{L}--${UNSPACED}]`;
const LETTER_OR_MARK = String.raw`[[\p{L}\p{M}]--${UNSPACED}]`;
// Bounded, because V8 gives up on an unbounded match of a few million characters.
const WORD = `${LETTER}${LETTER_OR_MARK}{0,63}(?:['’]${LETTER_OR_MARK}{1,63}){0,3}`;
const NUMBER = String.raw`\p{N}{1,64}`;
const MARK = String.raw`[\p{P}\p{S}]`;

/** One token per match. Spaces, control characters and accents without a letter are skipped. */
const TOKEN = new RegExp(`${UNSPACED}|${WORD}|${NUMBER}|${MARK}`, "gv");

/** A text as indices into the list of its distinct tokens, in order of first appearance. */
export interface TokenSequence {
  readonly distinct: readonly string[];
  readonly ids: Uint32Array;
}

/**
 * Splits a text into tokens. Case is ignored, as is whether an accent is composed: `É` and `e` + `´` are one
 * token.
 */
export function tokenize(text: string): TokenSequence {
  const known = new Map<string, number>();
  const ids: number[] = [];
  for (const [token] of text.normalize("NFC").toLowerCase().matchAll(TOKEN)) {
    let id = known.get(token);
    if (id === undefined) {
      id = known.size;
      known.set(token, id);
    }
    ids.push(id);
  }
  return { distinct: [...known.keys()], ids: Uint32Array.from(ids) };
}
