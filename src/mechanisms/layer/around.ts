import type { LayerSettings } from "../../core/call-settings.ts";
import { printable, UsageError } from "../../core/errors.ts";
import type { Mechanism } from "../../core/mechanism.ts";
import { QKV } from "../../core/shape.ts";
import { formsOf } from "../../pairwise/forms.ts";
import type { Judged } from "../judged.ts";
import { isSoftmaxPattern } from "../softmax-pattern/declare.ts";
import { isLayer, type Layer, type LayerPositions, type MadeFrom, NO_POSITIONS } from "./declare.ts";
import type { AddedPositions } from "./positions.ts";

/** How positions of a layer are written. */
const WRITTEN =
  /^(none|sinusoidal|learned|2d-sine(:[1-9]\d{0,6})?|alibi|t5(:\d{1,15}){0,3}|rope(:(interleaved|half)(:\d{1,15}(\.\d{1,15})?)?)?)$/;

const POSITIONS_RULE =
  "none, sinusoidal, learned, 2d-sine[:width], rope[:interleaved or half[:base]], alibi or t5[:buckets[:distance[:seed]]]";

/** Positions as typed; null if there are none. Refuses what is not one of them. */
export function parsePositions(option: string, typed: string): string | null {
  if (!WRITTEN.test(typed)) {
    throw new UsageError(`${option}: must be ${POSITIONS_RULE}, got '${printable(typed, 60)}'`);
  }
  return typed === "none" ? null : typed;
}

/** Puts what a variant computes of its heads into a layer. A layer of its own remains as it is. */
export function layerAround({ mechanism, kind }: Judged, settings: LayerSettings): Layer {
  if (isLayer(mechanism)) return mechanism;
  const { heads, kvHeads, headDim, valueDim, biases, positions } = settings;
  const read = kind.reads?.(mechanism) ?? QKV;
  const made = (name: (typeof QKV)[number]): MadeFrom => (read.includes(name) ? "product" : "zeros");
  const { added, inner, whyNot } = positioned(mechanism, positions);
  return {
    kind: "layer",
    inner,
    heads,
    kvHeads,
    headDim,
    valueDim,
    made: { q: made("q"), k: made("k"), v: made("v") },
    biases,
    positions: added,
    pool: null,
    residual: false,
    ...(whyNot !== null && { whyNot }),
  };
}

interface Positioned {
  readonly added: LayerPositions;
  readonly inner: Mechanism;
  readonly whyNot: string | null;
}

function positioned(inner: Mechanism, positions: string | null): Positioned {
  if (positions === null) return { added: NO_POSITIONS, inner, whyNot: null };
  const [name, width] = positions.split(":");
  const all = (one: AddedPositions): Positioned => ({
    added: { queries: one, keys: one, onValues: true },
    inner,
    whyNot: null,
  });
  switch (name) {
    case "sinusoidal":
    case "learned":
      return all({ scheme: name });
    case "2d-sine":
      return all({ scheme: name, width: width === undefined ? null : Number(width) });
    default: {
      const form = name === "rope" ? "turn" : "bias";
      const whyNot = whyNotForm(inner, form, name);
      if (whyNot !== null) return { added: NO_POSITIONS, inner, whyNot };
      return { added: NO_POSITIONS, inner: { ...inner, ...formsOf({ [form]: positions }) }, whyNot: null };
    }
  }
}

function whyNotForm(inner: Mechanism, form: "turn" | "bias", name: string): string | null {
  if (!isSoftmaxPattern(inner))
    return `${name} is for softmax over pairs of tokens; choose sinusoidal or learned`;
  return inner[form] === undefined ? null : `it has a ${form} of its own; choose sinusoidal, learned or none`;
}
