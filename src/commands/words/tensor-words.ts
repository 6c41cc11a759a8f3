/** The words of `--tensors` beyond its first, at most: k, v and the mask. */
const MOST_MORE = 3;

/**
 * Joins the names after `--tensors` into one word: a shell that knows braces makes three words of
 * `layers.{3}.{q,k,v}`. A fourth is the mask if it begins like the first; otherwise it belongs to
 * something else, such as the variant of `apply`.
 */
export function joinTensorWords(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (let at = 0; at < words.length; at++) {
    joined.push(words[at]);
    const [, inline] = /^--tensors(?:=(.*))?$/s.exec(words[at]) ?? [words[at], null];
    if (inline === null) continue;
    const first = inline ?? words[++at];
    // A word with commas or braces names them all.
    if (first === undefined || first.startsWith("-")) {
      if (first !== undefined) at--;
      continue;
    }
    const names = [first];
    if (!/[,{]/.test(first)) {
      while (names.length <= MOST_MORE && goesOn(words[at + 1], names)) names.push(words[++at]);
    }
    if (inline === undefined) joined.push(names.join(","));
    else joined[joined.length - 1] = `--tensors=${names.join(",")}`;
  }
  return joined;
}

function goesOn(word: string | undefined, names: readonly string[]): boolean {
  if (word === undefined || word.startsWith("-")) return false;
  const layer = names[0].slice(0, names[0].lastIndexOf(".") + 1);
  return names.length < MOST_MORE || (layer !== "" && word.startsWith(layer));
}
