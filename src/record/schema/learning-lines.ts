import * as z from "zod";
import { identified, pluginCode } from "./identified-code.ts";
import { count, elapsed, error, measured, text } from "./quantities.ts";

/**
 * The lines of a results file that say what variants learned: one `study` with what was to be trained and by which protocol,
 * then a `trained` line for each run. They stand in the same files as times, whether or not there are any.
 */

const share = measured.max(1);
const rate = measured.positive().max(1e3);

/** What a model consists of, the same for every variant. */
const modelSizes = z.object({
  layers: count.positive(),
  width: count.positive(),
  heads: count.positive(),
  /** Tokens that the short convolution is wide; 0 for none. */
  convolution: count,
  feed_forward: z.boolean(),
  positions: z.boolean(),
});

/** A task as it was trained on. */
export const studiedTask = z.object({
  /** Names the task within its file, such as `mqar` or `mqar pairs=8`. */
  task: text,
  id: text,
  title: text,
  /** What its accuracy is called, such as `recall`. */
  measure: text,
  /** What it does not show, in a sentence. */
  limits: text,
  params: z.record(text, z.number()),
  length: count.positive(),
  causal: z.boolean(),
  /** What the output is: a label for some tokens, one for the sequence, or as many as the model decides. */
  output: z.enum(["asked", "sequence", "decided"]),
  chance: share,
  /** What guesses by a part of an example get, from the least to the most; omitted if none is known, and absent from older files. */
  shortcuts: z
    .array(z.object({ by: text, accuracy: share }))
    .min(1)
    .optional(),
  model: modelSizes,
  batch: count.positive(),
  steps: count.positive(),
});

/** A variant that is trained on a task. */
export const studiedCell = z.object({
  /** Names the cell within its file. */
  cell: text,
  variant: text,
  title: text,
  params: z.record(text, z.union([z.number(), z.boolean(), z.string(), z.null()])),
  task: text,
  /** Why it cannot be trained on the task; null if it can. */
  unsupported: text.nullable(),
  /** Numbers that are learned; null if it cannot be trained. */
  parameters: count.nullable(),
  /** Numbers that a layer must keep of an example's tokens to go on from there; null if it has no step. */
  state_numbers: measured.nullable(),
  /**
   * The share of answers whose tokens its mask lets through to them, through all layers, and through the last alone; null if it
   * cannot be trained, or if the task is one of which a mask bounds nothing.
   */
  reach: share.nullable(),
  direct_reach: share.nullable(),
  /** The rate by which it is trained, if none is chosen for it; null if one is. */
  rate: rate.nullable(),
});

export const studyLine = z.object({
  type: z.literal("study"),
  started: text,
  /** `full`: the protocol. `quick`: one seed each, rates from the table that comes with this package. */
  protocol: z.enum(["full", "quick"]),
  /** What computes gradients, such as `@jax-js/jax 0.1.25`. */
  trainer: text,
  /** What is tried at first, the same for all; one that is best at an end is followed by the next beyond it. */
  rates: z.array(rate).min(1).readonly(),
  /** By which rates are chosen, and by which what is reported was trained; none is in both. */
  choosing_seeds: z.array(count).readonly(),
  test_seeds: z.array(count).min(1).readonly(),
  /** Steps between two looks at accuracy. */
  look_every: count.positive(),
  /** Examples on which accuracy is looked at on the way, and at the end. */
  validation_examples: count.positive(),
  test_examples: count.positive(),
  /** The code that ran, by content, as in `environment.code`; omitted if unknown. */
  code: identified.optional(),
  /** The code of each plug-in, as in `environment.plugins`; omitted if there was none. */
  plugins: z.array(pluginCode).optional(),
  tasks: z.array(studiedTask).min(1).readonly(),
  cells: z.array(studiedCell).min(1).readonly(),
});

/** How far an output was from the reference, and how far it may be, of the element that came nearest. */
const agreement = z.object({
  error,
  budget: error,
  rows: count,
});

export const trainedLine = z.object({
  type: z.literal("trained"),
  cell: text,
  /** Whether it was run to choose the rate, or to be reported. */
  role: z.enum(["choosing", "test"]),
  rate,
  seed: count,
  /**
   * `diverged`: the loss was no number any more. `failed`: the twin, or the kernel on what was learned, is not right, or the
   * trainer failed.
   */
  outcome: z.enum(["trained", "diverged", "failed"]),
  /** Why it was not trained; null if it was. */
  reason: text.nullable(),
  /** The share of right answers on unseen examples: validation's if it chooses, the test's otherwise. */
  accuracy: share.nullable(),
  /** Loss, of the batches since the last look, in nats an answer, and accuracy on validation examples. */
  curve: z.array(z.object({ step: count.positive(), loss: measured.nullable(), accuracy: share })).readonly(),
  /** The first look at which 99 % were right; null if there was none. */
  steps_to_99: count.nullable(),
  /** Whether accuracy still rose over the last fifth of the steps: it would be higher after more. Null unless trained. */
  still_gaining: z.boolean().nullable(),
  /** Processor seconds. */
  processor_s: elapsed.nullable(),
  /** The dense twin's outputs and gradients against the references of its kind, before training. */
  twin: z.object({ output: agreement, gradients: agreement.nullable() }).nullable(),
  /**
   * The kernel that is timed, on q, k and v of the trained model, one call a layer: its outputs and the twin's against the
   * reference. Null unless it was tested.
   */
  kernel: z
    .object({ kernel: text, calls: count, kernel_output: agreement, twin_output: agreement })
    .nullable(),
});

export type StudiedTask = z.infer<typeof studiedTask>;
export type StudiedCell = z.infer<typeof studiedCell>;
/** What was to be trained, and by which protocol. */
export type StudyLine = z.infer<typeof studyLine>;
/** One run of one cell. */
export type TrainedLine = z.infer<typeof trainedLine>;
