import { FORM_NAMES, type FormName } from "../../core/form-names.ts";
import type { Task } from "../../core/problem.ts";
import { ANY_SHAPE } from "../../core/shape.ts";
import { Abilities } from "../by-kind.ts";
import { decodes } from "../decode/refuse.ts";
import type { Kernel, ReadyKernel } from "../kernel.ts";
import { aft } from "./aft.ts";
import { cell } from "./cell.ts";
import { convolution } from "./convolution.ts";
import { featureMap, recurrentFeatureMap } from "./feature-map.ts";
import { fourier } from "./fourier.ts";
import { aftGradient } from "./gradient/aft.ts";
import { cellGradient } from "./gradient/cell.ts";
import { convolutionGradient } from "./gradient/convolution.ts";
import { featureMapGradient } from "./gradient/feature-map.ts";
import { fourierGradient } from "./gradient/fourier.ts";
import { layerGradientOf } from "./gradient/layer.ts";
import { recurrenceGradient } from "./gradient/recurrence.ts";
import { selectionGradient } from "./gradient/selection.ts";
import { softmaxPatternGradient } from "./gradient/softmax-pattern.ts";
import { summaryGradient } from "./gradient/summary.ts";
import { synthesizerGradient } from "./gradient/synthesizer.ts";
import { layerOf } from "./layer.ts";
import type { Means } from "./means.ts";
import { recurrence } from "./recurrence.ts";
import { selection } from "./selection.ts";
import { softmaxPattern, sortedPattern } from "./softmax-pattern.ts";
import { summary } from "./summary.ts";
import { synthesizer } from "./synthesizer.ts";

/**
 * Plain TypeScript: float32 in and out, float64 between. Runs everywhere, and is the second opinion on every
 * other family.
 */
export const js: ReadyKernel = family(
  { id: "js", title: "plain TypeScript, float32 in and out, float64 between" },
  abilities(),
);

function abilities(): Abilities<Means> {
  const all: Abilities<Means> = new Abilities([
    softmaxPattern,
    featureMap,
    summary,
    synthesizer,
    aft,
    fourier,
    convolution,
    cell,
    recurrence,
    selection,
    layerOf(() => all),
    softmaxPatternGradient,
    featureMapGradient,
    recurrenceGradient,
    synthesizerGradient,
    convolutionGradient,
    fourierGradient,
    cellGradient,
    aftGradient,
    selectionGradient,
    summaryGradient,
    layerGradientOf(() => all),
  ]);
  return all;
}

/** The mechanisms with a recurrent form, one token at a time. */
export const jsRecurrent: ReadyKernel = family(
  { id: "js-recurrent", title: "plain TypeScript, one token at a time" },
  new Abilities([recurrentFeatureMap], () => "only feature maps have a recurrent form"),
);

/** Split scores over all pairs, without the pairs. */
export const jsSorted: ReadyKernel = passesOnly(
  { id: "js-sorted", title: "plain TypeScript, split scores by sums over sorted keys" },
  new Abilities([sortedPattern], () => "only split scores can be summed over sorted keys"),
  ["score"],
);

function family(named: Pick<Kernel, "id" | "title">, abilities: Abilities<Means>): ReadyKernel {
  return {
    ...passesOnly(named, abilities, FORM_NAMES),
    decode: {
      supports: (task) => abilities.whyNotStep(task) ?? decodes(task),
      prepare: (task, weights) => abilities.prepareSteps(task, {}, weights),
    },
  };
}

/** Whole sequences, and no decoding. */
function passesOnly(
  named: Pick<Kernel, "id" | "title">,
  abilities: Abilities<Means>,
  forms: readonly FormName[],
): ReadyKernel {
  return {
    ...named,
    freedoms: ANY_SHAPE,
    forms,
    supports: (task) => abilities.whyNot(task) ?? singleThreaded(task),
    prepare: (problem, output) => abilities.prepare(problem, { output }),
  };
}

function singleThreaded({ threads }: Task): true | string {
  return threads === 1 ? true : `it runs on 1 thread, got ${threads}`;
}
