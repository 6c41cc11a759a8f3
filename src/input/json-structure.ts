/**
 * How deeply objects and arrays of a JSON text are nested. For a text that is not JSON, the depth of its
 * brackets.
 */
export function nestingDepth(json: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '"') at = closingQuote(json, at);
    else if (character === "{" || character === "[") deepest = Math.max(deepest, ++depth);
    else if (character === "}" || character === "]") depth--;
  }
  return deepest;
}

/**
 * The first key that occurs twice in the outermost object of a JSON text, or twice in one of the objects
 * directly within it. `JSON.parse` silently keeps the last of two equal keys. The text must be valid for
 * `JSON.parse`.
 */
export function duplicateKey(json: string): string | undefined {
  const seen = [new Set<string>(), new Set<string>()];
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === "{" || character === "[") {
      seen[depth]?.clear();
      depth++;
    } else if (character === "}" || character === "]") {
      depth--;
    } else if (character === '"') {
      const end = closingQuote(json, at);
      const keys = seen[depth - 1];
      if (keys !== undefined && isKey(json, end)) {
        const key = String(JSON.parse(json.slice(at, end + 1)));
        if (keys.has(key)) return key;
        keys.add(key);
      }
      at = end;
    }
  }
  return undefined;
}

function closingQuote(json: string, opening: number): number {
  let at = opening + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at;
}

/** Whether a colon follows the string that ends at `end`. */
function isKey(json: string, end: number): boolean {
  let at = end + 1;
  while (at < json.length && " \t\n\r".includes(json[at])) at++;
  return json[at] === ":";
}
