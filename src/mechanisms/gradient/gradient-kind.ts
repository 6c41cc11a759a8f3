import type { Mechanism } from "../../core/mechanism.ts";
import type { ExactProblem, Task } from "../../core/problem.ts";
import type { AttentionInputs, Numbers } from "../../core/tensors.ts";
import type { UsefulWork } from "../../core/work.ts";
import type { AskedRows, LeastWork } from "../kind.ts";
import type { Law } from "../laws/law.ts";
import type { Oracle } from "../oracle.ts";

/**
 * What a kind of attention says of its gradient: the judge's own, written in closed form in `mechanisms/<kind>/gradient/` or `gradient.ts`
 * and tied to central differences of the forward oracle by a property test.
 */
export interface GradientKind<M extends Mechanism = Mechanism> {
  /** Why this mechanism of the kind has none, in words that follow its name; null if it has. Omitted if all have. */
  whyNot?(mechanism: M): string | null;
  /**
   * What the gradient of a mechanism that chooses what is read is taken through, such as `through the chosen keys`; null if
   * it chooses nothing. Omitted if none of the kind does.
   */
  through?(mechanism: M): string | null;
  /** The inputs besides q, k and v that have a gradient, by name; omitted if none has. */
  also?(mechanism: M): readonly string[];
  /**
   * Whether what is read of one query is in other rows as well, as where it is a gate of a recurrence, or a key: then dq of a
   * row depends on theirs. Omitted if each query is read by its own row alone.
   */
  sumsQueries?(mechanism: M): boolean;
  /**
   * The gradients of `Σ dout · out`. Rows that are asked for name their tensor: `dq`, `dk`, `dv`, or `d` and the name of
   * another input, by whose layout they are numbered; one row may be asked for twice. Every operation is rounded, as in the forward oracle, and `slack`
   * says how far one float32 rounding of what goes into a row may move it, also through what the row is made of, such as
   * weights.
   *
   * A row of dout that is zero contributes exactly nothing, and need not be looked at: verification thins dout out where
   * the reference would otherwise take too long, and relies on that.
   */
  oracle(problem: GradientProblem<M>): Oracle;
  /**
   * The work that the gradients require over batch and heads, without the forward pass and without computing anything of it
   * again, which is a kernel's choice.
   */
  work(task: Task<M>): UsefulWork;
  /** No honest backward pass in float32 does less than this. */
  leastWork(task: Task<M>): LeastWork;
  /** Products that the oracle computes for some rows, in one precision. */
  oracleProducts(asked: AskedRows): number;
  /** Laws of this kind's gradient, besides those of every gradient. */
  readonly laws?: readonly Law[];
}

/** A call of a mechanism with what its gradient is taken along: within a layer, q, k, v and dout are float64. */
export interface GradientProblem<M extends Mechanism = Mechanism> extends ExactProblem<M> {
  readonly inputs: AttentionInputs<Numbers> & { readonly dout: Numbers };
}
