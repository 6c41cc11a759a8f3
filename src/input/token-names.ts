import { printable, UsageError } from "../core/errors.ts";
import { MASKS, type TensorNames, typedNames } from "./tensor-names.ts";
import { someOf, type TensorSet } from "./tensor-set.ts";

/** What a layer's call is named in a file, and how the names of its weights begin; null if that was not said. */
interface TokenNames {
  readonly names: TensorNames;
  readonly weights: string | null;
}

/** What queries, keys and values may be called. A layer has its keys of its queries' tokens where there are none. */
const USUAL = { q: ["x", "query", "q"], k: ["memory", "key", "k"], v: ["value", "v"] } as const;

/** What begins every name that it ends. */
const ANY = "*";

/**
 * The names of a layer's tokens: as `--tensors` gives them, `x` alone, `x` and the memory that it attends to, or query, key
 * and value, which the mask may follow; otherwise the usual ones. An item that ends in `*` says how the names of the
 * weights begin, such as `layers.3.self_attn.*`.
 */
export function tokenNames(set: TensorSet, typed: string | undefined): TokenNames {
  const items = typed === undefined ? [] : typedNames(typed);
  const weights = items.filter((item) => item.endsWith(ANY));
  const named = items.filter((item) => !item.endsWith(ANY));
  if (weights.length > 1 || named.length > 4 || items.includes("") || items.includes(ANY)) {
    throw new UsageError(
      `--tensors: must name x, or x and memory, or query, key and value, and the mask if there is one, and with * at its end how weights begin, such as x,layers.3.*, got '${printable(typed ?? "", 80)}'`,
    );
  }
  const prefix = weights.length === 0 ? null : weights[0].slice(0, -ANY.length);
  if (named.length === 0) {
    refuseMasksOfLayers(set);
    return { names: usualNames(set), weights: prefix };
  }
  const [q, k = q, v = k, mask = null] = named;
  return { names: { q, k, v, mask }, weights: prefix };
}

function usualNames(set: TensorSet): TensorNames {
  const q = onlyOf(set, USUAL.q);
  if (q === null) {
    throw new UsageError(
      `${set.where}: must hold the tokens of a layer as x, or as query, key and value, got ${someOf(set.names)}; name them with --tensors`,
    );
  }
  const k = onlyOf(set, USUAL.k) ?? q;
  const v = onlyOf(set, USUAL.v) ?? k;
  return { q, k, v, mask: MASKS.find((mask) => set.names.includes(mask)) ?? null };
}

/** Of the masks of PyTorch's `MultiheadAttention` true means left out, and of `scaled_dot_product_attention` attended. */
function refuseMasksOfLayers(set: TensorSet): void {
  const refused = ["attn_mask", "key_padding_mask"].find(
    (name) => set.names.includes(name) && (name !== "attn_mask" || set.tensor(name).format === "BOOL"),
  );
  if (refused === undefined) return;
  throw new UsageError(
    `${set.where}: ${refused} must be saved as mask, true where a key is attended, got what may be the opposite: of a MultiheadAttention's masks true means left out`,
  );
}

/** The one of these names that is there; null if none is. Refuses to choose between several. */
function onlyOf({ where, names }: TensorSet, known: readonly string[]): string | null {
  const [first, other] = known.filter((name) => names.includes(name));
  if (other === undefined) return first ?? null;
  throw new UsageError(
    `${where}: must hold one of ${known.join(", ")}, got ${first} and ${other}; choose with --tensors`,
  );
}
