import { decoded } from "./fragment.ts";

// `file=decode&n=3000&file=example&lit=local`: the first file is the one shown, each followed by its view. What comes before
// is about the file that is shown if none is named: the first.

/** What stands for all files, one after another. */
export const ALL = "*";

const FILE = "file=";

/** What a fragment asks for of several results files. */
export interface AskedFiles {
  /** The file to show, null if none is named. */
  readonly shown: string | null;
  /** Fragments of views by file; null is the first. */
  readonly views: ReadonlyMap<string | null, string>;
}

/** What a fragment asks for, without `#`. */
export function askedFiles(fragment: string): AskedFiles {
  const parts = fragment.split("&");
  const views = new Map<string | null, string>();
  let file: string | null = null;
  for (const part of parts) {
    if (part.startsWith(FILE)) file = fileIn(part);
    else views.set(file, [views.get(file) ?? [], part].flat().join("&"));
  }
  return { shown: parts[0].startsWith(FILE) ? fileIn(parts[0]) : null, views };
}

/** The fragment that asks for this; a view that asks for nothing is omitted. */
export function filesFragment({ shown, views }: AskedFiles): string {
  const named = (file: string) => `${FILE}${encodeURIComponent(file)}`;
  const others = [...views].filter(([file, view]) => file !== shown && view !== "");
  const first = [...(shown === null ? [] : [named(shown)]), views.get(shown) ?? ""];
  // Of the first file before any name, if it is not the one shown, under its own.
  return [...first, ...others.flatMap(([file, view]) => [named(file ?? ""), view])]
    .filter((part) => part !== "")
    .join("&");
}

/** What addresses call files: their names, or their ids where several have one name. */
export function fileKeys(
  files: readonly { readonly id: string; readonly name: string }[],
): readonly string[] {
  return files.map(({ id, name }) => {
    const alike = files.filter((other) => other.name === name || other.id === name);
    return alike.length > 1 || name === "" || name === ALL ? id : name;
  });
}

function fileIn(part: string): string {
  return decoded(part.slice(FILE.length))[0] ?? "";
}
