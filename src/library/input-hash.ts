import { createHash } from "node:crypto";
import type { InputSource } from "../core/tensors.ts";
import { inputShapeOf } from "../record/schema/case-task.ts";
import type { Plan } from "../record/schema/result-lines.ts";
import type { GivenInput } from "./given-inputs.ts";

/**
 * SHA-256 of the longest inputs that a plan takes from a file, with its edges and what else is `given`; null if
 * nothing comes from a file.
 */
export function inputHash(
  source: InputSource,
  { cases }: Plan,
  given: readonly GivenInput[] = [],
): string | null {
  if (!source.stored) return null;
  const longest = cases.reduce((a, b) => (b.length > a.length ? b : a));
  const { q, k, v } = source.inputs(inputShapeOf({ ...longest, mode: undefined }));
  const hash = createHash("sha256");
  for (const tensor of [q, k, v]) hash.update(tensor);
  const edges = source.call?.edges;
  if (edges !== undefined) for (const list of [edges.indptr, edges.indices]) hash.update(list);
  for (const { name, read } of given) {
    hash.update(name);
    hash.update(read());
  }
  return hash.digest("hex");
}
