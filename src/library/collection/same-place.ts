import { environmentDifferences, otherPlaces } from "../../compare/environment-differences.ts";
import type { Environment, RunLine } from "../../record/schema/result-lines.ts";

/**
 * In which fields two runs of one class of machines differ so that their times are not of the same thing: another machine,
 * runtime or code, or other tensors. Empty if their rounds may be pooled.
 */
export function differencesOfPlace(first: RunLine, other: RunLine): readonly string[] {
  const differences = environmentDifferences(first.environment, other.environment);
  const places = otherPlaces(differences)
    .map(({ field }) => field)
    .filter((field) => field !== "cores_allowed" || !isAsMany(first.environment, other.environment));
  const code = differences.flatMap(({ kind, field }) => (kind === "code" ? [field] : []));
  return [...places, ...ofCode(code, first, other), ...ofInput(first, other)];
}

/** Where the content of the code is known on both sides, commits may differ in what does not run. */
function ofCode(fields: readonly string[], first: RunLine, other: RunLine): readonly string[] {
  const known = [first, other].every(({ environment }) => environment.code !== undefined);
  return known
    ? fields.filter((field) => !OF_COMMITS.has(field))
    : fields.filter((field) => field !== "code");
}

const OF_COMMITS: ReadonlySet<string> = new Set(["attnbench", "commit", "changes_sha256", "lockfile_sha256"]);

function ofInput(first: RunLine, other: RunLine): readonly string[] {
  const isSameInput = first.plan.input === other.plan.input;
  return [
    ...(first.plan.tensors === other.plan.tensors ? [] : ["tensors"]),
    ...(isSameInput && (first.input_sha256 ?? null) !== (other.input_sha256 ?? null) ? ["input"] : []),
  ];
}

/** Schedulers give each shard processors of its own: which they are says little, how many they are a lot. */
function isAsMany(first: Environment, other: Environment): boolean {
  const [a, b] = [first, other].map((one) => processorsIn(one.cores_allowed ?? null));
  return a !== null && a === b;
}

/** How many a list such as `0-3,8` holds; null if it is none. */
function processorsIn(list: string | null): number | null {
  if (list === null || !/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(list)) return null;
  return list.split(",").reduce((sum, part) => {
    const [from, to = from] = part.split("-").map(Number);
    return sum + Math.max(0, to - from + 1);
  }, 0);
}
