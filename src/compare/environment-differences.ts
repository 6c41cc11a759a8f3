import { printable, UsageError } from "../core/errors.ts";
import type { Environment } from "../record/schema/result-lines.ts";
import { codeDifference, pluginCode } from "./code-differences.ts";
import type { Difference } from "./comparison.ts";
import { buildsOf, buildText, kernelsOf, placeDifferences, UNKNOWN } from "./place.ts";

/** A difference, and whether times across it say nothing about the code. */
export interface EnvironmentDifference extends Difference {
  /** `place`: another machine, runtime or setting of them. `code`: what a comparison is made for. */
  readonly kind: "place" | "code";
}

/** What a reader is told about the code. Load and steal always differ, and warnings mention them. */
const fields = {
  attnbench: ({ attnbench }) => attnbench,
  commit: ({ commit }) => commit ?? UNKNOWN,
  changes_sha256: changesOf,
  lockfile_sha256: (one) => one.lockfile_sha256 ?? UNKNOWN,
} as const satisfies Partial<Record<keyof Environment, (one: Environment) => string>>;

/**
 * What the environments of two runs do not share, field by field, first those across which times cannot be
 * compared.
 */
export function environmentDifferences(
  base: Environment,
  head: Environment,
): readonly EnvironmentDifference[] {
  const ofFields = Object.entries(fields).map(([field, told]) => {
    return { field, base: told(base), head: told(head) };
  });
  const code = [...ofFields, ...kernelDifferences(base, head), ...codeDifferences(base, head)];
  return [
    ...placeDifferences(base, head).map((one) => ({ ...one, kind: "place" as const })),
    ...code.filter((one) => one.base !== one.head).map((one) => ({ ...one, kind: "code" as const })),
  ];
}

/** Builds of the same kind that other code was made of. */
function kernelDifferences(base: Environment, head: Environment): readonly Difference[] {
  return kernelsOf(base, head).flatMap((id) => {
    const [before, after] = buildsOf(id, base, head);
    return buildText(before) === buildText(after)
      ? [{ field: `kernels.${id}`, base: before, head: after }]
      : [];
  });
}

/** What ran, by its content: two records of one commit may differ, and those of two commits may not. */
function codeDifferences(base: Environment, head: Environment): readonly Difference[] {
  const own =
    base.code !== undefined && head.code !== undefined
      ? codeDifference(base.code, head.code)
      : { base: base.code ? "known" : UNKNOWN, head: head.code ? "known" : UNKNOWN };
  const plugins = codeDifference(pluginCode(base), pluginCode(head));
  return [
    ...(own === null ? [] : [{ field: "code", ...own }]),
    ...(plugins === null ? [] : [{ field: "plugins", ...plugins }]),
  ];
}

function changesOf({ dirty, changes_sha256: hash = null }: Environment): string {
  if (dirty === null) return UNKNOWN;
  return dirty ? (hash ?? "unhashed changes") : "none";
}

/**
 * Those across which times say nothing about the code. What one side does not know, such as a field that
 * older files omit, is not a difference.
 */
export function otherPlaces(differences: readonly EnvironmentDifference[]): readonly EnvironmentDifference[] {
  return differences.filter(
    ({ kind, base, head }) => kind === "place" && base !== UNKNOWN && head !== UNKNOWN,
  );
}

/** Refuses to compare times across machines, runtimes or settings. */
export function refuseOtherPlace(differences: readonly EnvironmentDifference[]): void {
  const places = otherPlaces(differences);
  if (places.length === 0) return;
  const named = places.map(
    ({ field, base, head }) =>
      `${printable(field, 40)} ${printable(base, 60)} against ${printable(head, 60)}`,
  );
  const shown = named.slice(0, MOST_NAMED).join("; ");
  const more = named.length > MOST_NAMED ? `; ${named.length - MOST_NAMED} more` : "";
  throw new UsageError(
    `compare: both files must come from the same machine and runtime, got ${shown}${more}; measure both in one place, or add --across-machines`,
  );
}

const MOST_NAMED = 4;
