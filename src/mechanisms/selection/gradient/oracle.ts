import type { Choice } from "../../../core/choice.ts";
import { remembered } from "../../../core/remembered.ts";
import type { RowPlace } from "../../../core/rows.ts";
import type { TensorSpecs } from "../../../core/tensor-spec.ts";
import { gradientName } from "../../gradient/declare.ts";
import type { GradientProblem } from "../../gradient/gradient-kind.ts";
import { doutOf, partOf, sweptGradients } from "../../gradient/swept.ts";
import { attend } from "../../gradient/tape/attend.ts";
import { Tape, Value } from "../../gradient/tape/tape.ts";
import type { ChosenOracle, Oracle, Rounding } from "../../oracle.ts";
import type { Selection } from "../declare.ts";
import type { BoundRule } from "../rule.ts";
import { truthOf } from "../rules/index.ts";
import { nsaBranches } from "./nsa.ts";
import { unitRows } from "./unit-rows.ts";

/** Gradients through what is chosen: by float64, or by a kernel whose choice is judged. */
export function selectionGradientOracle(problem: GradientProblem<Selection>): Oracle {
  const { rule } = problem.mechanism;
  // The numbers may be others the next time: only what is asked at once may share what is made of them.
  const bind = (): BoundRule => truthOf(rule).bind(rule, problem);
  const rowsOn =
    (choice: Choice | null) =>
    (places: readonly RowPlace[], round: Rounding): ReturnType<Oracle["rows"]> =>
      onChoice(problem, bind(), choice).rows(places, round);
  return {
    rows: rowsOn(null),
    on: (choice): ChosenOracle => ({
      rows: rowsOn(choice),
      // A key has no choice of its own.
      whyNotChoice: (places) =>
        bind().whyNot(
          places.filter(({ tensor }) => tensor === gradientName("q")),
          choice,
        ),
    }),
  };
}

function onChoice(problem: GradientProblem<Selection>, bound: BoundRule, choice: Choice | null): Oracle {
  const { mechanism, inputs } = problem;
  const { rule } = mechanism;
  const specs: TensorSpecs = truthOf(rule).inputs?.(rule) ?? {};
  const scale = mechanism.scale ?? 1 / Math.sqrt(inputs.shape.headDim);
  const lists = new Map<string, Uint32Array>();
  return sweptGradients(problem, specs, (place, arithmetic, wanted) => {
    const tape = new Tape(arithmetic);
    const given = new Map<string, Value>();
    const of = (name: string): Value =>
      remembered(given, name, () => {
        const { rows, width, data } = partOf(problem, specs, name, place);
        return new Value(rows, width, data, wanted(name, rows));
      });
    const keysOf = (row: number): Uint32Array =>
      remembered(lists, `${place.batch} ${place.head} ${row}`, () =>
        Uint32Array.from(bound.keys({ ...place, row }, choice)),
      );
    const asked = { tape, of, keysOf, scale };
    const summands =
      rule.id === "nsa"
        ? nsaBranches(asked, rule)
        : attend(tape, {
            queries: of("q"),
            keys: rule.id === "reformer" ? unitRows(tape, of("q")) : of("k"),
            values: [of("v")],
            scale: arithmetic.round(scale),
            bias: null,
            keysOf,
          }).outputs;
    for (const { adjoint } of summands) adjoint.set(doutOf(problem, place));
    tape.back();
    return Object.fromEntries(
      [...given].flatMap(([name, { reached }]) => (reached === null ? [] : [[name, reached]])),
    );
  });
}
