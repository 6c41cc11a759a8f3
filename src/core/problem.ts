import type { Shape } from "./shape.ts";
import type { AttentionInputs } from "./tensors.ts";
import type { Mechanism } from "./variant.ts";

/** What is to be computed, without the numbers: enough to say whether a kernel can, and what it would cost. */
export interface Task {
  readonly mechanism: Mechanism;
  readonly shape: Shape;
  /** Whether keys after the query are left out. */
  readonly causal: boolean;
  readonly threads: number;
}

/** One attention call with its inputs. */
export interface Problem extends Task {
  readonly inputs: AttentionInputs;
}
