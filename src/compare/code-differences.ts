import { printable } from "../core/errors.ts";
import type { Environment } from "../record/schema/result-lines.ts";
import type { Difference } from "./comparison.ts";

type Code = Readonly<Record<string, string>>;

const MOST_NAMED = 3;

/** What differs between two records of code, by name; null if nothing does. */
export function codeDifference(base: Code, head: Code): Pick<Difference, "base" | "head"> | null {
  // Names may be a stranger's, even those that every object has.
  const [before, after] = [base, head].map((code) => new Map(Object.entries(code)));
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  const changed = names.filter((name) => before.get(name) !== after.get(name));
  if (changed.length === 0) return null;
  // If a file changed, that tells more than a package that changed with it.
  const shown = changed.toSorted((a, b) => Number(isVersion(a)) - Number(isVersion(b))).slice(0, MOST_NAMED);
  const more = changed.length > MOST_NAMED ? `, ${changed.length - MOST_NAMED} more` : "";
  const told = (code: ReadonlyMap<string, string>) =>
    `${shown.map((name) => `${printable(name, 80)} ${shortened(code.get(name))}`).join(", ")}${more}`;
  return { base: told(before), head: told(after) };
}

/** Of a package, or of what a program told that it runs by. */
function isVersion(name: string): boolean {
  return /^(npm|told):/.test(name);
}

function shortened(value: string | undefined): string {
  if (value === undefined) return "missing";
  return /^[0-9a-f]{64}$/.test(value) ? value.slice(0, 12) : printable(value, 40);
}

/** The code of all plug-ins as one record, each file prefixed with the name of its plug-in. */
export function pluginCode({ plugins = [] }: Pick<Environment, "plugins">): Code {
  const sorted = plugins.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return Object.fromEntries(
    sorted.flatMap(({ name, code }, index) => {
      const again = sorted[index - 1]?.name === name ? ` (${index})` : "";
      return Object.entries(code).map(([file, hash]) => {
        return [file === name ? name + again : `${name}${again}: ${file}`, hash] as const;
      });
    }),
  );
}
