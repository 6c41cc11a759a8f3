import { type CallSettings, GATES, type GateName, type GivenGates } from "../core/call-settings.ts";
import { UsageError } from "../core/errors.ts";
import type { ParameterizedVariant } from "../core/variant.ts";
import type { CaseIdentity } from "../record/schema/result-lines.ts";
import type { Kinds } from "./kinds.ts";

/** The gates of a call that a variant takes; null if it takes none, or the call has none. */
export function givenGates(
  variant: Pick<ParameterizedVariant, "mechanism">,
  { gates }: CallSettings,
  kinds: Kinds,
): readonly GateName[] | null {
  if (gates === undefined) return null;
  const { mechanism, kind } = kinds.judged(variant);
  const taken = kind.gates?.(mechanism) ?? [];
  const given = GATES.filter((name) => gates[name] !== undefined && taken.includes(name));
  return given.length === 0 ? null : given;
}

/** The gates of a case's call, which its input must still have. */
export function gatesOfCase(
  { given_gates = [] }: Pick<CaseIdentity, "given_gates">,
  { gates = {} }: CallSettings,
): GivenGates | undefined {
  const lost = given_gates.find((name) => gates[name] === undefined);
  if (lost !== undefined) {
    throw new UsageError(`plan: the input must have the gate ${lost}, got none; restore it, or plan anew`);
  }
  if (given_gates.length === 0) return undefined;
  return Object.fromEntries(given_gates.map((name) => [name, gates[name]]));
}
