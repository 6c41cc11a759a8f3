import type { Mechanism } from "../core/mechanism.ts";
import type { NamedInputs } from "../core/tensors.ts";
import type { Kinds } from "../mechanisms/kinds.ts";
import type { TrainedLine } from "../record/schema/learning-lines.ts";
import type { BoundTask, Examples, ModelSizes } from "../tasks/task.ts";

/** What is trained: one model around one mechanism, on one task. */
export interface LearnerSpec {
  readonly task: BoundTask;
  readonly model: ModelSizes;
  /** As it is called within the model: causal or not as the task says, its gates given. */
  readonly mechanism: Mechanism;
  /** The same with which its cross attention is computed; of tasks whose answers the model decides. */
  readonly cross?: Mechanism;
  readonly batch: number;
  /** What the initial weights are drawn by. */
  readonly seed: number;
}

/** A model that learns. Not one number of it depends on time, threads or the order in which others run. */
export interface Learner {
  /** Numbers that are learned: as many with every variant, but for those that an attention learns itself. */
  readonly parameters: number;
  /**
   * One step of AdamW on a batch of examples, with the gradient clipped to length 1. Returns the loss before the step, in nats an
   * answer; NaN or Infinity if it diverged, and the learner is then of no use.
   */
  step(examples: Examples, rate: number): number;
  /** Which answers are right, `[count, answers]` of 0 and 1; of a `decided` output one a sequence. */
  right(examples: Examples): Uint8Array;
  /** What each layer's attention is called with on these examples, of which there may be any number, and what it gives. */
  calls(examples: Examples): readonly AttentionCall[];
  dispose(): void;
}

/** One call of a mechanism within a model. */
export interface AttentionCall {
  readonly layer: number;
  readonly mechanism: Mechanism;
  readonly causal: boolean;
  /** q, k, v `[batch, heads, tokens, headDim]` and what else the mechanism takes, such as `g` and `beta`. */
  readonly inputs: NamedInputs<never>;
  /** `[batch, heads, tokens, headDim]`, as the dense twin computed it. */
  readonly output: Float32Array;
}

/** Makes learners. */
export interface Learning {
  /** The library and its version, such as `@jax-js/jax 0.1.25`. */
  readonly name: string;
  /** Why a mechanism has no dense twin here, in words that follow its name; null if it has one. */
  whyNot(mechanism: Mechanism, task: BoundTask): string | null;
  /** Numbers that a model would learn. */
  parametersOf(spec: Pick<LearnerSpec, "task" | "model" | "mechanism" | "cross">): number;
  /**
   * Compares the dense twin of a mechanism, on random numbers of a task's shape, with the references of its kind: its output, and
   * its gradients if the kind has one. `failure` is null if they agree.
   */
  checkTwin(spec: Pick<LearnerSpec, "task" | "model" | "mechanism">, kinds: Kinds, seed: number): TwinChecked;
  create(spec: LearnerSpec): Learner;
}

/** What comparing a twin with its references found. */
export interface TwinChecked {
  readonly failure: string | null;
  /** How near it came; null if it failed. */
  readonly agreement: TrainedLine["twin"];
}
