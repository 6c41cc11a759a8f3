import type { KeyCount, Letters, PatternTerms, Quantity } from "../core/table-one.ts";

/** What Table 1 says of a union, from what it says of the parts. */
export function unitedTerms(parts: readonly PatternTerms[]): PatternTerms {
  const keys = sumOf(parts.map((part) => part.keys));
  const path = pathOf(parts);
  return {
    ...(keys && { keys }),
    ...(path && { path }),
    ...(parts.some(({ hub }) => hub) && { hub: true }),
  };
}

/** Keys that several parts have count in each: the leading term. */
function sumOf(keys: readonly (KeyCount | undefined)[]): KeyCount | undefined {
  const known = keys.filter((one) => one !== undefined);
  if (known.length < keys.length) return undefined;
  if (known.some(({ text }) => text === "N")) return { text: "N" };
  const clashing = new Set(
    known.flatMap(({ letters = {} }) =>
      Object.keys(letters).filter((name) =>
        known.some((other) => other.letters?.[name] !== undefined && other.letters[name] !== letters[name]),
      ),
    ),
  );
  const apart = known.map((one, index) => numbered(one, clashing, index + 1));
  return {
    text: apart.map(({ text }) => text).join(" + "),
    letters: Object.assign({}, ...apart.map(({ letters }) => letters)),
  };
}

/** The same with a number below each letter that stands for other things elsewhere. */
function numbered(
  { text, letters = {} }: KeyCount,
  clashing: ReadonlySet<string>,
  index: number,
): { readonly text: string; readonly letters: Letters } {
  const below = [...`${index}`].map((digit) => String.fromCodePoint(0x2080 + Number(digit))).join("");
  const named = (name: string) => (clashing.has(name) ? name + below : name);
  return {
    text: text.replace(/(?<![a-z])[a-z](?![a-z])/gi, named),
    letters: Object.fromEntries(Object.entries(letters).map(([name, value]) => [named(name), value])),
  };
}

/**
 * By way of a hub two layers are enough. Otherwise a union's paths are no longer than those of any part, where tokens meet
 * at all: of parts in which they do not, nothing follows.
 */
function pathOf(parts: readonly PatternTerms[]): Quantity | undefined {
  if (parts.some(({ hub }) => hub)) {
    return {
      text: "2",
      at: (size) => Math.min(2, ...parts.map(({ path }) => path?.at?.(size) ?? Number.POSITIVE_INFINITY)),
    };
  }
  const finite = parts.flatMap(({ path }) => (path?.at !== undefined && path.text !== "∞" ? [path] : []));
  if (finite.length !== 1) return undefined;
  const [path] = finite;
  return path.text === "1" ? path : { ...path, atMost: true };
}
