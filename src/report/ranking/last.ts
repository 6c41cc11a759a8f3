import type { CaseRow } from "../../record/case-row.ts";
import { isWorseThanMean } from "../../record/schema/beside-mean.ts";
import { quotient } from "../../stats/quotient.ts";
import { isAgainstFull } from "../against.ts";
import { generationOf } from "../generation.ts";
import type { Series } from "../series.ts";
import { isTimed } from "../speed-up.ts";
import { workloadErrors } from "../workloads.ts";
import { worthOf } from "../worth.ts";
import type { Last } from "./entry.ts";

/** What answers need of each series of a unit, in their order, besides points. */
export function lastOf(all: readonly Series[]): readonly Last[] {
  const inputs = inputsOf(all);
  return all.map((series) => ({
    ...known(
      "ceiling",
      share(series, ({ percent_of_ceiling: percent }) => hundredth(percent)),
    ),
    ...known(
      "ideal",
      share(series, ({ achieved_over_ideal }) => achieved_over_ideal),
    ),
    ...known(
      "bandwidth",
      share(series, ({ percent_of_bandwidth: percent }) => hundredth(percent)),
    ),
    ...known("error", errorOf(series)),
    ...known("input", inputs.get(series)),
    ...known("layer", layerOf(series)),
    ...known("rate", rateOf(series)),
  }));
}

function known<Name extends keyof Last>(name: Name, value: Last[Name]): Last {
  return value === undefined ? {} : { [name]: value };
}

function hundredth(percent: number | null | undefined): number | null {
  return percent === null || percent === undefined ? null : percent / 100;
}

function share({ rows }: Series, of: (row: CaseRow) => number | null | undefined): Last["ceiling"] {
  const found = rows.flatMap((row) => {
    const value = row.outcome === "measured" ? (of(row) ?? null) : null;
    return value === null ? [] : [{ length: row.length, value: rounded(value) }];
  });
  return found.at(-1);
}

function errorOf({ rows }: Series): Last["error"] {
  const row = rows.findLast((one) => one.outcome === "measured" && isAgainstFull(one));
  if (row === undefined) return undefined;
  const { length, fidelity_error: error, mean_fidelity_error: mean, input } = row;
  return {
    length,
    error: rounded(error ?? 0),
    mean: typeof mean === "number" ? rounded(mean) : null,
    worse: isWorseThanMean(row),
    random: isRandom(input),
  };
}

/** On the first of the inputs that are like real ones; if none is, on the first. */
function inputsOf(all: readonly Series[]): ReadonlyMap<Series, NonNullable<Last["input"]>> {
  const found = workloadErrors(all);
  if (found === null) return new Map();
  const at = Math.max(
    0,
    found.inputs.findIndex(({ label }) => !isRandom(label)),
  );
  const { label: name, mean } = found.inputs[at];
  return new Map(
    found.rows.flatMap(({ series, errors }) => {
      const error = errors[at];
      return error === null ? [] : [[series, { name, error: rounded(error), mean: rounded(mean) }] as const];
    }),
  );
}

/** Kinds of inputs in which every key is as good as any other. */
export function isRandom(input: string): boolean {
  return input === "gaussian" || input === "peaked";
}

function layerOf(series: Series): Last["layer"] {
  const worth = worthOf(series).at(-1);
  if (worth === undefined) return undefined;
  const { length, inner, layer, share } = worth;
  return { length, inner: rounded(inner), whole: rounded(layer.ratio), share: rounded(share) };
}

/** From nothing to the last position measured. */
function rateOf(series: Series): Last["rate"] {
  const length = series.operation.unit === "step" ? series.rows.findLast(isTimed)?.length : undefined;
  if (length === undefined) return undefined;
  const value = quotient(length, generationOf(series, length)?.seconds ?? null);
  return value === null ? undefined : { length, value: rounded(value) };
}

/** Six digits, which is more than is shown: the page holds it all. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
