import type { Problem } from "../core/problem.ts";
import type { Runnable } from "../kernels/kernel.ts";
import { reference } from "../reference/reference.ts";
import { whileNegated } from "./changed-inputs.ts";
import { expectation } from "./expectation.ts";
import type { RowPlace } from "./gate-rows.ts";
import { watchInputs } from "./guarded-run.ts";
import { promiseFault } from "./promise-fault.ts";

/** Rows that are looked at. */
const ROWS = 6;

/** What came of the call. */
export interface ChangedCall {
  /** What is wrong for certain. */
  readonly refusal: string | null;
  /** What is wrong with the output; a kernel that is wrong on the right numbers, too, is better told by those. */
  readonly suspicion: string | null;
}

/**
 * Calls with other numbers in the arrays of q, k and v than at `prepare`, over an output that is finite already, and looks
 * at some rows. With the call on the right numbers that follows, a kernel gives itself away that computes when it is
 * prepared, or on its first call only, or packs k there: what is timed must be the whole of the work.
 */
export function callOnChanged(
  problem: Problem,
  runnable: Runnable,
  places: readonly RowPlace[],
  seed: number,
): ChangedCall {
  const inputs = runnable.inputs?.() ?? problem.inputs;
  const some = someRows(places);
  runnable.output().fill(0);
  return whileNegated(inputs, () => {
    const changedInput = watchInputs(inputs);
    const promised = promiseFault(runnable.run());
    if (promised !== null) return { refusal: `run ${promised}`, suspicion: null };
    const name = changedInput();
    if (name !== null) return { refusal: `the kernel changed its input ${name}`, suspicion: null };
    const changed = { ...problem, inputs };
    const { failure } = expectation(changed, reference(changed), some, seed).compare(runnable.output());
    const suspicion = failure === null ? null : `with q, k and v changed after prepare: ${failure}`;
    return { refusal: null, suspicion };
  });
}

/** A few of the rows that the gate looks at. */
export function someRows(places: readonly RowPlace[]): RowPlace[] {
  return places.filter((_, index) => index % Math.ceil(places.length / ROWS) === 0);
}
