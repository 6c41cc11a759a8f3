import type { STEP, STEP_KIND } from "../layout.ts";
import type { PlannedMatrix } from "./matrices.ts";

/** A word of a step: a number, a float32 number, a matrix, or a place of the plan. */
export type StepWord =
  | number
  | { readonly float: number }
  | { readonly matrix: PlannedMatrix | undefined }
  | { readonly place: number };

/** Words by their names; those of `values` and `to` that are further on by their distance from them. */
export type StepWords = Partial<Record<Exclude<keyof typeof STEP, "kind">, StepWord>> & {
  readonly others?: readonly { readonly values: PlannedMatrix; readonly to: PlannedMatrix }[];
  /** Words of which there are up to `MOST_VALUES`. */
  readonly each?: Partial<Record<"values" | "along" | "valueSums" | "packedValues", readonly StepWord[]>>;
};

/** What is done with rows `from … to-1`, in the phase `phase`; `cost` is about how long it takes. */
export interface StepItem {
  readonly from: number;
  readonly to: number;
  readonly cost: number;
}

/** One step of the machine, and the items that threads share. */
export interface MachineStep {
  readonly kind: keyof typeof STEP_KIND;
  readonly words: StepWords;
  readonly phase: number;
  readonly items: readonly StepItem[];
  /** Operations, with whole panels counted. */
  readonly flops: number;
  /** Elements of matrices that it reads or writes, with those that are read again. */
  readonly touched: readonly (readonly [PlannedMatrix, number])[];
}

/** Rows in items of `together`, each as much work. */
export function rowItems(rows: number, together: number, rowCost: number): StepItem[] {
  const items: StepItem[] = [];
  for (let from = 0; from < rows; from += together) {
    const to = Math.min(rows, from + together);
    items.push({ from, to, cost: (to - from) * rowCost });
  }
  return items;
}
