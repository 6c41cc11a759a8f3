import type { ShardBounds } from "./plan/plan.ts";

/** What measuring something at one length takes. */
export interface Cost {
  readonly cases: number;
  /** Those of them that no kernel here supports. */
  readonly unsupported: number;
  readonly seconds: number;
}

/** A variant with its parameters in one setting, by lengths. */
export interface Unit {
  readonly variant: string;
  readonly at: ReadonlyMap<number, UnitCost>;
}

export interface UnitCost extends Cost {
  /** The kernels that measure it, if the baseline must come by some of them too. */
  readonly kernels: readonly string[];
}

/** The baseline in the same setting. */
export interface BaselineCost extends Cost {
  /** What it takes to measure it by a kernel besides its own, where something else in the shard is measured by that. */
  readonly beside: ReadonlyMap<string, Cost>;
}

/** What one shard measures beside its baseline, and what all of it takes. */
export interface Cut extends Cost {
  readonly variants: readonly string[];
  readonly lengths: readonly number[];
}

/**
 * Cuts what is measured in one setting into shards, each with the baseline at its lengths: as many variants at all lengths
 * as stay within the bounds, in order. Of a variant that alone exceeds them, as many lengths as do not; what exceeds
 * them at one length is a shard nevertheless.
 */
export function cutShards(
  units: readonly Unit[],
  baseline: ReadonlyMap<number, BaselineCost>,
  bounds: ShardBounds,
): readonly Cut[] {
  const lengths = [...baseline.keys()];
  const cuts: Cut[] = [];
  const costOf = (chosen: readonly Unit[], at: readonly number[]) => costWith(chosen, at, baseline);
  const fits = ({ cases, seconds }: Cost) => cases <= bounds.cases && seconds <= bounds.seconds;
  const add = (chosen: readonly Unit[], at: readonly number[]): void => {
    const variants = chosen.map(({ variant }) => variant);
    cuts.push({ variants, lengths: at, ...costOf(chosen, at) });
  };
  let open: Unit[] = [];
  const close = (): void => {
    if (open.length > 0) add(open, lengths);
    open = [];
  };
  for (const unit of units) {
    if (fits(costOf([...open, unit], lengths))) open.push(unit);
    else {
      close();
      if (fits(costOf([unit], lengths))) open = [unit];
      else for (const some of stretches(lengths, (at) => fits(costOf([unit], at)))) add([unit], some);
    }
  }
  close();
  // Nothing but the baseline is measured.
  if (units.length === 0) for (const some of stretches(lengths, (at) => fits(costOf([], at)))) add([], some);
  return cuts;
}

/** Cuts a list into stretches that fit, each as long as it can be and one at least. */
function stretches<T>(list: readonly T[], suits: (some: readonly T[]) => boolean): readonly (readonly T[])[] {
  const cut: T[][] = [];
  for (const one of list) {
    const last = cut.at(-1);
    if (last !== undefined && suits([...last, one])) last.push(one);
    else cut.push([one]);
  }
  return cut;
}

function costWith(
  units: readonly Unit[],
  lengths: readonly number[],
  baseline: ReadonlyMap<number, BaselineCost>,
): Cost {
  let cases = 0;
  let unsupported = 0;
  let seconds = 0;
  const add = (cost: Cost): void => {
    unsupported += cost.unsupported;
    cases += cost.cases;
    seconds += cost.seconds;
  };
  for (const length of lengths) {
    const own = baseline.get(length);
    const here = units.flatMap(({ at }) => at.get(length) ?? []);
    for (const cost of here) add(cost);
    if (own === undefined) continue;
    add(own);
    for (const kernel of new Set(here.flatMap(({ kernels }) => kernels))) {
      const beside = own.beside.get(kernel);
      if (beside !== undefined) add(beside);
    }
  }
  return { cases, unsupported, seconds };
}
