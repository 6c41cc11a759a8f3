import { printable, UsageError } from "../core/errors.ts";
import type { ElementFormat } from "./element-formats.ts";
import { FORMAT_BYTES, isFloatFormat } from "./float-formats.ts";
import type { StoredTensor } from "./stored-tensor.ts";

/**
 * Named tensors in one place: a file, an archive, a folder, the shards of a checkpoint. None has been read
 * yet.
 */
export interface TensorSet {
  /** For messages, safe to print. */
  readonly where: string;
  readonly names: readonly string[];
  /** The files that any of them lies in. */
  readonly files: readonly string[];
  /** The metadata of the file that holds this tensor; empty if the format has none. */
  metadataOf(name: string): Readonly<Record<string, string>>;
  /** Where a tensor lies, one of `names`. Refuses one that cannot be read, and says how to save it. */
  tensor(name: string): StoredTensor<ElementFormat>;
}

/**
 * The tensor of this name; refuses a name that is not there, and lists similar ones. `typed` says that the
 * user typed the name: otherwise `--tensors` would help.
 */
export function namedTensor(set: TensorSet, name: string, typed = true): StoredTensor<ElementFormat> {
  if (set.names.includes(name)) return set.tensor(name);
  throw missingTensor(set, name, typed);
}

/** The same, which must hold floats. */
export function floatTensor(set: TensorSet, name: string, typed = true): StoredTensor {
  const tensor = namedTensor(set, name, typed);
  const { format } = tensor;
  if (isFloatFormat(format)) return { ...tensor, format };
  throw new UsageError(
    `${tensor.label} must be one of ${Object.keys(FORMAT_BYTES).join(", ")}, got ${format}; save it with .float()`,
  );
}

/** Names that are listed when one is not found. */
const MOST_LISTED = 8;

/** The error for a name that is not there. The most similar ones are listed first. */
function missingTensor({ where, names }: TensorSet, wanted: string, typed: boolean): UsageError {
  return new UsageError(
    `${where}: must hold a tensor '${printable(wanted, 60)}', got ${someOf(nearest(wanted, names))}${adviceFor(names, typed)}`,
  );
}

/** The first of some names, and how many more there are. */
export function someOf(names: readonly string[]): string {
  const listed = names
    .slice(0, MOST_LISTED)
    .map((name) => printable(name, 60))
    .join(", ");
  const more = names.length > MOST_LISTED ? ` and ${names.length - MOST_LISTED} more` : "";
  return `${listed || "none"}${more}`;
}

function adviceFor(names: readonly string[], typed: boolean): string {
  if (names.length > 0 && names.every((name) => /\.(weight|bias)(_\w+)?$/.test(name))) {
    return "; these are a model's weights: capture q, k and v of a call with it";
  }
  if (!typed && names.includes("x")) {
    return "; x is what a layer is given: give --layer, or save q, k and v, and beside them the weights that 'attnbench show VARIANT --weights' names";
  }
  if (typed || names.length < 3) return "";
  const known = new Set(names);
  const like = names.find(
    (name) => name.endsWith("q") && ["k", "v"].every((end) => known.has(`${name.slice(0, -1)}${end}`)),
  );
  return like === undefined
    ? "; name q, k and v with --tensors"
    : `; name them with --tensors '${printable(like.slice(0, -1), 60)}{q,k,v}'`;
}

/** Names by similarity: first those with the same last part, then those that take the fewest changes. */
function nearest(wanted: string, names: readonly string[]): readonly string[] {
  const last = (name: string): string => name.slice(name.lastIndexOf(".") + 1);
  const cut = (name: string): string => name.slice(-120);
  const ranked = names.map((name) => ({
    name,
    other: last(name) === last(wanted) ? 0 : 1,
    // Most of a checkpoint's hundreds of thousands of names need no closer look.
    changes: names.length > 5000 ? 0 : editDistance(cut(wanted), cut(name)),
  }));
  // Equal ones keep the order of the file.
  return ranked.sort((a, b) => a.other - b.other || a.changes - b.changes).map(({ name }) => name);
}

/** Letters to insert, delete or replace to turn one into the other (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let at = 1; at <= a.length; at++) {
    const next = [at];
    for (let to = 1; to <= b.length; to++) {
      const replaced = row[to - 1] + (a[at - 1] === b[to - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[to] + 1, next[to - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}
