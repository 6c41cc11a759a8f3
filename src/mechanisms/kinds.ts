import type { CallSettings } from "../core/call-settings.ts";
import { printable, UsageError } from "../core/errors.ts";
import type { Mechanism } from "../core/mechanism.ts";
import { featureMapKind } from "./feature-map/kind.ts";
import type { Judged } from "./judged.ts";
import type { Kind } from "./kind.ts";
import { softmaxPatternKind } from "./softmax-pattern/kind.ts";

/** The judge's table of kinds. */
export interface Kinds {
  /** A mechanism with its kind. Refuses one of no kind that is known. */
  judged<M extends { readonly mechanism: Mechanism }>(one: M): M & Judged;
  /** Why what is right of a kind is nobody's word but a plug-in's; null of the built-in ones. */
  remark(kind: Kind): string | null;
  /** The same under a call: a mechanism that knows its scale and its mask. */
  under<M extends { readonly mechanism: Mechanism }>(one: M, call: CallSettings): M & Judged;
}

const BUILT_IN: readonly Kind[] = [softmaxPatternKind, featureMapKind];

/** The built-in kinds, and others brought beside them. Refuses two of one name. */
export function kindsOf(others: readonly Kind[] = []): Kinds {
  const byId = new Map<string, Kind>();
  for (const kind of [...BUILT_IN, ...others]) {
    if (byId.has(kind.id))
      throw new UsageError(`kind: there must be one of the name ${printable(kind.id)}, got two`);
    byId.set(kind.id, kind);
  }
  const kindOf = ({ kind: id }: Mechanism): Kind => {
    const kind = byId.get(id);
    if (kind !== undefined) return kind;
    throw new UsageError(
      `kind: must be one of ${[...byId.keys()].join(", ")}, got ${printable(String(id), 60)}; a plug-in that brings variants of another must export the kind`,
    );
  };
  return {
    remark: (kind) =>
      BUILT_IN.includes(kind)
        ? null
        : `the kind ${kind.id} came with a plug-in, its oracle too: what is right is what the plug-in says`,
    judged: (one) => ({ ...one, kind: kindOf(one.mechanism) }),
    under(one, call) {
      const kind = kindOf(one.mechanism);
      return { ...one, mechanism: kind.under(one.mechanism, call), kind };
    },
  };
}

/** The kinds that are built in. */
export const builtInKinds = kindsOf();
