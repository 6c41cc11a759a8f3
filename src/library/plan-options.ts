import type { CallSettings } from "../core/call-settings.ts";
import { PLAN_DEFAULTS } from "../core/defaults.ts";
import type { Dtype } from "../core/dtype.ts";
import { nodesOf } from "../core/edges.ts";
import { UsageError } from "../core/errors.ts";
import { type ChosenOperation, OPERATIONS } from "../core/operation.ts";
import type { ImageGrid, InputSource } from "../core/tensors.ts";
import { choosable } from "../kernels/choosable.ts";
import type { Kernel } from "../kernels/kernel.ts";
import type { Simd } from "../kernels/wasm/choose-build.ts";
import { planRun } from "../plan/plan.ts";
import type { Catalogue } from "../plugins/load-plugin.ts";
import type { PluginExports } from "../plugins/plugin-exports.ts";
import { tokensOf } from "../record/schema/case-task.ts";
import type { Mode, Plan } from "../record/schema/result-lines.ts";
import { MOST_SECONDS, parseDuration, parseInteger, parseLengths, type Typed } from "../text/units.ts";
import { type AsTyped, inWords } from "./as-typed.ts";
import { asWideAs } from "./as-wide.ts";
import { callOf, refuseWhollyMasked } from "./call-options.ts";
import { alongCurves, type Curves, curveWords, namedWithCurves, parseCurves } from "./curves.ts";
import { parseDtype } from "./dtype-option.ts";
import type { KernelChoice } from "./kernel-choice.ts";
import { parseMode } from "./mode-option.ts";
import { type ChosenVariant, chooseVariants, type Settings, settingsOf } from "./settings.ts";
import { dimensionsOf, longestOf, queriesOf } from "./shape-options.ts";
import { simdOf } from "./simd-option.ts";

/**
 * What is measured: the options of `attnbench run` that make a plan, in camelCase, with values instead of
 * words. Defaults are in `core/defaults.ts`.
 */
export interface PlanChoices {
  /** Whole sequences, one token at a time, or gradients: those alone, or with the output. */
  readonly mode?: ChosenOperation | undefined;
  /** Ids or aliases; all variants if omitted. */
  readonly variants?: string | readonly string[] | undefined;
  /** Tokens, or positions to decode at: `[512, 1024]`, or `"256..4k"`, which doubles. */
  readonly lengths?: Typed | readonly Typed[] | undefined;
  readonly batch?: number | undefined;
  readonly heads?: number | undefined;
  /** Heads of k and v, a divisor of `heads`; as many if omitted, or the input's own. */
  readonly kvHeads?: number | undefined;
  readonly headDim?: number | undefined;
  /** Width of a head of v and of the output; `headDim` if omitted, or the input's own. */
  readonly valueDim?: number | undefined;
  /**
   * Queries, at every length: the last stands at the last key. The same tokens as the keys if omitted, or the
   * input's own.
   */
  readonly queries?: number | undefined;
  /** Whether whole layers are measured: products with weights, the heads, and the product of what they make. */
  readonly layer?: boolean | undefined;
  /** Width of a layer's tokens. */
  readonly modelDim?: number | undefined;
  /** How a layer's tokens know where they are, such as `"sinusoidal"` or `"rope:half"`; they do not if omitted. */
  readonly positions?: string | undefined;
  /** Whether keys after the query are masked. */
  readonly causal?: boolean | undefined;
  /** What q·k is multiplied by before the softmax: 1/√(head dim), or the input's own, if omitted. */
  readonly scale?: number | undefined;
  /**
   * Ids of kernels; `auto` is the first that supports a case. `exec:python3 mine.py`, or the same as an object, is a program
   * that brings some: all of them are chosen. The id of a peer's kernel, such as `torch-flash`, starts the peer.
   */
  readonly kernel?: KernelChoice | undefined;
  /**
   * The Python by which peers, such as `torch-flash`, and files in Python run: ATTNBENCH_PYTHON, or the one on the path, if
   * omitted.
   */
  readonly python?: string | undefined;
  readonly threads?: number | undefined;
  /**
   * The numbers of the calls, `float32` if omitted: inputs are rounded to them before anyone sees them, and outputs are
   * judged by what they can do.
   */
  readonly dtype?: Dtype | undefined;
  /** The build of the wasm kernels. */
  readonly simd?: Simd | undefined;
  /**
   * Parameters: `{ longformer: { window: 64 }, stride: { reach: null } }`, or as typed,
   * `["longformer.window=64"]`.
   */
  readonly set?: Settings | undefined;
  /**
   * A parameter of a variant in several values, each a case at every length:
   * `{ bigbird: { random: [1, 4, 16] } }`, or as typed, `["bigbird.random=1..64"]`, which doubles. Without
   * `variants`, these are beside `full` alone.
   */
  readonly curve?: Curves | undefined;
  /**
   * `gaussian`, `peaked`, `local`, a workload (`text:FILE`, `speech:FILE`, `image:FILE,patch=16`, `graph:FILE`, or its
   * sample without a file), or a file or folder of tensors.
   */
  readonly input?: string | undefined;
  /** Names of q, k, v (and the mask) in the input, such as `layers.{3}.{q,k,v}`. */
  readonly tensors?: string | readonly string[] | undefined;
  /**
   * Inputs of 512 tokens on which errors against full attention are computed as well: `["text:", "speech:"]`; an empty
   * text is the usual ones, random numbers and the samples of a text, speech and an image. None if omitted.
   */
  readonly workloads?: string | readonly string[] | undefined;
  /** Of inputs, orders and checked rows. */
  readonly seed?: number | undefined;
  readonly rounds?: number | undefined;
  /** Time for the whole run: seconds, or text such as `"5m"`. */
  readonly budget?: Typed | undefined;
  /** Time of calls for one case, in the same form. */
  readonly deadline?: Typed | undefined;
  /** Plug-ins: what their modules export, or paths and packages as found from the working directory. */
  readonly plugins?: readonly (string | PluginExports)[] | undefined;
}

