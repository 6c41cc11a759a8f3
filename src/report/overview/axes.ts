import {
  IDENTITY,
  type Identified,
  type IdentityName,
  identityKey,
  SETTINGS,
} from "../../record/schema/identity.ts";

/** What varies within a facet: variants with what is theirs, their kernels, lengths, and what one call of a case is. */
const WITHIN: readonly IdentityName[] = [
  "variant",
  "params",
  "given_edges",
  "given_gates",
  "kernel",
  "mode",
  "length",
];

/** What one facet of a class of machines has in common, in the order in which one says it. */
export const AXES = SETTINGS.filter(({ name }) => !WITHIN.includes(name));

/** What stands for a value that goes without saying, such as as many heads of k and v as of q. */
export const USUAL = "usual";

/** A text that is equal in two cases if and only if they are of one setting. */
export function settingKey(row: Identified): string {
  return identityKey(row, WITHIN);
}

/** An axis as it is called in plans and filters: `head-dim`. */
export function axisName(name: IdentityName): string {
  return name.replaceAll("_", "-");
}

/** The names by which filters may ask for cases within a facet. */
export const INNER_AXES = IDENTITY.filter(({ name }) =>
  ["variant", "kernel", "mode", "length"].includes(name),
);

/** The value of a case on each axis, as text that may hold anything. */
export function axisValues(row: Identified): ReadonlyMap<string, string> {
  return new Map(
    AXES.map(({ name, of, rare, setting }) => {
      const isUsual = rare === true && (setting?.(row, (text) => text) ?? "") === "";
      return [axisName(name), isUsual ? USUAL : `${of(row) ?? "none"}`] as const;
    }),
  );
}

/** A setting in words, such as `causal · batch 1 · 4 heads`; aspects that all settings share are omitted. */
export function settingWords(rows: readonly Identified[], safe: (text: string) => string): readonly string[] {
  const aspects = AXES.map(({ setting }) => rows.map((row) => setting?.(row, safe) ?? ""));
  const differing = aspects.filter((texts) => new Set(texts).size > 1);
  return rows.map((_, at) =>
    differing
      .map((texts) => texts[at])
      .filter((text) => text !== "")
      .join(" · "),
  );
}
