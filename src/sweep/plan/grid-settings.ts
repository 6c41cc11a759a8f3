import type { Axis, OptionValue, RunOptions, SweepPlan } from "./plan.ts";
import { sameValue } from "./read-plan.ts";

/** One combination of what the grid goes through, with the options that are the same everywhere. */
export interface GridSetting {
  readonly options: RunOptions;
  /** What of it the grid chose, for messages: which value of which option, by its position. */
  readonly chosen: readonly { readonly option: string; readonly index: number }[];
}

/** How many combinations there are, those that are excluded among them. */
export function countSettings({ axes }: Pick<SweepPlan, "axes">): number {
  return axes.reduce((product, { values }) => product * values.length, 1);
}

/**
 * The combinations of the grid but for those excluded, one at a time. The last axis changes fastest; `slowest` names options
 * that had better change rarely.
 */
export function* gridSettings(
  { axes, exclude, settings }: Pick<SweepPlan, "axes" | "exclude" | "settings">,
  slowest: readonly string[] = [],
): Generator<GridSetting, void, void> {
  const rank = ({ option }: Axis): number =>
    slowest.includes(option) ? slowest.indexOf(option) : slowest.length;
  const ordered = [...axes].sort((a, b) => rank(a) - rank(b));
  const at = ordered.map(() => 0);
  for (;;) {
    const chosen = ordered.map(({ option, values }, axis) => ({
      option,
      value: values[at[axis]],
      index: at[axis],
    }));
    const isExcluded = exclude.some((one) =>
      chosen.every(({ option, value }) => !Object.hasOwn(one, option) || sameValue(one[option], value)),
    );
    if (!isExcluded) yield { options: optionsWith(settings, chosen), chosen };
    let axis = ordered.length - 1;
    while (axis >= 0 && at[axis] + 1 === ordered[axis].values.length) at[axis--] = 0;
    if (axis < 0) return;
    at[axis]++;
  }
}

/** Words of an option that may be repeated follow those that are the same everywhere. */
function optionsWith(
  settings: RunOptions,
  chosen: readonly { readonly option: string; readonly value: OptionValue | null }[],
): RunOptions {
  const options: Record<string, OptionValue> = { ...settings };
  for (const { option, value } of chosen) {
    if (value === null) continue;
    const before = options[option];
    options[option] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value;
  }
  return options;
}
