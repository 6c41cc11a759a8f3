const WORDS = [..."0123456789", "[MIN", "[MAX", "[MED", "[SM", "]"];

/** An expression in words, without what fills it up, which must be all at its end. */
export function writtenListops(tokens: readonly number[]): string[] {
  const end = tokens.findIndex((token) => token >= WORDS.length);
  const whole = end < 0 ? tokens : tokens.slice(0, end);
  if (tokens.slice(whole.length).some((token) => token !== WORDS.length)) throw new Error("filled up within");
  return whole.map((token) => WORDS[token]);
}

/**
 * What is seen of an expression without looking within those that it has: its operator over its own digits, and how many
 * expressions there are beside them, of which more than three are as three.
 */
export function shallowReading(words: readonly string[]): string {
  let depth = 0;
  let inner = 0;
  const digits: number[] = [];
  for (const word of words) {
    if (word === "]") depth--;
    else if (!word.startsWith("[")) {
      if (depth === 1) digits.push(Number(word));
    } else if (++depth === 2) inner++;
  }
  const sorted = digits.sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const values: Record<string, number> = {
    "[MIN": sorted[0],
    "[MAX": sorted[sorted.length - 1],
    "[MED": sorted.length % 2 === 1 ? sorted[half] : Math.trunc((sorted[half - 1] + sorted[half]) / 2),
    "[SM": sorted.reduce((sum, digit) => sum + digit, 0) % 10,
  };
  return `${words[0]} ${digits.length === 0 ? "none" : values[words[0]]} ${Math.min(inner, 3)}`;
}
