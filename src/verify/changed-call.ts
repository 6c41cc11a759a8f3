import type { RowPlace } from "../core/rows.ts";
import { gradientName } from "../mechanisms/gradient/declare.ts";
import type { JudgedProblem } from "../mechanisms/judged.ts";
import type { Oracle } from "../mechanisms/oracle.ts";
import type { Called } from "./called.ts";
import { whileAllTurned, whileOthersAttended } from "./changed-inputs.ts";
import { expectation } from "./expectation.ts";
import { affordable } from "./gradient-rows.ts";
import { watchInputs } from "./guarded-run.ts";
import { emptyKey, emptyQuery, leastRounding, whileHard } from "./hard-inputs.ts";
import { poisonedCall } from "./poisoned-call.ts";
import { isThinned, whileThinned } from "./thinned.ts";

/** Rows checked. */
const ROWS = 6;
/** And numbers in them. */
const NUMBERS = 400;

/** The result of the calls. */
export interface ChangedCalls {
  /** What is wrong for certain. */
  readonly refusal: string | null;
  /**
   * What is wrong with an output; a kernel that is also wrong on the right numbers is better described by
   * those.
   */
  readonly suspicion: string | null;
  /** The output on turned inputs, as long as the output; null if it is too long to keep. */
  readonly turned: Float32Array | null;
}

/** Longer outputs are not kept. */
const MOST_KEPT = 2 ** 22;

/**
 * Calls with other numbers in the arrays of q, k and v than at `prepare`, over an output that is finite
 * already, and looks at some rows. Together with the call on the right numbers that follows, this exposes a
 * kernel that computes while being prepared or only on its first call, or that caches what it makes of q or
 * k: the timed call must do all of the work. Then on hard numbers, which a kernel must be right for as well,
 * and with NaN in a token that some rows do not attend.
 */
export async function callOnChanged(
  called: Called,
  exact: Oracle,
  places: readonly RowPlace[],
  seed: number,
  rounding: number,
): Promise<ChangedCalls> {
  const { problem, output } = called;
  const { inputs } = problem;
  const some = affordable(problem, [...someRows(places, problem.shape.valueDim), ...emptyRows(problem)]);
  output.fill(0);
  let turned: Float32Array | null = null;
  const wrongRows = (what: string, known: number | null, least = rounding): Promise<Found> =>
    whileThinned(problem, some, seed, () => wrongRowsNow(what, known, least));
  const wrongRowsNow = async (what: string, known: number | null, least: number): Promise<Found> => {
    const changedInput = watchInputs(inputs);
    const pending = called.whole();
    if (pending !== null) await pending;
    const name = changedInput();
    if (name !== null) return { refusal: `the kernel changed its input ${name}`, suspicion: null };
    const expected = expectation(problem, exact, some, seed, known, least);
    // Numbers so hard that float32 cannot resolve them prove nothing.
    const failure = expected.unproven === null ? expected.compare(output, called.choice()).failure : null;
    return failure === null ? FINE : { refusal: null, suspicion: `${what}: ${failure}` };
  };
  const found = await firstFault([
    () =>
      whileAllTurned(problem, async () => {
        const changed = "with q, k and v changed after prepare";
        const wrong = await wrongRows(changed, rounding);
        if (output.length > MOST_KEPT) return wrong;
        if (isThinned(problem, some)) {
          // What is kept is compared with calls on all of dout.
          const pending = called.whole();
          if (pending !== null) await pending;
        }
        turned = output.slice();
        return wrong;
      }),
    ...(["large scores", "low scores", "large keys", "empty tokens"] as const).map((hardness) => async () => {
      const least = Math.max(rounding, leastRounding(hardness, problem.shape.headDim));
      return (await whileHard(problem, hardness, () => wrongRows(`with ${hardness}`, null, least))) ?? FINE;
    }),
    // The calls that follow have the same queries: anything cached by query then belongs to other keys.
    () => whileOthersAttended(inputs, () => wrongRows("with only k and v changed", rounding)),
    async () => {
      const wrong = await poisonedCall(called, seed);
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

async function firstFault(calls: ReadonlyArray<() => Promise<Found>>): Promise<Found> {
  for (const call of calls) {
    const found = await call();
    if (found.refusal !== null || found.suspicion !== null) return found;
  }
  return FINE;
}

/** The rows of the query that is 0, and of the key. */
function emptyRows({ kind, shape }: JudgedProblem): RowPlace[] {
  const query = { batch: 0, head: 0, row: emptyQuery(shape) };
  if (kind.outputs === undefined) return [query];
  const key = { ...query, row: emptyKey(shape) };
  return [
    { tensor: gradientName("q"), ...query },
    { tensor: gradientName("k"), ...key },
    { tensor: gradientName("v"), ...key },
  ];
}

/**
 * A few of the verified rows of each tensor, more if they are narrow: a float32 pass over few numbers may be a lucky one.
 */
function someRows(places: readonly RowPlace[], valueDim: number): RowPlace[] {
  const wanted = Math.max(ROWS, Math.ceil(NUMBERS / valueDim));
  const tensors = Map.groupBy(places, ({ tensor }) => tensor);
  return [...tensors.values()].flatMap((own) =>
    own.filter((_, index) => index % Math.ceil(own.length / wanted) === 0),
  );
}
