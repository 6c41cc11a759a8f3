import type { Mechanism } from "../../core/mechanism.ts";
import { OUT } from "../../core/outputs.ts";
import type { ExactProblem } from "../../core/problem.ts";
import type { RowPlace } from "../../core/rows.ts";
import { tensorNamed } from "../../core/tensors.ts";
import type { Kind } from "../kind.ts";
import type { Oracle, ReferenceRow } from "../oracle.ts";
import { DOUT, type Gradient, makesOutput } from "./declare.ts";

/** The rows of gradients by the kind's own oracle of them, and those of `out` by the one of its forward pass. */
export function gradientOracle(problem: ExactProblem<Gradient>, inner: Kind<Mechanism>): Oracle {
  const { gradient } = inner;
  if (gradient === undefined) throw new TypeError(`kind ${inner.id}: it has no gradient`);
  const { mechanism, inputs } = problem;
  const within = { ...problem, mechanism: mechanism.of };
  const backward = gradient.oracle({ ...within, inputs: { ...inputs, [DOUT]: tensorNamed(inputs, DOUT) } });
  if (!makesOutput(mechanism)) return backward;
  const forward = inner.oracle(within);
  const both = (ofOut: Oracle, ofGradients: Oracle): Oracle => ({
    rows(places, round) {
      const rows = new Map<RowPlace, ReferenceRow>();
      for (const [oracle, asked] of [
        [ofOut, places.filter(({ tensor = OUT }) => tensor === OUT)],
        [ofGradients, places.filter(({ tensor = OUT }) => tensor !== OUT)],
      ] as const) {
        if (asked.length === 0) continue;
        for (const [at, row] of oracle.rows(asked, round).entries()) rows.set(asked[at], row);
      }
      return places.map((place) => {
        const row = rows.get(place);
        if (row === undefined)
          throw new TypeError("gradient: each oracle must give every row it is asked for");
        return row;
      });
    },
  });
  const usual = both(forward, backward);
  if (forward.on === undefined || backward.on === undefined) return usual;
  return {
    ...usual,
    on(choice) {
      const [ofOut, ofGradients] = [forward.on?.(choice), backward.on?.(choice)];
      if (ofOut === undefined || ofGradients === undefined)
        throw new TypeError("gradient: both oracles must take the choice");
      return {
        ...both(ofOut, ofGradients),
        whyNotChoice: (places) => ofOut.whyNotChoice(places.filter(({ tensor = OUT }) => tensor === OUT)),
      };
    },
  };
}
