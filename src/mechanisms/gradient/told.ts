import { QKV } from "../../core/shape.ts";
import { nameInFiles } from "../../core/tensor-spec.ts";
import type { Judged } from "../judged.ts";

/**
 * What a mechanism has gradients of, by the names of its inputs in files, such as `of q, k, v, nsa.compressed, through the
 * chosen keys`; `is not defined` if it has none.
 */
export function gradientText({ mechanism, kind }: Judged): string {
  const { gradient } = kind;
  if (gradient === undefined || (gradient.whyNot?.(mechanism) ?? null) !== null) return "is not defined";
  const specs = kind.inputs?.(mechanism) ?? {};
  const also = (gradient.also?.(mechanism) ?? []).map((name) => nameInFiles(name, specs[name]));
  const through = gradient.through?.(mechanism) ?? null;
  return `of ${[...(kind.reads?.(mechanism) ?? QKV), ...also].join(", ")}${through === null ? "" : `, ${through}`}`;
}
