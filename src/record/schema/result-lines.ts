import * as z from "zod";
import { GATES, SCALES } from "../../core/call-settings.ts";
import { DTYPES } from "../../core/dtype.ts";
import { OPERATION_IDS, type OperationId } from "../../core/operation.ts";
import { WRITTEN } from "../../core/parameters.ts";
import { clock, device } from "./device.ts";
import { identified, pluginCode } from "./identified-code.ts";
import { studyLine, trainedLine } from "./learning-lines.ts";
import { callSeconds, count, elapsed, error, measured, seconds, text } from "./quantities.ts";

/**
 * The lines of a results file: the only bridge between running and reading. JSON Lines, base units (seconds,
 * bytes), the names of the CSV's columns. `results/README.md` says the same in prose.
 *
 * zod, because types and validation come from one declaration, and it has no dependencies of its own.
 */

/** Raised whenever a reader of the old form would misread the new one. */
export const SCHEMA_VERSION = 1;

/** Numbers, or what a parameter of a few choices or of texts was set to. */
const parameters = z.record(
  text,
  z
    .union([
      z.number().min(-1e30).max(1e30),
      z.boolean(),
      z.string().regex(WRITTEN.form, `must be ${WRITTEN.rule}`),
    ])
    .nullable(),
);

const limit = z.number().int();

/** `CallSettings.mask`. */
const keyMask = z.object({
  left: limit.nullable(),
  right: limit.nullable(),
  from: count,
  to: count.nullable(),
});

/** What is measured: one variant, with parameters, by one kernel, at one shape. */
export const caseIdentity = z.object({
  /** Names the case within its file. */
  case: text,
  variant: text,
  kernel: text,
  length: count.positive(),
  batch: count.positive(),
  heads: count.positive(),
  head_dim: count.positive(),
  causal: z.boolean(),
  threads: count.positive(),
  params: parameters,
  /**
   * What one call is; `forward` if omitted. `decode`: one token is taken in when the state already holds
   * `length` tokens. `recompute`: the same output by a forward pass over all those tokens, as without a
   * state.
   */
  mode: z.enum(OPERATION_IDS).optional(),
  /** What q·k is multiplied by, as given with `--scale` or with the input; omitted if it is 1/√d. */
  scale: z.number().min(SCALES.least).max(SCALES.most).optional(),
  /** The keys that the input's own mask leaves; omitted if it has none. */
  mask: keyMask.optional(),
  /**
   * Edges of the input's own graph over which the variant was computed, each node's own among them; omitted if
   * the input has none, or the variant takes none.
   */
  given_edges: count.positive().optional(),
  /** Gates of the input's own that the variant took; omitted if the input has none, or the variant takes none. */
  given_gates: z.array(z.enum(GATES)).min(1).readonly().optional(),
  /** Heads of k and v; omitted if they are as many as those of q. */
  kv_heads: count.positive().optional(),
  /** Queries; omitted if they are as many as keys. */
  queries: count.positive().optional(),
  /** Width of a head of v and of the output; omitted if it is that of q and k. */
  value_dim: count.positive().optional(),
  /** Width of a token, if the case is a whole layer around those heads; omitted if it is the heads alone. */
  model_dim: count.positive().optional(),
  /** How the tokens of that layer know where they are, as typed, such as `sinusoidal`; omitted if they do not. */
  positions: text.optional(),
  /** The numbers that inputs hold and that the output was judged by; omitted if they are of float32. */
  dtype: z.enum(DTYPES).optional(),
});

/**
 * Where the queries of a causal call stand if they are not as many as the keys. `end`: the last stands at the
 * last key, so that query i of M sees the keys up to i + N - M. Omitted otherwise, and from older files.
 */
const alignment = z.enum(["end"]).optional();

export const plannedCase = caseIdentity.extend({
  alignment,
  useful_flops: measured,
  /** Seconds that one call is expected to take, before anything was measured. */
  predicted_s: measured,
  /** Why the kernel cannot run it; null if it can. */
  unsupported: text.nullable(),
});

const planned = z.object({
  seed: count,
  /** Every round measures every case once. */
  rounds: count.positive(),
  /** Seconds that the whole run may take. */
  budget_s: measured.positive(),
  /** Seconds of calls that one case may take in total; beyond it, the case drops out of later rounds. */
  deadline_s: measured.positive(),
  /** As given with `--input`. */
  input: text,
  /** As given with `--tensors`; omitted if the file's are q, k and v. */
  tensors: text.optional(),
  /** Inputs on which errors are computed as well, as given with `--workloads`, and their tokens; omitted if none. */
  workloads: z.object({ inputs: z.array(text).min(1).readonly(), length: count.positive() }).optional(),
  plugins: z.array(text),
  /** The build of WebAssembly asked for with `--simd`; `auto` if omitted. */
  simd: text.optional(),
  cases: z.array(plannedCase),
});

/** The level of a working set that no cache holds. */
export const MEMORY_LEVEL = "memory";

/** What one build of a micro-kernel reached on the given number of threads at once. */
const ceiling = z.object({
  build: text,
  /** Whose build it is; omitted in files from before there were two such families. */
  kernel: text.optional(),
  threads: count.positive(),
  flops_per_s: measured,
});

