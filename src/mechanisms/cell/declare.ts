import type { Mechanism } from "../../core/mechanism.ts";
import type { Parameters, ValuesOf } from "../../core/parameters.ts";
import { type Declaration, declareVariant, type Variant } from "../../core/variant.ts";

/**
 * A recurrent cell: token by token, `h_t = cell(h_{t-1}, token t)` from `h = 0`, and `out_t = h_t`, one number a
 * channel. Always causal.
 */
export type Cell = GatedCell | LearnedCell;

/**
 * Gates are given by the call, and channels do not see one another. `min-gru`: `z = σ(k)`, `h ← (1 - z) h + z v`.
 * `min-lstm`: `f = σ(q) / (σ(q) + σ(k))`, `h ← f h + (1 - f) v`. Feng et al. 2024, arXiv 2410.01201.
 */
export interface GatedCell extends Mechanism {
  readonly kind: "cell";
  readonly cell: "min-gru" | "min-lstm";
}

/**
 * The layer has weights, and reads v alone. `elman`: `h ← tanh(W v + U h)`, W and U `[heads, d, d]`. `lstm`: `a = W v +
 * U h`, W and U `[heads, 4·d, d]` with the rows of the gates i, f, g, o in this order, as `torch.nn.LSTM` without
 * biases; `c ← σ(f) c + σ(i) tanh(g)`, `h = σ(o) tanh(c)`. They are the inputs `w` and `u`.
 */
export interface LearnedCell extends Mechanism {
  readonly kind: "cell";
  readonly cell: "elman" | "lstm";
  readonly seed: number;
}

/** Whether a mechanism is a recurrent cell. */
export function isCell(mechanism: Mechanism): mechanism is Cell {
  return mechanism.kind === "cell";
}

/** Whether a cell's layer has weights. */
export function isLearned(cell: Cell): cell is LearnedCell {
  return cell.cell === "elman" || cell.cell === "lstm";
}

/** Gates whose arguments are products with weights, each d wide; none where gates are given. */
export const GATES: Readonly<Record<Cell["cell"], number>> = {
  "min-gru": 0,
  "min-lstm": 0,
  elman: 1,
  lstm: 4,
};

/** Numbers a channel that the next token needs. */
export const STATES: Readonly<Record<Cell["cell"], number>> = {
  "min-gru": 1,
  "min-lstm": 1,
  elman: 1,
  lstm: 2,
};

/** The inputs of a call that a cell reads. */
export const READS: Readonly<Record<Cell["cell"], ReadonlyArray<"q" | "k" | "v">>> = {
  "min-gru": ["k", "v"],
  "min-lstm": ["q", "k", "v"],
  elman: ["v"],
  lstm: ["v"],
};

/** Declares a variant that is a recurrent cell. */
export function cell<const P extends Parameters>(
  declaration: Declaration<P> & { cell: (values: ValuesOf<P>) => Omit<Cell, "kind"> & Pick<Cell, "cell"> },
): Variant {
  return declareVariant(
    declaration,
    (values): Cell => ({ kind: "cell", ...declaration.cell(values) }) as Cell,
  );
}
