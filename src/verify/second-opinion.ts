import type { Mechanism } from "../core/mechanism.ts";
import { outputCount, rowCount } from "../core/outputs.ts";
import { randomStream } from "../core/random.ts";
import type { RowPlace } from "../core/rows.ts";
import { isSelfAttention } from "../core/shape.ts";
import { guardedOutput, type Kernel } from "../kernels/kernel.ts";
import { supportsPass } from "../kernels/supports-mode.ts";
import type { JudgedProblem } from "../mechanisms/judged.ts";
import { outputsOf } from "../mechanisms/outputs.ts";
import { wholeCall } from "./called.ts";
import { discard } from "./discard.ts";
import { askOf, copied, type HandedChoice, handedChoice } from "./handed-choice.ts";
import { someOf, unlikeChoices } from "./unlike-choices.ts";
import { unlikeRows } from "./unlike-rows.ts";

/** What another kernel says about an output. */
export interface SecondOpinion {
  /** Rows of the output that were compared. */
  readonly rows: number;
  /** Those in which the two differ most: the reference decides which is wrong. */
  readonly unlike: readonly RowPlace[];
}

/**
 * Built-in kernels that share no code but the schedule, by name, and the operations that an opinion from each
 * may take.
 */
const MOST_FLOPS = { wasm: 2e11, js: 2e10 } as const;
/**
 * The same for what the heads of a layer compute: a row of its output is of all heads, and the reference that reads it
 * multiplies every token.
 */
const MOST_FLOPS_IN_LAYER = { wasm: 2e10, js: 2e9 } as const;
const FAMILIES = ["wasm", "js"] as const;
/** Longer outputs are not kept twice. */
const MOST_ELEMENTS = 2 ** 24;
/** Rows that follow one another, as those of a tile do, if not all can be compared. */
const STRETCH = 64;

/** A kernel of a different family from the one being checked; null if there is none. */
export function secondKernel(kernels: readonly Kernel[], looked: string): Kernel | null {
  const id = FAMILIES.find((one) => one !== looked && kernels.some((kernel) => kernel.id === one));
  return kernels.find((kernel) => kernel.id === id) ?? null;
}

/**
 * Compares the whole of an output with another kernel's: the reference can look at some rows only, and a tile
 * of wrong rows falls between them. What would take too long is compared in stretches of rows, drawn afresh
 * for each seed. Null if it cannot be. `handed` is what was chosen: where the other kernel chose otherwise, the reference
 * looks as well.
 */
export async function secondOpinion(
  problem: JudgedProblem,
  output: Float32Array,
  kernel: Kernel | null,
  seed: number,
  handed: HandedChoice = null,
): Promise<SecondOpinion | null> {
  const { shape } = problem;
  if (kernel === null || output.length > MOST_ELEMENTS) return null;
  const stretches = Math.ceil(shape.queries / STRETCH);
  const share = affordableShare(problem, FAMILIES.find((id) => id === kernel.id) ?? "js");
  const kept = Math.floor(share * stretches);
  if (kept < 1) return null;
  const chosen = share < 1 ? someStretches(stretches, kept, seed) : null;
  const mechanism = chosen === null ? problem.mechanism : limited(problem, chosen);
  if (mechanism === null) return null;
  // In float32 whatever the numbers are: it says where to look, and the budget is that of the problem.
  const { dtype: _, ...same } = problem;
  const task = { ...same, mechanism, threads: 1 };
  if (supportsPass(kernel, task) !== true) return null;
  const theirs = await computed(task, kernel);
  if (theirs === null) return null;
  if (chosen !== null) takeOwn(theirs.output, output, problem, chosen);
  const outputs = outputsOf(problem);
  const rows =
    chosen === null ? rowCount(outputs) : shape.batch * shape.heads * rowsOf(chosen, shape.queries);
  // Where both chose the same, only rounding may differ: those rows are ranked by themselves.
  const otherwise = unlikeChoices(problem, handed, theirs.handed);
  return {
    rows,
    unlike: [...unlikeRows(output, theirs.output, outputs, otherwise), ...someOf(otherwise, shape)],
  };
}

/** The share of the rows that an opinion may be asked about: a layer's products are of all tokens, and come first. */
function affordableShare(problem: JudgedProblem, family: (typeof FAMILIES)[number]): number {
  const { usefulFlops, projectFlops } = problem.kind.work(problem);
  const most = MOST_FLOPS[family];
  if (projectFlops === undefined) return Math.min(1, most / usefulFlops);
  if (projectFlops > most) return 0;
  return Math.min(1, MOST_FLOPS_IN_LAYER[family] / (usefulFlops - projectFlops));
}

function someStretches(all: number, many: number, seed: number): ReadonlySet<number> {
  const random = randomStream(seed, all);
  const chosen = new Set<number>();
  while (chosen.size < many) chosen.add(random.below(all));
  return chosen;
}

/** Null if the mathematics cannot skip rows, or if rows are not numbered as tokens are. */
function limited({ mechanism, kind, shape }: JudgedProblem, chosen: ReadonlySet<number>): Mechanism | null {
  if (!isSelfAttention(shape)) return null;
  return kind.limited?.(mechanism, STRETCH, (stretch) => chosen.has(stretch)) ?? null;
}

/** The other kernel's output, and what it chose; null, no opinion, if it has no room or fails. */
async function computed(
  problem: JudgedProblem,
  kernel: Kernel,
): Promise<{ readonly output: Float32Array; readonly handed: HandedChoice } | null> {
  try {
    const runnable = await kernel.prepare(problem, guardedOutput(outputCount(outputsOf(problem))));
    try {
      await wholeCall(runnable, runnable.inputs?.() ?? problem.inputs).whole();
      const handed = copied(handedChoice(problem, askOf(runnable)));
      return { output: runnable.output().slice(), handed };
    } finally {
      discard(runnable);
    }
  } catch {
    return null;
  }
}

/** Rows that were not asked for are taken from the output itself, so that only the others are compared. */
function takeOwn(
  theirs: Float32Array,
  own: Float32Array,
  { shape: { queries, valueDim } }: JudgedProblem,
  chosen: ReadonlySet<number>,
): void {
  for (let row = 0; row * valueDim < own.length; row++) {
    if (chosen.has(Math.floor((row % queries) / STRETCH))) continue;
    theirs.set(own.subarray(row * valueDim, (row + 1) * valueDim), row * valueDim);
  }
}

function rowsOf(chosen: ReadonlySet<number>, queries: number): number {
  return [...chosen].reduce((sum, one) => sum + Math.min(STRETCH, queries - one * STRETCH), 0);
}
