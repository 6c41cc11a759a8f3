import { printable, UsageError } from "../core/errors.ts";
import { biasNames, LAYER_WEIGHTS, othersNames } from "../core/layer-names.ts";
import { someOf, type TensorSet } from "./tensor-set.ts";

/** Names by which a layer's weights are recognised. */
const OWN: readonly string[] = Object.values(LAYER_WEIGHTS).flatMap(({ matrix, bias }) => [matrix, bias]);
const OTHERS = [...othersNames("weight"), ...othersNames("bias")];

/** What PyTorch's `MultiheadAttention` learns that no layer here has, and what makes it. */
const UNKNOWN = ["bias_k", "bias_v"];

/**
 * The tensors of a file with those of one layer under their plain names, `in_proj_weight` for
 * `layers.3.self_attn.in_proj_weight`: those that begin with `typed`, or else the only layer there is. Refuses to choose
 * between several, and what a layer here does not have.
 */
export function withLayerWeights(set: TensorSet, typed: string | null): TensorSet {
  const own = underPlainNames(set, prefixOf(set, typed));
  const isLayer = OTHERS.some((name) => own.names.includes(name));
  const unknown = UNKNOWN.find((name) => isLayer && own.names.includes(name));
  if (unknown === undefined) return own;
  throw new UsageError(
    `${set.where}: must hold no ${unknown}, a row that add_bias_kv adds to keys and values and no layer here has; capture from a layer without it`,
  );
}

/** Whether the file has something that a layer adds to its products. */
export function holdsBiases({ names }: TensorSet): boolean {
  return biasNames().some((name) => names.includes(name));
}

function prefixOf(set: TensorSet, typed: string | null): string {
  const { where, names } = set;
  if (typed !== null) {
    if (names.some((name) => name.startsWith(typed))) return typed + onlyLayer(set, typed);
    throw new UsageError(
      `--tensors: weights must begin as those of the file, got '${printable(typed, 60)}*'; ${where} holds ${someOf(names)}`,
    );
  }
  return onlyLayer(set, "");
}

/** What follows a prefix in the names of the weights of the only layer below it. */
function onlyLayer({ where, names }: TensorSet, prefix: string): string {
  const below = names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  const [only, ...others] = new Set(
    below.flatMap((name) => {
      if (OWN.includes(name)) return [""];
      const weight = OTHERS.find((other) => name === other || name.endsWith(`.${other}`));
      return weight === undefined ? [] : [name.slice(0, -weight.length)];
    }),
  );
  if (only === undefined && prefix !== "") {
    throw new UsageError(
      `--tensors: '${printable(prefix, 60)}*' must be the weights of a layer, got ${someOf(below)}; name what comes before in_proj_weight`,
    );
  }
  if (only === undefined || only === "" || others.includes("")) return "";
  if (others.length === 0) return only;
  throw new UsageError(
    `${where}: must hold the weights of one layer, got those of ${someOf([only, ...others].map((one) => `${prefix}${one}`.slice(0, -1)))}; choose with --tensors, such as 'x,${printable(prefix + only, 60)}*'`,
  );
}

/** A plain name that is there already is left alone. */
function underPlainNames(set: TensorSet, prefix: string): TensorSet {
  if (prefix === "") return set;
  const held = new Set(set.names);
  const inFile = new Map(
    set.names.map((name) => {
      const plain = name.startsWith(prefix) ? name.slice(prefix.length) : name;
      return [plain === "" || held.has(plain) ? name : plain, name] as const;
    }),
  );
  const own = (name: string): string => inFile.get(name) ?? name;
  return {
    ...set,
    names: [...inFile.keys()],
    metadataOf: (name) => set.metadataOf(own(name)),
    tensor: (name) => set.tensor(own(name)),
  };
}
