import type { RowPlace } from "../core/rows.ts";
import type { Oracle } from "../mechanisms/oracle.ts";
import type { Called } from "./called.ts";
import { whileOthersAttended, whileTurned } from "./changed-inputs.ts";
import { expectation } from "./expectation.ts";
import { watchInputs } from "./guarded-run.ts";
import { emptyToken, leastRounding, whileHard } from "./hard-inputs.ts";
import { poisonedCall } from "./poisoned-call.ts";
import { promiseFault } from "./promise-fault.ts";

/** Rows that are looked at. */
const ROWS = 6;
/** And numbers in them. */
const NUMBERS = 400;

/** What came of the calls. */
export interface ChangedCalls {
  /** What is wrong for certain. */
  readonly refusal: string | null;
  /** What is wrong with an output; a kernel that is wrong on the right numbers, too, is better told by those. */
  readonly suspicion: string | null;
  /** The output on turned inputs, `[batch, heads, length, headDim]`; null where it is too long to be kept. */
  readonly turned: Float32Array | null;
}

/** Longer outputs are not kept. */
const MOST_KEPT = 2 ** 22;

/**
 * Calls with other numbers in the arrays of q, k and v than at `prepare`, over an output that is finite already, and looks at some
 * rows. With the call on the right numbers that follows, a kernel gives itself away that computes when it is prepared, or on
 * its first call only, or keeps there what it makes of q or k: what is timed must be the whole of the work. Then on hard numbers,
 * which a kernel must be right for as well, and with NaN in a token that some rows do not attend.
 */
export function callOnChanged(
  called: Called,
  exact: Oracle,
  places: readonly RowPlace[],
  seed: number,
  rounding: number,
): ChangedCalls {
  const { problem, output } = called;
  const { inputs } = problem;
  const some = [
    ...someRows(places, problem.shape.headDim),
    { batch: 0, head: 0, row: emptyToken(problem.shape) },
  ];
  output.fill(0);
  let turned: Float32Array | null = null;
  const wrongRows = (what: string, known: number | null, least = rounding): Found => {
    const changedInput = watchInputs(inputs);
    const promised = promiseFault(called.run());
    if (promised !== null) return refused(`run ${promised}`);
    const name = changedInput();
    if (name !== null) return refused(`the kernel changed its input ${name}`);
    const expected = expectation(problem, exact, some, seed, known, least);
    // Numbers so hard that float32 cannot tell prove nothing.
    const failure = expected.unproven === null ? expected.compare(output).failure : null;
    return failure === null ? FINE : { refusal: null, suspicion: `${what}: ${failure}` };
  };
  const found = firstFault([
    () =>
      whileTurned(inputs, () => {
        const wrong = wrongRows("with q, k and v changed after prepare", rounding);
        if (output.length <= MOST_KEPT) turned = output.slice();
        return wrong;
      }),
    ...(["large scores", "low scores", "empty tokens"] as const).map((hardness) => () => {
      const least = Math.max(rounding, leastRounding(hardness, problem.shape.headDim));
      return whileHard(problem, hardness, () => wrongRows(`with ${hardness}`, null, least)) ?? FINE;
    }),
    // The calls that follow have the same queries: what is remembered by them is then other keys' output.
    () => whileOthersAttended(inputs, () => wrongRows("with k and v alone changed", rounding)),
    () => {
      const wrong = poisonedCall(called, seed);
      return wrong === null ? FINE : { refusal: null, suspicion: wrong };
    },
  ]);
  return { ...found, turned };
}

interface Found {
  readonly refusal: string | null;
  readonly suspicion: string | null;
}

const FINE: Found = { refusal: null, suspicion: null };

function refused(refusal: string): Found {
  return { refusal, suspicion: null };
}

function firstFault(calls: ReadonlyArray<() => Found>): Found {
  for (const call of calls) {
    const found = call();
    if (found.refusal !== null || found.suspicion !== null) return found;
  }
  return FINE;
}

/** A few of the rows that the gate looks at, more where they are narrow: a float32 pass of few numbers may be a lucky one. */
function someRows(places: readonly RowPlace[], headDim: number): RowPlace[] {
  const wanted = Math.max(ROWS, Math.ceil(NUMBERS / headDim));
  return places.filter((_, index) => index % Math.ceil(places.length / wanted) === 0);
}
