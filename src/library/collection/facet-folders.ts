import type { Facet, Overview } from "../../report/overview/overview.ts";
import { quotedPath, shellQuoted } from "../../text/shell-quoted.ts";

/** The folder of facets' reports, in that of the overview. */
const FACETS = "facets";
/** Characters of a folder's name. */
const MOST_CHARACTERS = 80;

/** The folder of each facet's report within that of the overview: made of plain letters, whatever a name holds, and no two alike. */
export function facetFolders({ facets }: Overview): readonly string[] {
  const taken = new Map<string, number>();
  return facets.map((facet) => {
    const plain = plainName(facet);
    const copy = (taken.get(plain) ?? 0) + 1;
    taken.set(plain, copy);
    return `${FACETS}/${copy === 1 ? plain : `${plain}_${copy}`}`;
  });
}

/** The folder of what another filter asks for. */
export function filterFolder(filter: string): string {
  return `filters/${plainName({ name: filter })}`;
}

/** `epyc-head-dim-64-causal-true`. No name of ours has an underscore, so that a copy's number makes no name of another. */
function plainName({ name }: Pick<Facet, "name">): string {
  const words = name
    .replace(/^machine=/, "")
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, "-");
  return words.slice(0, MOST_CHARACTERS).replace(/^[-.]+|[-.]+$/g, "") || "facet";
}

/** The command that writes the report of a facet, for a shell. `out` is the folder that was asked for; null if none was. */
export function facetCommand(path: string, { name }: Pick<Facet, "name">, out: string | null): string {
  const place = out === null ? "" : ` --out ${quotedPath(out)}`;
  return `attnbench report ${quotedPath(path)} --facet ${shellQuoted(name)}${place}`;
}