/** The same if it may come from the command line. */
export type TypedChoices = AsTyped<PlanChoices>;

/** The first option that was given, of values by their names; undefined if none was. */
export function firstTyped(options: Readonly<Record<string, unknown>>): string | undefined {
  const typed = Object.entries(options).find(([, value]) =>
    Array.isArray(value) ? value.length > 0 : value !== undefined,
  );
  return typed === undefined ? undefined : optionNameOf(typed[0]);
}

/** The command-line option of a value: messages use this name, however the value was given. */
export function optionNameOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The most that a run may be asked for. */
export const LIMITS = {
  threads: 256,
  rounds: 10_000,
  seed: 2 ** 32 - 1,
  seconds: MOST_SECONDS,
} as const;

/**
 * The seed, the spec and the tensors of the input: what is needed before the source, on which the plan then
 * depends.
 */
export function inputOf({ input = PLAN_DEFAULTS.input, seed, tensors }: TypedChoices): InputChoice {
  return {
    spec: input,
    seed: parseInteger("--seed", seed ?? PLAN_DEFAULTS.seed, 0, LIMITS.seed),
    tensors: inWords("--tensors", tensors),
  };
}

/** The chosen variants with their parameters, each as often as its curve says. */
export function chosenOf(options: TypedChoices, { variants }: Catalogue): readonly ChosenVariant[] {
  const curves = parseCurves(variants, curveWords(options.curve));
  const named = namedWithCurves(inWords("--variants", options.variants), curves);
  return alongCurves(chooseVariants(variants, named, settingsOf(options.set)), curves);
}

interface InputChoice {
  readonly spec: string;
  readonly seed: number;
  readonly tensors: string | undefined;
}

/** The kernels chosen, and the names of the plug-ins, each asked for once what comes before it was found right. */
export interface ChosenCode {
  kernels(): "auto" | readonly Kernel[];
  plugins(): readonly string[];
}

