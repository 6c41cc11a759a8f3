import { lagOneCorrelation } from "../../stats/lag-one.ts";
import { partiallyPooled } from "../../stats/partial-pooling.ts";

/** A sequence with the machine that it is from. */
interface OfMachine {
  readonly machine: string;
  readonly values: Float64Array;
}

/**
 * Standard errors that a correlation is raised by: one that is too small makes false alarms, one too great only blunts.
 */
const RAISED = 1.5;
const MOST = 0.9;

/**
 * How much the noise of neighbouring commits is alike in each sequence, from 0 to 0.9, rather too much than too little.
 * Cells on one machine inform one another: what drifts is mostly the machine. Sequences too short to tell are taken to
 * be like the others of their machine, and as independent if there are none.
 */
export function neighbourCorrelations(sequences: readonly OfMachine[]): readonly number[] {
  const found = new Array<number>(sequences.length).fill(0);
  const indices = Map.groupBy(sequences.keys(), (index) => sequences[index].machine);
  for (const own of indices.values()) {
    const told = own.flatMap((index) => {
      const estimate = lagOneCorrelation(sequences[index].values);
      return estimate === null ? [] : [{ index, estimate }];
    });
    if (told.length === 0) continue;
    const pooled = partiallyPooled(told.map(({ estimate }) => estimate)).map(({ value, error }) =>
      Math.min(MOST, Math.max(0, value + RAISED * error)),
    );
    const usual = pooled.reduce((sum, one) => sum + one, 0) / pooled.length;
    for (const index of own) found[index] = usual;
    for (const [at, { index }] of told.entries()) found[index] = pooled[at];
  }
  return found;
}
