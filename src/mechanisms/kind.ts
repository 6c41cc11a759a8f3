import type { CallSettings, GateName } from "../core/call-settings.ts";
import type { ChoiceSpecs } from "../core/choice.ts";
import type { Dtype } from "../core/dtype.ts";
import type { Mechanism } from "../core/mechanism.ts";
import type { OutputTensor } from "../core/outputs.ts";
import type { Pattern } from "../core/pattern.ts";
import type { ExactProblem, Task } from "../core/problem.ts";
import type { QKV, Shape, ShapeFreedom } from "../core/shape.ts";
import type { StepWindow } from "../core/step-window.ts";
import type { TableRow } from "../core/table-one.ts";
import type { TensorSpecs } from "../core/tensor-spec.ts";
import type { Traits } from "../core/traits.ts";
import type { UsefulWork } from "../core/work.ts";
import type { GradientKind } from "./gradient/gradient-kind.ts";
import type { Law } from "./laws/law.ts";
import type { Oracle } from "./oracle.ts";
import type { Yardstick } from "./yardstick.ts";

/**
 * What a kind of attention is, by its mathematics: the judge's own, looked up by the mechanism's `kind`,
 * never provided by a subject. Kernels do not see it.
 */
export interface Kind<M extends Mechanism = Mechanism> {
  readonly id: M["kind"];
  /** What it is in a sentence, such as `a convolution`; its id if omitted. */
  readonly words?: string;
  /** Whether it can be causal, and whether it can be non-causal. */
  readonly causality: "either" | "always" | "never";
  /** The same of one mechanism, if its kind is `either` and not all of them are; omitted if they are. */
  causalityOf?(mechanism: M): Kind["causality"];
  /**
   * Why a mechanism is not decoded though its kind is, in words that follow its name; null if it is. Omitted
   * if all are that can be causal.
   */
  whyNotDecoded?(mechanism: M): string | null;
  /**
   * Whether a causal row is the same in every longer sequence, as far as it reads the same tokens; omitted if
   * it always is.
   */
  keepsPrefixes?(mechanism: M): boolean;
  /** How shapes may differ from the usual; omitted if they may not. */
  readonly freedoms?: readonly ShapeFreedom[];
  /** Why it cannot be computed for a shape that its freedoms allow; omitted if it always can. */
  whyNotShape?(mechanism: M, shape: Shape): string | null;
  /** Which of q, k and v it reads; omitted if all. A layer makes no others. */
  reads?(mechanism: M): readonly (typeof QKV)[number][];
  /** Whether a row reads no query but its own, so that its oracle needs no others; omitted if it may. */
  readonly readsOwnQuery?: boolean;
  /** Whether its q, k and v are the same tokens, which it makes what it needs of; omitted if they never are. */
  takesTokens?(mechanism: M): boolean;
  /** What its calls give, of which there is one tensor at least; omitted if that is the output alone. */
  outputs?(mechanism: M, shape: Shape): readonly OutputTensor[];
  /** Its gradient; omitted if it has none, and `whyNoGradient` then says why. */
  readonly gradient?: GradientKind<M>;
  /** Of a gradient: what it is taken through where something was chosen; null if nothing was. Omitted by others. */
  through?(mechanism: M): string | null;
  /** Why it has no gradient, in words that follow its name; omitted if nobody has written one. */
  readonly whyNoGradient?: string;
  /** What its calls are given besides q, k and v; omitted if nothing. */
  inputs?(mechanism: M): TensorSpecs;
  /** The gates that a mechanism takes from a call that has them; omitted if there are never any. */
  gates?(mechanism: M): readonly GateName[];
  /** The mechanism with the call's arguments besides q, k and v. */
  under(mechanism: M, call: CallSettings): M;
  /** Why it cannot be computed with the arguments of a call; null if it can. */
  whyNotUnder(mechanism: M, call: CallSettings): string | null;
  /** The work that a forward pass requires, over batch and heads. */
  work(task: Task<M>): UsefulWork;
  /** Its row of Table 1; omitted if nothing is known, or the variants say it. */
  table?(mechanism: M, causal: boolean): TableRow;
  /** No honest forward pass in float32 does less than this. */
  leastWork(task: Task<M>): LeastWork;
  /** Decoding one token at a time; omitted if the mathematics has none. */
  readonly step?: StepKind<M>;
  /**
   * The tokens that each row of the output may depend on, before causality: others cannot change the row,
   * even if they hold NaN. `causal` where it is known whether the call is: what it adds or takes away besides
   * the future, such as a window that moves with it.
   */
  pattern(mechanism: M, causal?: boolean): Pattern;
  /** Whether rows are made of pairs of a query and a key: then those of the pattern, which `work` counts. */
  readonly pairwise: boolean;
  /** Whether the weights of a row sum to 1; omitted if they always do. */
  sumsToOne?(mechanism: M): boolean;
  /** Whether pairs depend on which of the two tokens comes first, besides by the pattern; omitted if not. */
  directed?(mechanism: M): boolean;
  /** The argument of `exp`, divided by q·k; null if a row has no such scores. */
  scoreScale(mechanism: M, headDim: number): number | null;
  /**
   * The same mechanism with the rows of stretches that are not `kept` omitted, and zero, so that another
   * kernel need not compute them all. Omitted if rows cannot be separated in this way.
   */
  limited?(mechanism: M, stretch: number, kept: (index: number) => boolean): M;
  /**
   * What a mechanism approximates; null if nothing that its fidelity could be measured against. Omitted if it
   * is full softmax attention.
   */
  yardstick?(mechanism: M): Yardstick<M> | null;
  /**
   * How a mechanism stands to what its fidelity is measured against. If omitted, it is a function of its own where
   * that is nothing, and approximate otherwise.
   */
  nearness?(mechanism: M): Traits["nearness"];
  /**
   * The same mechanism with every key attended, before a call's mask; omitted if that is full attention.
   */
  opened?(mechanism: M): M;
  /**
   * What a kernel hands out as its choice, by name, if the mathematics chooses what a query reads: then its oracle has
   * `on`. Omitted if nothing is chosen.
   */
  choices?(mechanism: M, shape: Shape): ChoiceSpecs;
  /** The problem's own mathematics, evaluated densely: what a kernel's output is compared with. */
  oracle(problem: ExactProblem<M>): Oracle;
  /** Whether the oracle computes all rows however few are asked for; `check` then omits the longest shapes. */
  readonly sweeps?: boolean;
  /** Products that the oracle computes for some rows, in one precision. */
  oracleProducts(asked: AskedRows): number;
  /** The laws that hold for this kind, and no others. */
  readonly laws: readonly Law[];
}

