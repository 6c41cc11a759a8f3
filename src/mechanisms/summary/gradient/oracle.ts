import type { GradientProblem } from "../../gradient/gradient-kind.ts";
import { doutOf, type HeadPlace, partOf, sweptGradients } from "../../gradient/swept.ts";
import { arithmeticOf } from "../../gradient/tape/arithmetic.ts";
import { Tape, Value } from "../../gradient/tape/tape.ts";
import { float64, type Oracle } from "../../oracle.ts";
import { chainOf, type Summary } from "../declare.ts";
import { ChainTape } from "./chain-tape.ts";

/** Chains by the derivatives of their steps, of every step that reaches the output. */
export function summaryGradientOracle(problem: GradientProblem<Summary>): Oracle {
  const { mechanism, inputs, causal } = problem;
  const steps = chainOf(mechanism, inputs.shape, causal);
  const decides = steps.some(({ step }) => step === "spread");
  return sweptGradients(problem, mechanism.inputs, (place, arithmetic) => {
    const input = inputOf(problem, place);
    // What is decided is decided in float64, whatever is rounded elsewhere.
    const exact =
      decides && arithmetic.round !== float64
        ? new ChainTape(steps, inputOf(problem, place).of, new Tape(arithmeticOf(float64)), null)
        : null;
    const tape = new Tape(arithmetic);
    const out = new ChainTape(steps, input.of, tape, exact).matrix("out");
    out.adjoint.set(doutOf(problem, place));
    tape.back();
    return Object.fromEntries(
      [...input.given].flatMap(([name, { reached }]) => (reached === null ? [] : [[name, reached]])),
    );
  });
}

/** What a head reads of the call, each once, by its name. */
function inputOf(problem: GradientProblem<Summary>, place: HeadPlace) {
  const { mechanism } = problem;
  const given = new Map<string, Value>();
  const of = (name: string): Value => {
    const known = given.get(name);
    if (known !== undefined) return known;
    const { rows, width, data } = partOf(problem, mechanism.inputs, name, place);
    const value = new Value(rows, width, data);
    given.set(name, value);
    return value;
  };
  return { of, given };
}
