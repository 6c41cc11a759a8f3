import type { CallSettings } from "../core/call-settings.ts";
import { printable, UsageError } from "../core/errors.ts";
import type { Mechanism } from "../core/mechanism.ts";
import { remembered } from "../core/remembered.ts";
import { aftKind } from "./aft/kind.ts";
import { cellKind } from "./cell/kind.ts";
import { convolutionKind } from "./convolution/kind.ts";
import { featureMapKind } from "./feature-map/kind.ts";
import { fourierKind } from "./fourier/kind.ts";
import { gradientAround } from "./gradient/around.ts";
import { isGradient } from "./gradient/declare.ts";
import { gradientKind } from "./gradient/kind.ts";
import type { Judged } from "./judged.ts";
import type { Kind } from "./kind.ts";
import { layerAround } from "./layer/around.ts";
import { isLayer } from "./layer/declare.ts";
import { layerKind } from "./layer/kind.ts";
import { recurrenceKind } from "./recurrence/kind.ts";
import { selectionKind } from "./selection/kind.ts";
import { softmaxPatternKind } from "./softmax-pattern/kind.ts";
import { summaryKind } from "./summary/kind.ts";
import { synthesizerKind } from "./synthesizer/kind.ts";

/** The judge's table of kinds. */
export interface Kinds {
  /** A mechanism with its kind. Refuses one of an unknown kind. */
  judged<M extends { readonly mechanism: Mechanism }>(one: M): M & Judged;
  /** Says that a kind's reference is a plug-in's own; null for the built-in ones. */
  remark(kind: Kind): string | null;
  /** The same with the arguments of a call: a mechanism that knows its scale and its mask. */
  under<M extends { readonly mechanism: Mechanism }>(one: M, call: CallSettings): M & Judged;
}

const BUILT_IN: readonly Kind[] = [
  softmaxPatternKind,
  featureMapKind,
  summaryKind,
  synthesizerKind,
  aftKind,
  fourierKind,
  convolutionKind,
  cellKind,
  recurrenceKind,
  selectionKind,
];

/** The built-in kinds, and others added to them. Refuses two of one name. */
export function kindsOf(others: readonly Kind[] = []): Kinds {
  const byId = new Map<string, Kind>();
  for (const kind of [...BUILT_IN, ...others]) {
    if (byId.has(kind.id))
      throw new UsageError(`kind: names must be unique, got ${printable(kind.id)} twice`);
    byId.set(kind.id, kind);
  }
  const layers = new Map<Kind, Kind>();
  const gradients = new Map<Kind, Kind>();
  const kindOf = (mechanism: Mechanism): Kind => {
    if (isGradient(mechanism)) {
      const inner = kindOf(mechanism.of);
      return remembered(gradients, inner, () => gradientKind(inner));
    }
    if (isLayer(mechanism)) {
      const inner = kindOf(mechanism.inner);
      return remembered(layers, inner, () => layerKind(inner));
    }
    const { kind: id } = mechanism;
    const kind = byId.get(id);
    if (kind !== undefined) return kind;
    throw new UsageError(
      `kind: must be one of ${[...byId.keys()].join(", ")}, got ${printable(String(id), 60)}; a plug-in that brings variants of another kind must export that kind`,
    );
  };
  return {
    remark(of) {
      const within = (all: ReadonlyMap<Kind, Kind>, one: Kind): Kind =>
        [...all].find(([, around]) => around === one)?.[0] ?? one;
      const kind = within(layers, within(gradients, of));
      if (BUILT_IN.includes(kind)) return null;
      return `the kind ${kind.id} came with a plug-in, including its oracle: what is right is what the plug-in says`;
    },
    judged: (one) => ({ ...one, kind: kindOf(one.mechanism) }),
    under(one, call) {
      const kind = kindOf(one.mechanism);
      const mechanism = kind.under(one.mechanism, call);
      const around = (within: Mechanism) => ({ ...one, mechanism: within, kind: kindOf(within) });
      const layer = call.layer === undefined ? mechanism : layerAround({ mechanism, kind }, call.layer);
      if (call.pass === undefined) return around(layer);
      return around(gradientAround({ mechanism: layer, kind: kindOf(layer) }, call.pass));
    },
  };
}

/** The built-in kinds. */
export const builtInKinds = kindsOf();