/** Rows that an oracle is asked for. */
export interface AskedRows {
  readonly rows: number;
  /** In all batch entries. */
  readonly heads: number;
  readonly length: number;
  readonly headDim: number;
  /** Tokens that a row may read, on average. */
  readonly before: number;
  /** Operations that the mathematics requires per row. */
  readonly usefulFlops: number;
  /** How many of the rows are of gradients that may each sum over all queries, such as `dk`; omitted by forward passes. */
  readonly summed?: number;
  /** Rows of dout that are not zero, in all heads; omitted by forward passes. */
  readonly along?: number;
  /** Whose rows, where that decides how they are computed; the most that it may take if omitted. */
  readonly mechanism?: Mechanism;
}

/** Autoregressive decoding of a kind. A task's length is the capacity, at which patterns are bound. */
export interface StepKind<M extends Mechanism = Mechanism> {
  /** The work that the token at `position` requires, over batch and heads. */
  work(task: Task<M>, position: number): UsefulWork;
  /** The least that this step does, and the least that is kept of the tokens before it. */
  leastWork(task: Task<M>, position: number): LeastStep;
  /**
   * Bytes of state that the steps of a window together touch, each counted once, if a kernel keeps
   * `stateBytes` and touches `stepBytes` per step.
   */
  residentBytes(task: Task<M>, window: StepWindow, kept: { stateBytes: number; stepBytes: number }): number;
  /** What is kept of the tokens taken in, out of `length`, in words such as "keeps 129 keys". */
  keeps(mechanism: M, length: number): string;
}

/** No honest call does less than this. */
export interface LeastWork {
  readonly flops: number;
  /** Bytes of inputs, output and state that are read or written. */
  readonly bytes: number;
  /** In what numbers; float32 if omitted. */
  readonly dtype?: Dtype;
}

/** For one step, with what must be kept before it. */
export interface LeastStep extends LeastWork {
  readonly stateBytes: number;
}
