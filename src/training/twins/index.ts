import type { Mechanism } from "../../core/mechanism.ts";
import type { Arrays } from "../arrays/arrays.ts";
import { aftTwin } from "./aft.ts";
import { cellTwin } from "./cell.ts";
import { convolutionTwin } from "./convolution.ts";
import { featureMapTwin } from "./feature-map.ts";
import { fourierTwin } from "./fourier.ts";
import { recurrenceTwin } from "./recurrence.ts";
import { selectionTwin } from "./selection.ts";
import { softmaxPatternTwin } from "./softmax-pattern.ts";
import { summaryTwin } from "./summary.ts";
import { synthesizerTwin } from "./synthesizer.ts";
import type { Twin, TwinKind, TwinTask } from "./twin.ts";

/** A kind with what is made of one of its mechanisms, once it is known to be one. */
type Row = <Made>(
  mechanism: Mechanism,
  make: <M extends Mechanism>(kind: TwinKind<M>, one: M) => Made,
) => Made | null;

function row<M extends Mechanism>(kind: TwinKind<M>): Row {
  return (mechanism, make) => (kind.is(mechanism) ? make(kind, mechanism) : null);
}

/** The kinds of attention that have twins. */
const ROWS: readonly Row[] = [
  row(softmaxPatternTwin),
  row(featureMapTwin),
  row(recurrenceTwin),
  row(selectionTwin),
  row(summaryTwin),
  row(aftTwin),
  row(fourierTwin),
  row(synthesizerTwin),
  row(convolutionTwin),
  row(cellTwin),
];

/** Why there is no dense twin of a mechanism, in words that follow its name; null if there is one. */
export function whyNoTwin(mechanism: Mechanism): string | null {
  for (const of of ROWS) {
    const found = of(mechanism, (kind, one) => ({ why: kind.whyNot(one) }));
    if (found !== null) return found.why;
  }
  return "is of a kind of which no dense twin is written";
}

/** The dense twin of a mechanism. Throws a TypeError if there is none, which `whyNoTwin` tells. */
export function twinOf(arrays: Arrays, task: TwinTask): Twin {
  for (const of of ROWS) {
    const made = of(task.mechanism, (kind, mechanism) => kind.twin(arrays, { ...task, mechanism }));
    if (made !== null) return made;
  }
  throw new TypeError(`twin: ${task.mechanism.kind} has none`);
}
