import type { Task } from "../core/problem.ts";
import type { CaseIdentity, Plan, PlannedCase } from "../core/result-lines.ts";
import { checkShape } from "../core/shape.ts";
import { type ParameterizedVariant, parameterize, type Variant } from "../core/variant.ts";
import type { Simd } from "../kernels/index.ts";
import type { Kernel } from "../kernels/kernel.ts";
import { workOf } from "../pattern/work-of.ts";

/** What a run is asked to measure: every variant by every kernel at every length. */
export interface PlanOptions {
  readonly variants: ReadonlyArray<{
    readonly variant: Variant;
    readonly overrides: Readonly<Record<string, unknown>>;
  }>;
  /** `auto` is the first kernel that supports the case. */
  readonly kernels: "auto" | readonly Kernel[];
  readonly lengths: readonly number[];
  readonly batch: number;
  readonly heads: number;
  readonly headDim: number;
  readonly causal: boolean;
  readonly threads: number;
  readonly input: string;
  readonly plugins: readonly string[];
  readonly simd: Simd;
  readonly seed: number;
  readonly rounds: number;
  readonly budgetSeconds: number;
  readonly deadlineSeconds: number;
}

/** Operations a second assumed of a kernel that tells nothing. Only `--dry-run` and the first skips rest on it. */
const ASSUMED_RATE = 4e9;

/** The cases of a run, in a fixed order, as plain frozen JSON: it is written into the results and can be run again. */
export function planRun(options: PlanOptions, available: readonly Kernel[]): Plan {
  const cases: PlannedCase[] = [];
  for (const { variant, overrides } of options.variants) {
    const filled = parameterize(variant, overrides);
    for (const length of options.lengths) {
      const shape = checkShape({
        batch: options.batch,
        heads: options.heads,
        length,
        headDim: options.headDim,
      });
      const task = { mechanism: filled.mechanism, shape, causal: options.causal, threads: options.threads };
      const chosen = options.kernels === "auto" ? [firstSupporting(available, task)] : options.kernels;
      for (const kernel of chosen) cases.push(planCase(filled, kernel, task));
    }
  }
  return deepFreeze({
    seed: options.seed,
    rounds: options.rounds,
    budget_s: options.budgetSeconds,
    deadline_s: options.deadlineSeconds,
    input: options.input,
    plugins: [...options.plugins],
    simd: options.simd,
    cases,
  });
}

/** What `auto` means: the first kernel that supports a task, or the first of all, which then says why not. */
export function firstSupporting(kernels: readonly Kernel[], task: Task): Kernel {
  return kernels.find((kernel) => kernel.supports(task) === true) ?? kernels[0];
}

/** One case, with what it costs and whether its kernel supports it. */
export function planCase(variant: ParameterizedVariant, kernel: Kernel, task: Task): PlannedCase {
  const { shape, causal, threads } = task;
  const { usefulFlops } = workOf(task);
  const identity = {
    variant: variant.id,
    kernel: kernel.id,
    length: shape.length,
    batch: shape.batch,
    heads: shape.heads,
    head_dim: shape.headDim,
    causal,
    threads,
    params: { ...variant.params },
  };
  const supported = kernel.supports(task);
  return {
    case: caseName(identity),
    ...identity,
    useful_flops: usefulFlops,
    predicted_s: usefulFlops / (kernel.assumedRate ?? ASSUMED_RATE) / threads,
    unsupported: supported === true ? null : supported,
  };
}

/** A name that no other case has: `local(window=128)/js/b1h1n256d64/causal`. */
function caseName(identity: Omit<CaseIdentity, "case">): string {
  const params = Object.entries(identity.params)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${value}`);
  const { variant, kernel, batch, heads, length, head_dim, causal, threads } = identity;
  return [
    params.length > 0 ? `${variant}(${params.join(",")})` : variant,
    kernel,
    `b${batch}h${heads}n${length}d${head_dim}`,
    ...(causal ? ["causal"] : []),
    ...(threads > 1 ? [`t${threads}`] : []),
  ].join("/");
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === "object" && part !== null) deepFreeze(part);
  return Object.freeze(value);
}
