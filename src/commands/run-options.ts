import type { CallSettings } from "../core/call-settings.ts";
import { UsageError } from "../core/errors.ts";
import type { InputSource } from "../core/tensors.ts";
import { planRun } from "../plan/plan.ts";
import type { Catalogue } from "../plugins/load-plugin.ts";
import { tokensOf } from "../record/schema/case-task.ts";
import type { Mode, Plan } from "../record/schema/result-lines.ts";
import { MOST_SECONDS, parseDuration, parseInteger, parseLengths } from "../text/units.ts";
import { callOf, refuseWhollyMasked } from "./call-options.ts";
import { findKernel } from "./load-plugins.ts";
import { parseMode } from "./mode-option.ts";
import { chooseVariants } from "./settings.ts";
import { simdOf } from "./simd-option.ts";

/** The options that make a plan, as typed; undefined where not given. */
export interface PlanArguments {
  readonly mode: string | undefined;
  readonly variants: string | undefined;
  readonly lengths: string | undefined;
  readonly batch: string | undefined;
  readonly heads: string | undefined;
  readonly headDim: string | undefined;
  readonly causal: boolean | undefined;
  readonly scale: string | undefined;
  readonly kernel: string | undefined;
  readonly threads: string | undefined;
  readonly simd: string | undefined;
  readonly settings: readonly string[];
  readonly input: string | undefined;
  readonly tensors: string | undefined;
  readonly seed: string | undefined;
  readonly rounds: string | undefined;
  readonly budget: string | undefined;
  readonly deadline: string | undefined;
  readonly plugins: readonly string[];
}

/** The first option that was typed, of arguments by their names; undefined where none was. */
export function firstTyped(options: Readonly<Record<string, unknown>>): string | undefined {
  const typed = Object.entries(options).find(([, value]) =>
    Array.isArray(value) ? value.length > 0 : value !== undefined,
  );
  return typed === undefined ? undefined : optionNameOf(typed[0]);
}

/** The option that an argument is typed with. */
function optionNameOf(name: string): string {
  if (name === "settings") return "--set";
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** What a run does where it is not told. */
export const DEFAULTS = {
  lengths: "256..4096",
  batch: "1",
  heads: "1",
  headDim: "64",
  kernel: "auto",
  threads: "1",
  input: "gaussian",
  seed: "1",
  rounds: "15",
  budget: "60s",
} as const;

/** Positions where none are typed. */
const POSITIONS = "256..65536";
/** The last positions at which the baseline also recomputes, of the usual ones and of typed ones: beyond, one token takes seconds. */
const MOST_RECOMPUTED = { usual: 4096, typed: 16_384 } as const;

/** The most that a run may be asked for. */
export const LIMITS = {
  threads: 256,
  rounds: 10_000,
  seed: 2 ** 32 - 1,
  dimension: 2 ** 20,
  seconds: MOST_SECONDS,
} as const;

/** The seed and the spec of the input: what is needed before the source, on which the plan then depends. */
export function inputOf({ input = DEFAULTS.input, seed }: PlanArguments): { spec: string; seed: number } {
  return { spec: input, seed: parseInteger("--seed", seed ?? DEFAULTS.seed, 0, LIMITS.seed) };
}

/** Makes the plan of what was typed. */
export function planOf(options: PlanArguments, catalogue: Catalogue, source: InputSource): Plan {
  const { spec, seed } = inputOf(options);
  const { fixed } = source;
  const budgetSeconds = parseDuration("--budget", options.budget ?? DEFAULTS.budget);
  const batch = dimensionOf("--batch", options.batch, DEFAULTS.batch, fixed?.batch);
  const mode = parseMode(options.mode);
  const { causal, ...call } = callOf(options, mode, source);
  const lengths = lengthsOf(options.lengths, mode, source, batch, call);
  const recomputed = MOST_RECOMPUTED[options.lengths === undefined ? "usual" : "typed"];
  return planRun(
    {
      kinds: catalogue.kinds,
      mode,
      recomputed: lengths.filter((length) => length <= recomputed),
      variants: chooseVariants(catalogue.variants, options.variants, options.settings),
      kernels: kernelsOf(options.kernel ?? DEFAULTS.kernel, catalogue),
      lengths,
      batch,
      heads: dimensionOf("--heads", options.heads, DEFAULTS.heads, fixed?.heads),
      headDim: dimensionOf("--head-dim", options.headDim, DEFAULTS.headDim, fixed?.headDim),
      causal,
      call,
      threads: threadsOf(options.threads, mode),
      input: spec,
      tensors: options.tensors,
      plugins: options.plugins,
      simd: simdOf(options.simd),
      seed,
      rounds: parseInteger("--rounds", options.rounds ?? DEFAULTS.rounds, 1, LIMITS.rounds),
      budgetSeconds,
      deadlineSeconds:
        options.deadline === undefined ? budgetSeconds / 3 : parseDuration("--deadline", options.deadline),
    },
    catalogue.kernels,
  );
}

function kernelsOf(text: string, catalogue: Catalogue) {
  if (text === "auto") return "auto";
  return [...new Set(text.split(",").map((id) => findKernel(catalogue, id.trim())))];
}

function threadsOf(typed: string | undefined, mode: Mode): number {
  const threads = parseInteger("--threads", typed ?? DEFAULTS.threads, 1, LIMITS.threads);
  if (mode === "forward" || threads === 1) return threads;
  throw new UsageError(`--threads: decoding runs on 1 thread, got ${threads}; leave the option out`);
}

/**
 * The lengths or positions typed; without any, the usual ones that the input is long enough for, and its whole length where
 * it ends before the last of them.
 */
function lengthsOf(
  typed: string | undefined,
  mode: Mode,
  source: InputSource,
  batch: number,
  call: CallSettings,
): number[] {
  const asked = parseLengths("--lengths", typed ?? (mode === "decode" ? POSITIONS : DEFAULTS.lengths));
  // Of the usual lengths those are left out at which there is nothing to attend.
  const lengths = typed === undefined ? asked.filter((length) => !(length <= (call.mask?.from ?? 0))) : asked;
  for (const length of lengths) refuseWhollyMasked("--lengths", length, call);
  const longest = longestOf(source, batch);
  const tooLong = lengths.filter((length) => !(tokensOf(mode, length) <= longest));
  if (tooLong.length === 0) return lengths;
  if (mode === "decode") {
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

/** Tokens for each batch entry; a source without a batch of its own shares its tokens among the entries. */
export function longestOf({ fixed, maxLength }: InputSource, batch: number): number {
  const longest = fixed === undefined ? Math.floor(maxLength / batch) : maxLength;
  if (longest >= 1) return longest;
  throw new UsageError(
    `--batch: the input has ${maxLength} tokens in all, got ${batch} batch entries; ask for fewer`,
  );
}

/** A dimension as typed, or as the input fixes it, or the usual one. What an input fixes may be repeated, not changed. */
export function dimensionOf(
  option: string,
  typed: string | undefined,
  usual: string,
  own: number | undefined,
): number {
  const value = typed === undefined ? own : parseInteger(option, typed, 1, LIMITS.dimension);
  if (own !== undefined && value !== own) {
    throw new UsageError(`${option}: the input has ${own}, got ${value}; leave the option out`);
  }
  return value ?? Number(usual);
}
