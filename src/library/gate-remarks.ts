import { type CallSettings, GATES } from "../core/call-settings.ts";
import type { ParameterizedVariant } from "../core/variant.ts";
import type { Kinds } from "../mechanisms/kinds.ts";

/**
 * What is to be said of the gates of a call: which recurrences take no gate of that name, and which gates are made of k beside
 * those that are given. Nothing where no variant could take any.
 */
export function gateRemarks(
  variants: ReadonlyArray<Pick<ParameterizedVariant, "id" | "mechanism">>,
  { gates = {} }: CallSettings,
  kinds: Kinds,
): readonly string[] {
  const held = GATES.filter((name) => gates[name] !== undefined);
  if (held.length === 0) return [];
  const takers = variants.flatMap(({ id, mechanism }) => {
    const { kind } = kinds.judged({ mechanism });
    return kind.gates === undefined ? [] : [{ id, taken: kind.gates(mechanism) }];
  });
  const ignored = held.flatMap((name) => {
    const ids = takers.filter(({ taken }) => !taken.includes(name)).map(({ id }) => id);
    return ids.length === 0 ? [] : [`input: ${name} is no gate of ${listed(ids)}, and is left alone there`];
  });
  const made = GATES.filter((name) => !held.includes(name)).flatMap((name) => {
    const ids = takers
      .filter(({ taken }) => taken.includes(name) && held.some((one) => taken.includes(one)))
      .map(({ id }) => id);
    return ids.length === 0 ? [] : [`input: it holds no ${name}, which ${listed(ids)} makes of k instead`];
  });
  return [...ignored, ...made];
}

function listed(ids: readonly string[]): string {
  return [...new Set(ids)].join(", ");
}