/** Makes the requested plan of kernels that were chosen elsewhere, over full attention unless a baseline is named. */
export function planWith(
  options: TypedChoices,
  catalogue: Catalogue,
  source: InputSource,
  chosen: ChosenCode,
  baseline?: string,
): Plan {
  const { spec, seed, tensors } = inputOf(options);
  const budgetSeconds = parseDuration("--budget", options.budget ?? PLAN_DEFAULTS.budget);
  const { heads: dimensions, layer } = dimensionsOf(options, source);
  const mode = parseMode(options.mode);
  const { causal, ...heads } = callOf(options, mode, source);
  const call = { ...heads, ...(layer !== null && { layer }) };
  const asked = inWords("--lengths", options.lengths);
  const lengths = lengthsOf(asked, mode, source, dimensions.batch, call);
  const simd = simdOf(options.simd);
  const recomputed = PLAN_DEFAULTS.mostRecomputed[asked === undefined ? "usual" : "typed"];
  return planRun(
    {
      kinds: catalogue.kinds,
      mode,
      recomputed: lengths.filter((length) => length <= recomputed),
      variants: chosenOf(options, catalogue).map((chosen) => asWideAs(source.grid, chosen)),
      kernels: chosen.kernels(),
      lengths,
      ...dimensions,
      queries: queriesOf(options.queries, lengths, mode, source),
      causal,
      call,
      threads: threadsOf(options.threads, mode),
      dtype: parseDtype(options.dtype, mode),
      baseline,
      input: spec,
      tensors,
      plugins: chosen.plugins(),
      simd,
      seed,
      rounds: parseInteger("--rounds", options.rounds ?? PLAN_DEFAULTS.rounds, 1, LIMITS.rounds),
      budgetSeconds,
      deadlineSeconds:
        options.deadline === undefined
          ? budgetSeconds / PLAN_DEFAULTS.deadlines
          : parseDuration("--deadline", options.deadline),
    },
    choosable(catalogue.kernels, simd),
  );
}

/** The lengths, or positions, of the requested plan: those typed, or the usual ones of the mode and the input. */
export function plannedLengths(options: TypedChoices, source: InputSource): readonly number[] {
  const { heads, layer } = dimensionsOf(options, source);
  const mode = parseMode(options.mode);
  const call = { ...callOf(options, mode, source), ...(layer !== null && { layer }) };
  return lengthsOf(inWords("--lengths", options.lengths), mode, source, heads.batch, call);
}

function threadsOf(typed: Typed | undefined, mode: Mode): number {
  const threads = parseInteger("--threads", typed ?? PLAN_DEFAULTS.threads, 1, LIMITS.threads);
  if (!OPERATIONS[mode].keepsState || threads === 1) return threads;
  throw new UsageError(`--threads: decoding runs on 1 thread, got ${threads}; omit the option`);
}

/**
 * The lengths or positions typed; without any, the usual ones that the input is long enough for, and its
 * whole length if it ends before the last of them.
 */
function lengthsOf(
  typed: string | undefined,
  mode: Mode,
  source: InputSource,
  batch: number,
  call: CallSettings,
): number[] {
  const asked = parseLengths(
    "--lengths",
    typed ?? PLAN_DEFAULTS[OPERATIONS[mode].keepsState ? "positions" : "lengths"],
  );
  // Edges are those of all nodes.
  const pass = !OPERATIONS[mode].keepsState;
  if (pass && typed === undefined && call.edges !== undefined) return [nodesOf(call.edges)];
  // Usual lengths at which there is nothing to attend are omitted, and those of an image are whole rows.
  const usual = pass ? wholeRows(asked, source.grid) : asked;
  const lengths = typed === undefined ? usual.filter((length) => !(length <= (call.mask?.from ?? 0))) : asked;
  for (const length of lengths) refuseWhollyMasked("--lengths", length, call);
  const longest = longestOf(source, batch);
  const tooLong = lengths.filter((length) => !(tokensOf(mode, length) <= longest));
  if (tooLong.length === 0) return lengths;
  if (OPERATIONS[mode].keepsState) {
    if (typed === undefined && tooLong.length < lengths.length) return lengths.slice(0, -tooLong.length);
    throw new UsageError(
      `--lengths: to step around position ${tooLong[0]} takes ${tokensOf(mode, tooLong[0])} tokens, the input has ${longest}; ask for an earlier one`,
    );
  }
  if (typed !== undefined) {
    throw new UsageError(
      `--lengths: the input has ${longest} tokens for each batch entry, got ${tooLong[0]}; ask for shorter ones`,
    );
  }
  return [...lengths.filter((length) => length < longest), longest];
}

/** Lengths cut to whole rows of an image, each once; those shorter than a row are a row. */
function wholeRows(lengths: readonly number[], grid: ImageGrid | undefined): readonly number[] {
  if (grid === undefined) return lengths;
  return [...new Set(lengths.map((length) => grid.width * Math.max(1, Math.floor(length / grid.width))))];
}
