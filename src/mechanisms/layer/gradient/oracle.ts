import type { Choice } from "../../../core/choice.ts";
import type { Mechanism } from "../../../core/mechanism.ts";
import { laidOut, rowIn } from "../../../core/outputs.ts";
import type { RowPlace } from "../../../core/rows.ts";
import { type Layout, layoutOf, QKV } from "../../../core/shape.ts";
import { layoutBy } from "../../../core/tensor-spec.ts";
import { gradientName } from "../../gradient/declare.ts";
import type { GradientKind, GradientProblem } from "../../gradient/gradient-kind.ts";
import { arithmeticOf } from "../../gradient/tape/arithmetic.ts";
import { triedRows } from "../../gradient/tried-rows.ts";
import type { Kind } from "../../kind.ts";
import { type ChosenOracle, float64, type Oracle, type Rounding } from "../../oracle.ts";
import { type Layer, shapeOfHeads } from "../declare.ts";
import { inputsOfHeads, layerInputs } from "../inputs.ts";
import { gradientsOfLayer, inputsOfLayerHeads, problemOfHeads } from "./whole.ts";

/** Tries beside the exact one: rows are as wide as tokens, so that few are enough. */
export const TRIES = 3;

/** The gradients of a whole layer, of which rows are then handed out: weights sum over all rows anyway. */
export function layerGradientOracle(
  problem: GradientProblem<Layer>,
  inner: Kind<Mechanism>,
  gradient: GradientKind,
): Oracle {
  const { mechanism, shape } = problem;
  const rowsBy =
    (ask: (oracle: Oracle) => Oracle) =>
    (places: readonly RowPlace[], round: Rounding): ReturnType<Oracle["rows"]> =>
      triedRows(round, TRIES, (arithmetic) => {
        const made = gradientsOfLayer(problem, { inner, gradient, ask }, arithmetic);
        return places.map((place) => rowOf(made, layoutIn(problem, inner, place), place));
      });
  const usual: Oracle = { rows: rowsBy((oracle) => oracle) };
  if (inner.choices?.(mechanism.inner, shapeOfHeads(mechanism, shape)) === undefined) return usual;
  return {
    ...usual,
    on: (choice): ChosenOracle => ({
      rows: rowsBy((oracle) => onChoice(oracle, choice)),
      whyNotChoice(places) {
        const given = inputsOfLayerHeads(problem, arithmeticOf(float64));
        const ofQueries = places.filter(({ tensor }) => tensor === gradientName("q"));
        return onChoice(inner.oracle(problemOfHeads(problem, given)), choice).whyNotChoice(
          ofQueries.flatMap(({ batch, row }) =>
            Array.from({ length: mechanism.heads }, (_, head) => ({ batch, head, row })),
          ),
        );
      },
    }),
  };
}

function onChoice(oracle: Oracle, choice: Choice): ChosenOracle {
  if (oracle.on === undefined)
    throw new TypeError("layer: its heads choose, and their oracle must take a choice");
  return oracle.on(choice);
}

/** How the gradient of an input lies. */
function layoutIn(
  { mechanism, shape, inputs }: GradientProblem<Layer>,
  inner: Kind<Mechanism>,
  { tensor = "" }: RowPlace,
): Layout {
  const own = QKV.find((name) => gradientName(name) === tensor);
  if (own !== undefined) return layoutOf(inputs.shape, own);
  const specs = {
    ...layerInputs(mechanism),
    ...inputsOfHeads(mechanism, inner.inputs?.(mechanism.inner) ?? {}),
  };
  return layoutBy(shape, specs[tensor.slice(1)]);
}

/** A row of a gradient; of what nothing reached it is zero. */
function rowOf(made: ReadonlyMap<string, Float64Array>, layout: Layout, place: RowPlace): Float64Array {
  const { tensor = "" } = place;
  const { at, width } = rowIn(laidOut([{ name: tensor, layout }]), place);
  return made.get(tensor.slice(1))?.slice(at, at + width) ?? new Float64Array(width);
}
