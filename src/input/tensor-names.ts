import { printable, UsageError } from "../core/errors.ts";

/** The names of q, k and v in a file, and of the mask of their call; null if the call had none. */
export interface TensorNames {
  readonly q: string;
  readonly k: string;
  readonly v: string;
  readonly mask: string | null;
}

/** What the README's snippet calls them, and usual names of masks. */
const USUAL = ["q", "k", "v"] as const;
export const MASKS = ["mask", "attn_mask", "attention_mask"];

/** The longest list of names that braces may stand for. */
const MOST_NAMES = 64;

/**
 * The names that `--tensors` gives: three, or four with a mask, separated by commas; braces stand for each
 * item that they list: `layers.{3}.{q,k,v}`. Without it those of the README's snippet, with the mask if
 * `names` holds one.
 */
export function tensorNames(typed: string | undefined, names: readonly string[]): TensorNames {
  if (typed === undefined) {
    const [q, k, v] = USUAL;
    return { q, k, v, mask: MASKS.find((mask) => names.includes(mask)) ?? null };
  }
  const all = typedNames(typed);
  const [q, k, v, mask = null] = all;
  if ((all.length === 3 || all.length === 4) && all.every((name) => name !== "")) return { q, k, v, mask };
  throw new UsageError(
    `--tensors: must name q, k and v, and the mask if there is one, such as layers.3.{q,k,v}, got ${all.length} ${all.length === 1 ? "name" : "names"} in '${printable(typed, 80)}'`,
  );
}

/** Every name that `--tensors` lists. */
export function typedNames(typed: string): string[] {
  return splitOutside(typed).flatMap((part) => expandBraces(part.trim()));
}

/** The pieces between commas outside braces. */
function splitOutside(text: string): string[] {
  const pieces = [""];
  let depth = 0;
  for (const character of text) {
    if (character === "{") depth++;
    else if (character === "}") depth--;
    if (character === "," && depth <= 0) pieces.push("");
    else pieces[pieces.length - 1] += character;
  }
  return pieces;
}

/** Every name that one with braces stands for, as a shell would write them out. */
function expandBraces(text: string): string[] {
  const [whole, before, list, after] = /^([^{}]*)\{([^{}]*)\}(.*)$/s.exec(text) ?? [];
  if (whole === undefined) {
    if (!/[{}]/.test(text)) return [text];
    throw new UsageError(
      `--tensors: braces must come in pairs and not within one another, got '${printable(text, 80)}'`,
    );
  }
  const rest = expandBraces(after);
  const names = list.split(",").flatMap((one) => rest.map((end) => `${before}${one.trim()}${end}`));
  if (names.length <= MOST_NAMES) return names;
  throw new UsageError(
    `--tensors: must name q, k and v, got more than ${MOST_NAMES} names in '${printable(text, 80)}'`,
  );
}
