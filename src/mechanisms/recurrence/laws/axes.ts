import { everyRow, type RowPlace } from "../../../core/rows.ts";
import { layoutOf, offsetIn } from "../../../core/shape.ts";
import { layoutBy } from "../../../core/tensor-spec.ts";
import { type AttentionInputs, tensorNamed } from "../../../core/tensors.ts";
import type { JudgedProblem } from "../../judged.ts";
import { type Held, problemOf } from "../../laws/law.ts";
import type { Recurrence } from "../declare.ts";
import { recurrenceInputs } from "../inputs.ts";

/** How long keys are: so much that what keeps a length from being 0 does not show. */
export const SIZE = 1024;

/** Logits at which a logistic function is 0 or 1, and a softplus is 0 or its argument, also in float64. */
const FAR = 2000;

/** The channel of a token's key. */
export function axisOf({ row }: Pick<RowPlace, "row">, headDim: number): number {
  return row % headDim;
}

/**
 * The problem of a subject in which every key lies on an axis, one after the other, all decays are 1 or 0, and all of v is
 * written or nothing: weights give every logit the value that does it, and gates that are given have it themselves.
 */
export function onAxes(
  subject: Held,
  mechanism: Recurrence,
  { decay, write }: { readonly decay: 0 | 1; readonly write: 0 | 1 },
): JudgedProblem {
  const { inputs, shape } = subject;
  const { headDim } = shape;
  const k = new Float32Array(inputs.k.length);
  const layout = layoutOf(shape, "k");
  for (const place of everyRow(shape)) {
    k[offsetIn(layout, place.batch, place.head, place.row) + axisOf(place, headDim)] = SIZE;
  }
  const fills: Readonly<Record<string, number>> = {
    g: decay === 1 ? 0 : Number.NEGATIVE_INFINITY,
    beta: write,
    dt: 1,
    decay: logitOf(mechanism, decay) / SIZE,
    write: (write === 1 ? FAR : -FAR) / SIZE,
  };
  const others = Object.entries(recurrenceInputs(mechanism)).map(([name, spec]) => {
    const filled = new Float32Array(tensorNamed(inputs, name).length).fill(fills[name]);
    if (mechanism.decay.form === "softplus" && name === "decay") {
      setSteps(filled, layoutBy(shape, spec).width, decay);
    }
    return [name, filled] as const;
  });
  const changed: AttentionInputs = { ...inputs, k, ...Object.fromEntries(others) };
  return problemOf(subject, changed);
}

/** The logit at which what is made of it is the decay. */
function logitOf({ decay: { form } }: Recurrence, decay: 0 | 1): number {
  if (form === "softplus") return 0;
  const keeps = form === "logistic" ? FAR : -FAR;
  // A sixteenth of the log is taken, whose exponential is to be 0 as well.
  return decay === 1 ? keeps : -16 * keeps;
}

/** Time steps of 1, whose rate of decay is 0 or beyond all bounds. */
function setSteps(rows: Float32Array, width: number, decay: 0 | 1): void {
  for (let at = width - 2; at < rows.length; at += width) {
    rows[at] = decay === 1 ? 0 : FAR;
    rows[at + 1] = Math.log(Math.E - 1);
  }
}
