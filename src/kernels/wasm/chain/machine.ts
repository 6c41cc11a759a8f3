import { FLOAT_BYTES } from "../../../core/shape.ts";
import type { Call, LaneWords, Phase, ScratchPlan } from "../call.ts";
import { ITEM_WORDS, MATRIX, STEP_WORDS } from "../layout.ts";
import type { MachineStep } from "./machine-step.ts";
import type { Matrices, PlannedMatrix } from "./matrices.ts";
import { planLane } from "./plan-lane.ts";
import type { Constant } from "./plan-steps.ts";
import { writeSteps } from "./write-steps.ts";

const MATRIX_WORDS = Object.keys(MATRIX).length;

/** Lists of steps over the same matrices, and where their words are to lie. */
export interface PlannedMachine {
  readonly lanes: readonly LaneWords[];
  write(call: Call, constants: readonly Constant[]): Machine;
}

/** Steps in the memory of a call. */
export interface Machine {
  /** The phases of each list of steps. */
  readonly phases: readonly (readonly Phase[])[];
  /** Points the matrices that are given at those of one head; `weightAt` is where an element of the layer's inputs is. */
  pointAt(entry: number, head: number, weightAt: (name: string, element: number) => number): void;
}

/** Plans where lists of steps lie, each of which runs by itself. Nothing may be planned with them afterwards. */
export function planMachine(
  plan: ScratchPlan,
  matrices: Matrices,
  lists: readonly (readonly MachineStep[])[],
  { threads, heads }: { readonly threads: number; readonly heads: number },
): PlannedMachine {
  const { all } = matrices;
  const steps = lists.flat();
  const phases = lists.map((list, at) => {
    const before = lists.slice(0, at).reduce((sum, { length }) => sum + length, 0);
    return phasesOf(list, before, threads);
  });
  const items = phases.flat(2);
  const matricesAt = plan.words(all.length * MATRIX_WORDS);
  const stepsAt = plan.words(steps.length * STEP_WORDS);
  const itemsAt = plan.words(items.length * ITEM_WORDS);
  const lanes = Array.from({ length: threads }, () => planLane(plan, steps));
  return {
    lanes,
    write(call, constants) {
      const matrixAt = new Map(
        all.map((matrix, index) => [matrix, call.place(matricesAt) + index * MATRIX_WORDS * FLOAT_BYTES]),
      );
      const matrixWords = call.arena.integers(call.place(matricesAt), all.length * MATRIX_WORDS);
      for (const [index, { rows, columns, rowBytes, home }] of all.entries()) {
        const data = "place" in home ? call.place(home.place) : 0;
        matrixWords.set([data, rows, columns, rowBytes], index * MATRIX_WORDS);
      }
      for (const { matrix, values } of constants) {
        const { home } = matrix;
        if ("place" in home) call.arena.floats(call.place(home.place), values.length).set(values);
      }
      writeSteps(call, stepsAt, steps, (matrix) => addressOf(matrixAt, matrix));
      const stepAddress = (step: number): number => call.place(stepsAt) + step * STEP_WORDS * FLOAT_BYTES;
      call.copy(
        itemsAt,
        Int32Array.from(items.flatMap(({ step, from, to }) => [stepAddress(step), from, to])),
      );
      return {
        phases: placedPhases(call, itemsAt, phases),
        pointAt(entry, head, weightAt) {
          for (const [index, { home }] of all.entries()) {
            const at = index * MATRIX_WORDS + MATRIX.data;
            if ("tensor" in home) matrixWords[at] = call.startOf(home.tensor, entry, head);
            else if ("headAt" in home) matrixWords[at] = home.headAt(entry, head);
            else if ("weights" in home) {
              const own = Math.floor((head * home.heads) / heads);
              matrixWords[at] = weightAt(home.weights, own * home.headElements);
            }
          }
        },
      };
    },
  };
}

/** Bytes that a step reads and writes of what is not its own: tensors, and what layers learn. */
export function bytesOf({ touched }: MachineStep): number {
  return touched.reduce(
    (sum, [{ home, rows, columns }, times]) =>
      sum + ("place" in home ? 0 : times * rows * columns * FLOAT_BYTES),
    0,
  );
}

function addressOf(addresses: ReadonlyMap<PlannedMatrix, number>, matrix: PlannedMatrix): number {
  const found = addresses.get(matrix);
  if (found === undefined) throw new TypeError(`chain: ${matrix.name} must be one of its matrices`);
  return found;
}

interface PlacedItem {
  readonly step: number;
  readonly from: number;
  readonly to: number;
  readonly cost: number;
}

/** The items of each phase of a list; the longest first if threads share them, so that none ends long after the others. */
function phasesOf(steps: readonly MachineStep[], before: number, threads: number): PlacedItem[][] {
  const count = 1 + Math.max(-1, ...steps.map(({ phase }) => phase));
  const phases: PlacedItem[][] = Array.from({ length: count }, () => []);
  for (const [step, { phase, items }] of steps.entries()) {
    phases[phase].push(...items.map((item) => ({ ...item, step: before + step })));
  }
  if (threads > 1) for (const phase of phases) phase.sort((a, b) => b.cost - a.cost);
  return phases.filter((phase) => phase.length > 0);
}

function placedPhases(
  call: Call,
  itemsAt: number,
  lists: readonly (readonly (readonly PlacedItem[])[])[],
): Phase[][] {
  let end = 0;
  const ends = lists.flat().map((phase) => {
    end += phase.length * ITEM_WORDS;
    return end;
  });
  const all = call.phases(itemsAt, ends);
  let first = 0;
  return lists.map(({ length }) => {
    first += length;
    return all.slice(first - length, first);
  });
}
