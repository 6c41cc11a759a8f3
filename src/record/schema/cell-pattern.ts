import type { CaseIdentity } from "./result-lines.ts";

/**
 * What a pattern is compared with: the name of a cell, such as `local(window=128)/wasm/b1h1n1024d64`, and its
 * variant.
 */
export type NamedCell = Pick<CaseIdentity, "case" | "variant">;

/**
 * Whether a pattern as typed means this cell. With a `*`, which stands for any number of characters, it must
 * match the whole name; without one it must be the name, the variant, or a whole part of the name between
 * slashes, such as `causal`.
 */
export function matchesCell(pattern: string, { case: name, variant }: NamedCell): boolean {
  if (pattern.includes("*")) return fits(pattern.split("*"), name);
  return pattern === name || pattern === variant || name.split("/").includes(pattern);
}

/**
 * Whether the pieces occur in the text in order, the first at its start and the last at its end. Taking each
 * as early as possible misses nothing and, unlike a regular expression, never backtracks, whatever a
 * stranger's name holds.
 */
function fits(pieces: readonly string[], text: string): boolean {
  const last = pieces.length - 1;
  if (!text.startsWith(pieces[0])) return false;
  let from = pieces[0].length;
  for (const piece of pieces.slice(1, last)) {
    const at = text.indexOf(piece, from);
    if (at === -1) return false;
    from = at + piece.length;
  }
  return text.length - pieces[last].length >= from && text.endsWith(pieces[last]);
}