/** What a browser calls itself, and whether its page was isolated from others, which gives threads and finer steps of the clock. */
const browser = z.object({ user_agent: text, isolated: z.boolean() });

export const environment = z.object({
  cpu: text,
  cores: count,
  /**
   * The processors that the process may run on, such as `0-3`, if the system has others; null if it may use
   * all.
   */
  cores_allowed: text.nullable().optional(),
  /** Bytes of each cache level of the first core, such as `{ "L1d": 49152 }`. */
  caches: z.record(text, count),
  memory_bytes: count,
  governor: text.nullable(),
  on_battery: z.boolean().nullable(),
  os: text,
  /** Versions; null in a browser. */
  node: text.nullable(),
  v8: text.nullable(),
  /** The browser that ran it; omitted in Node. */
  browser: browser.optional(),
  flags: z.array(text),
  /** One-minute load average at the start; null if unknown. */
  load: elapsed.nullable(),
  /** Share of processor time that the hypervisor gave to others since boot, 0 to 1. */
  steal: measured.max(1).nullable(),
  /** Smallest step of the clock that was seen, in seconds. */
  timer_resolution_s: seconds,
  attnbench: text,
  commit: text.nullable(),
  dirty: z.boolean().nullable(),
  /** SHA-256 of what differs from the commit; null if nothing does, or unknown. */
  changes_sha256: text.nullable().optional(),
  /** What ran of this package: SHA-256 by folder or file; for packages (`npm:zod`) their version. */
  code: identified.optional(),
  /** What ran of each plug-in, by files and packages. */
  plugins: z.array(pluginCode).optional(),
  lockfile_sha256: text.nullable(),
  /** Builds of the kernels that are measured, by kernel, of those that have more than one. */
  kernels: z.record(text, text).optional(),
  /** Whether the processor has what kernels use, such as `{ "avx2": true }`; null if unknown. */
  cpu_features: z.record(text, z.boolean()).nullable().optional(),
  /** The machine's best rates, for the thread counts of the plan; measured when the run began. */
  ceilings: z.array(ceiling).optional(),
  /** Bytes per second that one thread reads from working sets of the given sizes, each in the named level. */
  read_rates: z.array(z.object({ level: text, bytes: count, bytes_per_s: measured.nullable() })).optional(),
  /** Bytes per second that one thread reads from memory, past all caches. */
  read_bandwidth_bytes_per_s: measured.nullable().optional(),
  /** What kernels compute on that is none of the processors, with rates of its own; omitted if nothing. */
  devices: z.array(device).optional(),
});

/** Names that the user chose, in folders, scripts and captions: nothing in them means anything to a shell. */
const plainName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "must be small letters, digits and dashes");

/** What a sweep hands to one machine: `src/sweep/shard.ts`. */
const shard = z.object({
  /** The plan's name. */
  sweep: plainName,
  /** By content. */
  name: z.string().regex(/^[0-9a-f]{16}$/, "must be 16 hexadecimal digits"),
  /** The class of machines; times of two classes are never compared in silence. */
  machine: plainName,
  repeat: count,
  /** The variant that the plan has the others compared with; `full` if omitted. */
  baseline: text.optional(),
});

export const runLine = z.object({
  type: z.literal("run"),
  schema: z.literal(SCHEMA_VERSION),
  /** When the run began, ISO 8601. */
  started: text,
  plan: planned,
  environment,
  /** SHA-256 of q, k and v if they come from a file; null if the seed alone generates them. */
  input_sha256: text.nullable().optional(),
  /** Inputs besides q, k and v that came from the same file, such as a variant's weights; omitted if none. */
  given_inputs: z.array(text).optional(),
  /** Which part of which sweep this is; omitted if it is none. */
  shard: shard.optional(),
});

