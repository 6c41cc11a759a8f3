import type { Dtype } from "./dtype.ts";
import type { Mechanism } from "./mechanism.ts";
import type { Shape } from "./shape.ts";
import type { NamedInputs, Numbers } from "./tensors.ts";

/**
 * What is to be computed, without the numbers: enough to say whether a kernel can, and what it would cost.
 */
export interface Task<M extends Mechanism = Mechanism> {
  readonly mechanism: M;
  readonly shape: Shape;
  /** Whether keys after the query are excluded. */
  readonly causal: boolean;
  readonly threads: number;
  /**
   * The numbers that inputs hold and that the output is judged by: float32 if omitted. Arrays are of float32 whatever it is.
   */
  readonly dtype?: Dtype;
}

/** One attention call with its inputs; `Name` are those that its kind has in addition to q, k and v. */
export interface Problem<M extends Mechanism = Mechanism, Name extends string = never> extends Task<M> {
  readonly inputs: NamedInputs<Name>;
  /** The sizes of the inputs that its kind has besides q, k and v, by name; omitted if unknown. */
  readonly sizes?: Readonly<Record<string, readonly number[]>>;
}

/** The same as an oracle takes it: q, k and v may be float64. */
export interface ExactProblem<M extends Mechanism = Mechanism> extends Task<M> {
  readonly inputs: NamedInputs<never, Numbers>;
}
