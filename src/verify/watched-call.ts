import { randomStream } from "../core/random.ts";
import type { RowPlace } from "../core/rows.ts";
import type { Oracle } from "../mechanisms/oracle.ts";
import type { CallsElsewhere } from "../timing/slot-elsewhere.ts";
import type { Called } from "./called.ts";
import { whileAllTurned } from "./changed-inputs.ts";
import { type Expectation, expectation } from "./expectation.ts";
import { brokenGuard, watchInputs } from "./guarded-run.ts";
import { pokes, sitesFor } from "./pokes.ts";
import { gateRows } from "./rows.ts";
import { unlikeRows } from "./unlike-rows.ts";

/**
 * A call that is timed over and over, and watched: whether it still computes all of its output from all of
 * its input.
 */
export interface Watched {
  /** What is timed: a change of a few numbers, and the call. */
  call(): void;
  /** The same if calls are awaited; null if `call` is all there is. */
  readonly elsewhere: CallsElsewhere | null;
  /**
   * Spoils the output, so that anything no longer computed shows, and arranges the changes for a number of
   * timed calls.
   */
  begin(calls: number): void;
  /**
   * Compares the output with what the numbers of the last call should give, and undoes its change: null, or
   * what is wrong.
   */
  verify(): Promise<string | null>;
  /**
   * Calls once more, on other numbers and over the output as it stands, and compares all of it; checks that
   * the inputs are unchanged: null, or what is wrong.
   */
  recheck(): Promise<string | null>;
  /** Only checks that the inputs are unchanged. */
  inspect(): string | null;
}

interface WatchContext {
  /** The reference for the numbers in the inputs at the time of asking. */
  readonly exact: Oracle;
  readonly seed: number;
  /** Rows checked after a slot. */
  readonly rows: number;
  /** Roughly what one call takes. */
  readonly callSeconds: number;
  /** The error of a float32 pass of the reference during verification. */
  readonly rounding: number;
  /** The output on turned inputs, as verified; null if it was not kept. */
  readonly turned: Float32Array | null;
  /** What is wrong with where the output is, or null. */
  looked(output: Float32Array): string | null;
  /** The calls if they are awaited, each after a change. */
  elsewhere(change: () => void): CallsElsewhere | null;
}

/** Multiplications that the reference may spend after a slot, beyond one row. */
const REFERENCE_WORK = 2 ** 22;
/** Rows of the turned output that are checked if it was not kept, different ones each time. */
const ROWS = 2;

export function watchedCall(called: Called, context: WatchContext): Watched {
  const { problem, output } = called;
  const { exact, seed, rounding, turned, looked, rows: many } = context;
  const changes = pokes(problem, seed, sitesFor(context.callSeconds));
  const { length, headDim } = problem.shape;
  const affordable = Math.max(1, Math.floor(REFERENCE_WORK / (length * headDim)));
  const changedInput = watchInputs(problem.inputs);
  const known = new Map<number, Expectation>();
  const random = randomStream(seed, output.length);
  /** What is expected under a change: in the rows that show it, and in others that no other change uses. */
  const expectedAt = (index: number, shown: readonly RowPlace[]): Expectation => {
    const before = known.get(index);
    if (before !== undefined) return before;
    const others = gateRows(problem.shape, seed + 1 + index);
    const step = Math.ceil(others.length / many);
    const rows = [...shown, ...others.filter((_, place) => place % step === 0)].slice(0, affordable);
    const expected = expectation(problem, exact, rows, seed, rounding);
    known.set(index, expected);
    return expected;
  };
  const drawRows = () => {
    const { batch, heads, queries } = problem.shape;
    return Array.from({ length: ROWS }, () => ({
      batch: random.below(batch),
      head: random.below(heads),
      row: random.below(queries),
    }));
  };
  const inspect = (): string | null => {
    const name = changedInput();
    return name === null
      ? looked(output)
      : `the kernel, or another run in between, changed its input ${name}`;
  };
  return {
    call() {
      changes.next();
      called.run();
    },
    elsewhere: context.elsewhere(() => changes.next()),
    begin(calls) {
      output.fill(Number.NaN);
      changes.begin(calls);
    },
    async verify() {
      const standing = changes.standing();
      try {
        const pending = called.fetch();
        if (pending !== null) await pending;
        if (standing === null) return brokenGuard(output);
        const expected = expectedAt(standing.index, standing.rows);
        return brokenGuard(output) ?? expected.compare(output, called.choice()).failure;
      } finally {
        changes.undo();
      }
    },
    async recheck() {
      const wrong = await whileAllTurned(problem, async () => {
        const pending = called.whole();
        if (pending !== null) await pending;
        const rows = turned === null ? drawRows() : unlikeRows(output, turned, problem.shape);
        return expectation(problem, exact, rows, seed, rounding).compare(output, called.choice()).failure;
      });
      return wrong === null ? inspect() : `with other numbers in q, k and v: ${wrong}`;
    },
    inspect,
  };
}
