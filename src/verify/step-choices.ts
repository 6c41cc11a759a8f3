import type { Stepper } from "../kernels/stepper.ts";
import type { JudgedTask } from "../mechanisms/judged.ts";
import { askOf, type HandedChoice, handedChoice } from "./handed-choice.ts";

/** Keeps what a stepper says that it chose, step by step, as rows of the whole sequence. */
export interface StepChoices {
  /** Keeps what the step chose that took in the token at `position` and was the last. It wrote to `out`, which must stand. */
  note(position: number, out: Float32Array): void;
  /** Forgets all of them. */
  clear(): void;
  /** The positions that are kept; null if nothing is chosen, so that there is none to ask about. */
  known(): ReadonlySet<number> | null;
  /** The choice of the whole sequence, -1 where it is not known. */
  handed(): HandedChoice;
}

/** The task's length is the capacity. */
export function stepChoices(task: JudgedTask, stepper: Pick<Stepper, "choice">): StepChoices {
  const { kind, mechanism, shape } = task;
  const specs = kind.choices?.(mechanism, shape);
  const step = { ...task, shape: { ...shape, queries: 1 } };
  const slices = shape.batch * shape.heads;
  const choice = Object.fromEntries(
    Object.entries(specs ?? {}).map(([name, { rows, perRow }]) => [
      name,
      new Int32Array(slices * rows * perRow),
    ]),
  );
  const known = new Set<number>();
  let fault: HandedChoice = null;
  const clear = (): void => {
    fault = null;
    known.clear();
    for (const array of Object.values(choice)) array.fill(-1);
  };
  clear();
  return {
    clear,
    note(position, out) {
      if (specs === undefined) return;
      const handed = handedChoice(step, askOf(stepper), out);
      known.add(position);
      if (handed === null || "fault" in handed) {
        fault ??= handed;
        return;
      }
      for (const [name, { rows, perRow }] of Object.entries(specs)) {
        for (let slice = 0; slice < slices; slice++) {
          const row = handed.choice[name].subarray(slice * perRow, (slice + 1) * perRow);
          choice[name].set(row, (slice * rows + position) * perRow);
        }
      }
    },
    known: () => (specs === undefined ? null : known),
    handed: () => (specs === undefined ? null : (fault ?? { choice })),
  };
}