export const caseLine = caseIdentity.extend({
  type: z.literal("case"),
  alignment,
  title: text,
  /** The variant's model in Long Range Arena, as its tables call it; omitted if it has none, and absent from older files. */
  arena: text.optional(),
  /** The exponent of length with which the work grows around this length, as declared. */
  exponent: measured.max(10),
  input: text,
  outcome: z.enum(["measured", "skipped", "failed", "unproven"]),
  /** Why it was skipped, failed, or could not be proven right or wrong; null if it was measured. */
  reason: text.nullable(),
  /** Seconds to compile the schedule, pack and allocate, before the first call. */
  prepare_s: seconds.nullable(),
  /** Seconds of the first time, which may have filled what later ones found; absent from older files. */
  first_prepare_s: seconds.nullable().optional(),
  /** Query-key pairs of one head; the mean over heads if heads differ. Null if there is no pattern. */
  pairs: measured.nullable(),
  useful_flops: measured.nullable(),
  /** Those of them that choose what queries read; omitted if nothing is chosen. */
  select_flops: measured.optional(),
  /** Those of them that multiply with the weights of a layer; omitted if there is no layer. */
  project_flops: measured.optional(),
  executed_flops: measured.nullable(),
  bytes: measured.nullable(),
  workspace_bytes: count.nullable(),
  /** Bytes that a forward pass leaves for the backward pass; omitted unless that is what was timed. */
  saved_bytes: count.nullable().optional(),
  gate_error: error.nullable(),
  gate_budget: error.nullable(),
  gate_rows: count.nullable(),
  /**
   * By which clock its times are, where several calls are submitted to a device at once: the host's covers all that they
   * take, the device's what it computes. Omitted by kernels that do not say.
   */
  clock: clock.optional(),
  /** Rows of the output that were compared with another kernel's; omitted if nobody looked. */
  compared_rows: count.optional(),
  /** Relative distance to what it approximates, mostly full attention; null if there is no such thing. */
  fidelity_error: error.nullable(),
  /** What that is, in words, if it is not full attention; otherwise omitted, and absent from older files. */
  fidelity_against: text.optional(),
  /** The same of the mean of v over the same keys, which ignores q and k; absent from older files. */
  mean_fidelity_error: error.nullable().optional(),
  /**
   * The same two errors on each of the plan's workloads, of the mathematics in float64, in the first case that was
   * verified of each variant with its parameters; omitted in others.
   */
  fidelity_on: z
    .array(z.object({ input: text, length: count.positive(), error, mean_error: error }))
    .optional(),
  /** Bytes that must be kept of the tokens so far; omitted for forward passes. */
  state_bytes: measured.nullable().optional(),
  /**
   * Bytes of state that the timed steps touch between them, each counted once; omitted for forward passes.
   */
  resident_bytes: measured.nullable().optional(),
  /** Seconds to take in `length` tokens without their outputs; omitted for forward passes. */
  prefill_s: seconds.nullable().optional(),
  /**
   * Seconds of a step that is awaited by itself, of steppers that compute elsewhere, whose other times are of several steps
   * with one wait; omitted of others.
   */
  first_step_s: seconds.nullable().optional(),
  /** What to know about it before believing its numbers, as sentences; omitted if nothing. */
  remarks: z.array(text).optional(),
});

export const roundLine = z.object({
  type: z.literal("round"),
  case: text,
  round: count,
  /** Seconds per call, in time order. Each is the mean of `calls` calls. */
  samples: z.array(callSeconds).min(1),
  calls: count.positive(),
  /** Seconds from the start of the run to the start of the round's slot. */
  at_s: elapsed,
  /** Null, as what follows, where nothing tells it. */
  load: elapsed.nullable(),
  /** Share of processor time that the hypervisor gave to others during the slot. */
  steal: measured.max(1).nullable(),
  involuntary_switches: count.nullable(),
  /** Seconds between the two readings of the processors around the slot's calls; absent from older files. */
  wall_s: elapsed.optional(),
  /** Processor time of the process between them, without threads that are busy whatever is measured. */
  processor_s: elapsed.optional(),
  /** Threads that worked at once, as far as processor time shows. */
  threads_seen: elapsed.optional(),
  /**
   * Seconds of the timed calls in which their thread was ready to run but was not run; omitted by older
   * versions.
   */
  waited_s: elapsed.optional(),
  /**
   * For calls timed by the kernel's own clock, the median seconds per call that this process waited for them.
   */
  around_s: elapsed.optional(),
  /** For calls that a device computed and reported, its median seconds per call. */
  device_s: elapsed.optional(),
  /** For awaited calls, the median seconds per call of taking in q, k and v, in addition to the call. */
  transfer_s: elapsed.optional(),
  /**
   * By the kernel's own clock, the mean seconds per call in which it chose what queries read; omitted if its kind chooses
   * nothing, or if the kernel does not say.
   */
  select_s: elapsed.optional(),
  /**
   * By the kernel's own clock, the mean seconds per call in which it multiplied with the weights of a layer; omitted if
   * there is no layer, or if the kernel does not say.
   */
  project_s: elapsed.optional(),
  warnings: z.array(text),
});

export const resultLine = z.discriminatedUnion("type", [runLine, caseLine, roundLine]);

/** Any line of a results file. */
export const fileLine = z.discriminatedUnion("type", [...resultLine.options, studyLine, trainedLine]);

export type Mode = OperationId;
export type CaseIdentity = z.infer<typeof caseIdentity>;
/** The cases of a run, the input that they take and the time they may take; enough to run it again. */
export type Plan = z.infer<typeof planned>;
export type PlannedCase = z.infer<typeof plannedCase>;
export type Environment = z.infer<typeof environment>;
/** The first line of results: what was planned, and on which machine and with which code it was measured. */
export type RunLine = z.infer<typeof runLine>;
/**
 * What is known about a case: what it is, its outcome, its work and its errors. A later line replaces an
 * earlier one.
 */
export type CaseLine = z.infer<typeof caseLine>;
/** The times of one case in one round. */
export type RoundLine = z.infer<typeof roundLine>;
/** A line of a results file that a run writes. */
export type ResultLine = z.infer<typeof resultLine>;
/** Any line of a results file: of a run, or of what variants learned. */
export type FileLine = z.infer<typeof fileLine>;
