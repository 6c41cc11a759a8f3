import type { Choice, Conditions } from "../ranking/conditions.ts";
import { MIB, PERCENT } from "./fragment.ts";

/** What a reader asks to see, in words: `constant state; family sparse or dense; memory at most 64 MiB`; empty if nothing. */
export function askedText(
  { chosen, memory, error }: Conditions,
  only: boolean,
  choices: readonly Choice[],
): string {
  const named = choices.flatMap(({ id, title, asked, values }) => {
    const labels = values.filter(({ value }) => chosen.get(id)?.has(value)).map(({ label }) => label);
    // What has names of ours says by them what it is about.
    return labels.length === 0 ? [] : [`${asked === null ? `${title} ` : ""}${labels.join(" or ")}`];
  });
  const most = (value: number | null, unit: number, text: (value: string) => string) =>
    value === null ? [] : [text(`${Number((value / unit).toPrecision(12))}`)];
  return [
    ...named,
    ...most(memory, MIB, (mib) => `memory at most ${mib} MiB`),
    ...most(error, PERCENT, (percent) => `error at most ${percent} %`),
    ...(only ? ["lit only"] : []),
  ].join("; ");
}
