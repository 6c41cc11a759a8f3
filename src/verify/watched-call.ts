import { placeAt } from "../core/outputs.ts";
import { randomStream } from "../core/random.ts";
import type { RowPlace } from "../core/rows.ts";
import { QKV } from "../core/shape.ts";
import { DOUT, isGradient } from "../mechanisms/gradient/declare.ts";
import type { Oracle } from "../mechanisms/oracle.ts";
import { outputsOf } from "../mechanisms/outputs.ts";
import type { CallsElsewhere } from "../timing/slot-elsewhere.ts";
import type { Called } from "./called.ts";
import { whileAllTurned } from "./changed-inputs.ts";
import { type Expectation, expectation } from "./expectation.ts";
import { affordable, rowsToCheck } from "./gradient-rows.ts";
import { brokenGuard, watchInputs } from "./guarded-run.ts";
import { type PokedName, type Pokes, pokes, sitesFor } from "./pokes.ts";
import { unlikeRows } from "./unlike-rows.ts";

/**
 * A call that is timed over and over, and watched: whether it still computes all of its output from all of
 * its input.
 */
export interface Watched {
  /** What is timed: a change of a few numbers, and the call. */
  call(): void;
  /**
   * What precedes each sample outside its time: changes of q, k and v, and the forward pass of which the calls are given
   * what it saves. Null if nothing does.
   */
  readonly before: (() => void) | null;
  /** The same if calls are awaited; null if `call` is all there is. */
  readonly elsewhere: CallsElsewhere | null;
  /**
   * Spoils the output, so that anything no longer computed shows, and arranges the changes for a number of
   * timed calls, before as many of which as `samples` something is saved; before each if omitted.
   */
  begin(calls: number, samples?: number): void;
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
  /** The calls if they are awaited, each after a change, and another once something is saved. */
  elsewhere(change: () => void, afterSaving: () => void): CallsElsewhere | null;
}

/** Multiplications that the reference may spend after a slot, beyond one row. */
const REFERENCE_WORK = 2 ** 22;
/** Rows of the turned output that are checked if it was not kept, different ones each time. */
const ROWS = 2;

export function watchedCall(called: Called, context: WatchContext): Watched {
  const { problem, output } = called;
  const { exact, seed, rounding, turned, looked, rows: many } = context;
  const changes = changing(called, seed, sitesFor(context.callSeconds));
  const { length, headDim } = problem.shape;
  const atMost = Math.max(1, Math.floor(REFERENCE_WORK / (length * headDim)));
  const changedInput = watchInputs(problem.inputs);
  const known = new Map<string, Expectation>();
  const random = randomStream(seed, output.length);
  /** What is expected under a change: in the rows that show it, and in others that no other change uses. */
  const expectedAt = ({ key, drawn, rows: shown }: Standing): Expectation => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const others = rowsToCheck(problem, seed + 1 + drawn);
    const step = Math.ceil(others.length / many);
    const rows = [...shown, ...others.filter((_, place) => place % step === 0)];
    const some = rows.slice(0, Math.max(shown.length, Math.min(rows.length, atMost)));
    const expected = expectation(problem, exact, affordable(problem, some), seed, rounding);
    known.set(key, expected);
    return expected;
  };
  const outputs = outputsOf(problem);
  const drawRows = () =>
    affordable(
      problem,
      Array.from({ length: ROWS }, () => placeAt(outputs, random.below(output.length))),
    );
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
    before: changes.before,
    elsewhere: context.elsewhere(changes.save, changes.next),
    begin(calls, samples = calls) {
      output.fill(Number.NaN);
      changes.begin(calls, samples);
    },
    async verify() {
      const standing = changes.standing();
      try {
        const pending = called.fetch();
        if (pending !== null) await pending;
        if (standing === null) return brokenGuard(output);
        const expected = expectedAt(standing);
        return brokenGuard(output) ?? expected.compare(output, called.choice()).failure;
      } finally {
        changes.undo();
      }
    },
    async recheck() {
      const wrong = await whileAllTurned(problem, async () => {
        const pending = called.whole();
        if (pending !== null) await pending;
        const rows = turned === null ? drawRows() : unlikeRows(output, turned, outputs);
        return expectation(problem, exact, rows, seed, rounding).compare(output, called.choice()).failure;
      });
      return wrong === null ? inspect() : `with other numbers in q, k and v: ${wrong}`;
    },
    inspect,
  };
}

/** What stands changed after a slot. */
interface Standing {
  /** Equal where the same numbers are. */
  readonly key: string;
  readonly drawn: number;
  /** The rows that show it. */
  readonly rows: readonly RowPlace[];
}

/** The changes between calls: of q, k and v, and of what a gradient is taken along. */
interface Changing {
  begin(calls: number, samples: number): void;
  /** Before every call. */
  next(): void;
  /** What precedes each sample, and saves; null if nothing does. */
  readonly before: (() => void) | null;
  /** The changes before what is saved, or before every call if nothing is. */
  save(): void;
  standing(): Standing | null;
  undo(): void;
}

/**
 * Where a call is given what a forward pass has saved, q, k and v change before that, once a sample, and dout after it,
 * before every call.
 */
function changing({ problem, save }: Called, seed: number, sites: number): Changing {
  const ofInputs: readonly PokedName[] = [
    ...QKV,
    ...(isGradient(problem.mechanism) && save === null ? [DOUT as PokedName] : []),
  ];
  const inputs = pokes(problem, seed, sites, ofInputs);
  if (save === null) {
    return {
      begin: (calls) => inputs.begin(calls),
      next: () => inputs.next(),
      before: null,
      save: () => inputs.next(),
      standing: () => standingOf([inputs]),
      undo: () => inputs.undo(),
    };
  }
  const along = pokes(problem, seed + 1, sites, [DOUT]);
  return {
    begin(calls, samples) {
      inputs.begin(samples);
      along.begin(calls);
    },
    next: () => along.next(),
    before() {
      // What is saved is not to be of a dout that stands changed.
      along.undo();
      inputs.next();
      save();
    },
    save() {
      along.undo();
      inputs.next();
    },
    standing: () => standingOf([inputs, along]),
    undo() {
      along.undo();
      inputs.undo();
    },
  };
}

function standingOf(all: readonly Pokes[]): Standing | null {
  const standing = all.map((one) => one.standing());
  const [first] = standing;
  if (first === null) return null;
  const rows = standing.flatMap((one) => one?.rows ?? []);
  return { key: standing.map((one) => one?.index ?? -1).join(" "), drawn: first.index, rows };
}
