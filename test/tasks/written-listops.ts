const WORDS = [..."0123456789", "[MIN", "[MAX", "[MED", "[SM", "]"];

/** An expression in words, without what fills it up, which must be all at its end. */
export function writtenListops(tokens: readonly number[]): string[] {
  const end = tokens.findIndex((token) => token >= WORDS.length);
  const whole = end < 0 ? tokens : tokens.slice(0, end);
  if (tokens.slice(whole.length).some((token) => token !== WORDS.length)) throw new Error("filled up within");
  return whole.map((token) => WORDS[token]);
}
