import { isBaseline, isFullAttention } from "../record/schema/baseline.ts";
import { shortName } from "../text/labels.ts";
import type { Series } from "./series.ts";
import { isTimed } from "./speed-up.ts";

/** A model's rows of table 2 of Long Range Arena, as printed: at 1K, 2K, 3K and 4K tokens. */
interface Published {
  readonly stepsPerSecond: readonly number[];
  /** Those over the Transformer's, as there in brackets. */
  readonly ratios: readonly number[];
  /** Peak memory of each TPU device, GB. */
  readonly gigabytes: readonly number[];
}

/** The lengths of that table here. */
export const ARENA_LENGTHS: readonly number[] = [1024, 2048, 3072, 4096];

/**
 * Table 2 of Tay et al. 2020, arXiv 2011.04006: all models that it has. Sparse Transformers and Longformers, which were
 * masked dense attention there, it leaves out.
 */
const published: ReadonlyMap<string, Published> = new Map([
  ["Transformer", row([8.1, 4.9, 2.3, 1.4], [1, 1, 1, 1], [0.85, 2.65, 5.51, 9.48])],
  ["Local Attention", row([9.2, 8.4, 7.4, 7.4], [1.1, 1.7, 3.2, 5.3], [0.42, 0.76, 1.06, 1.37])],
  ["Linformer", row([9.3, 9.1, 8.5, 7.7], [1.2, 1.9, 3.7, 5.5], [0.37, 0.55, 0.99, 0.99])],
  ["Reformer", row([4.4, 2.2, 1.5, 1.1], [0.5, 0.4, 0.7, 0.8], [0.48, 0.99, 1.53, 2.28])],
  ["Sinkhorn Trans.", row([9.1, 7.9, 6.6, 5.3], [1.1, 1.6, 2.9, 3.8], [0.47, 0.83, 1.13, 1.48])],
  ["Synthesizer", row([8.7, 5.7, 6.6, 1.9], [1.1, 1.2, 2.9, 1.4], [0.65, 1.98, 4.09, 6.99])],
  ["BigBird", row([7.4, 3.9, 2.7, 1.5], [0.9, 0.8, 1.2, 1.1], [0.77, 1.49, 2.18, 2.88])],
  ["Linear Trans.", row([9.1, 9.3, 8.6, 7.8], [1.1, 1.9, 3.7, 5.6], [0.37, 0.57, 0.8, 1.03])],
  ["Performer", row([9.5, 9.4, 8.7, 8.0], [1.2, 1.9, 3.8, 5.7], [0.37, 0.59, 0.82, 1.06])],
]);

function row(
  stepsPerSecond: readonly number[],
  ratios: readonly number[],
  gigabytes: readonly number[],
): Published {
  return { stepsPerSecond, ratios, gigabytes };
}

/** What that table has for a model at one length, as text with its digits; null if it has nothing. */
export function publishedAt(
  model: string,
  length: number,
): Readonly<Record<"ratio" | "speed" | "memory", string>> | null {
  const [found, at] = [published.get(model), ARENA_LENGTHS.indexOf(length)];
  if (found === undefined || at < 0) return null;
  return {
    ratio: `${found.ratios[at].toFixed(1)}×`,
    speed: `${found.stepsPerSecond[at].toFixed(1)} steps/s`,
    memory: `${found.gigabytes[at].toFixed(2)} GB`,
  };
}

/** A series of one of the arena's models, and what the paper calls it. */
export interface ArenaSeries<S extends Series = Series> {
  readonly series: S;
  readonly model: string;
}

/** Models besides full attention that make it a picture of the arena: so many of ten. */
const ENOUGH = 6;

/**
 * The series of the models of Long Range Arena, of results that compare with full attention and hold enough others with
 * times; none if they do not.
 */
export function arenaOf<S extends Series>(series: readonly S[]): readonly ArenaSeries<S>[] {
  const known = series.flatMap((one): ArenaSeries<S>[] => {
    const { arena } = one.rows[one.rows.length - 1];
    return arena === undefined || !one.rows.some(isTimed) ? [] : [{ series: one, model: shortName(arena) }];
  });
  const others = new Set(known.filter(({ series: one }) => !isBaseline(one)).map(({ model }) => model));
  const hasBaseline = known.some(({ series: one }) => isBaseline(one) && isFullAttention(one));
  return hasBaseline && others.size >= ENOUGH ? known : [];
}
