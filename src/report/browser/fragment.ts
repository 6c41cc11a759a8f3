import { type ConditionId, choicesAmong } from "../ranking/conditions.ts";
import type { Entry } from "../ranking/entry.ts";
import { type FileData, ranked, reachOf, type View } from "./view.ts";

// `n=3000&family=sparse,dense&memory=64&lit=local,full`: memory in MiB and error in percent, as the form asks for them.

/** Bytes of a MiB, and the part of a whole that a percent is. */
export const MIB = 2 ** 20;
export const PERCENT = 0.01;

/** Characters of names that an address holds: more are not kept, as mail and chat cut long ones. */
const MOST_CHARACTERS = 1500;

/** The view as the fragment of an address, without `#`: what is as at the start is omitted. */
export function fragmentOf(view: View, start: View, file: FileData): string {
  const { n, conditions, chosen, only } = view;
  const { memory, error } = conditions;
  const parts: readonly (readonly [name: string, values: readonly (string | number)[]])[] = [
    ["n", n === start.n ? [] : [n]],
    ...[...conditions.chosen].map(([id, values]) => [id, [...values]] as const),
    ["memory", memory === null ? [] : [rounded(memory / MIB)]],
    ["error", error === null ? [] : [rounded(error / PERCENT)]],
    ["lit", namesOf(chosen, file)],
    ["only", only ? ["lit"] : []],
  ];
  return parts
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => `${name}=${values.map(encodeURIComponent).join(",")}`)
    .join("&");
}

/** The view that a fragment asks for, without `#`. Parts that mean nothing here are ignored, one by one. */
export function viewOf(fragment: string, start: View, file: FileData): View {
  const asked = new Map(partsOf(fragment));
  const entries = ranked(file);
  const chosen = new Map<ConditionId, ReadonlySet<string>>();
  for (const { id, values } of choicesAmong(entries)) {
    const known = values.filter(({ value }) => asked.get(id)?.includes(value)).map(({ value }) => value);
    if (known.length > 0) chosen.set(id, new Set(known));
  }
  const [shortest, longest] = reachOf(file);
  const n = numberOf(asked.get("n"));
  return {
    n: n !== null && Number.isInteger(n) && shortest <= n && n <= longest ? n : start.n,
    conditions: {
      chosen,
      memory: scaled(numberOf(asked.get("memory")), MIB),
      error: scaled(numberOf(asked.get("error")), PERCENT),
    },
    chosen: new Set((asked.get("lit") ?? []).flatMap((name) => placesOf(name, file))),
    only: asked.get("only")?.[0] === "lit",
    found: null,
    hovered: null,
  };
}

/** What entries at these places are called in the whole file: another file may have the same at other places. */
function namesOf(chosen: ReadonlySet<number>, { entries }: FileData): readonly string[] {
  const names = entries.filter(({ place }) => chosen.has(place)).map(nameOf);
  let characters = 0;
  const most = names.findIndex((name) => {
    characters += encodeURIComponent(name).length;
    return characters > MOST_CHARACTERS;
  });
  return most === -1 ? names : names.slice(0, most);
}

function nameOf({ names }: Entry): string {
  return names[names.length - 1];
}

/** The places of the entry of this name, else of those that a chart calls so, or of that variant. */
function placesOf(name: string, { entries }: FileData): readonly number[] {
  const exact = entries.filter((entry) => nameOf(entry) === name);
  const found =
    exact.length > 0
      ? exact
      : entries.filter(({ names, variantLabel }) => names.includes(name) || variantLabel === name);
  return found.map(({ place }) => place);
}

/** The values of a part of a fragment, the first where there are several parts of a name; none if it has none. */
export function partsOf(fragment: string): readonly (readonly [name: string, values: readonly string[]])[] {
  return fragment
    .split("&")
    .flatMap((part) => {
      const [name, values] = [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)];
      return part.includes("=") ? [[name, values.split(",").flatMap(decoded)] as const] : [];
    })
    .reverse();
}

/** None if it is no text in the encoding of addresses. */
export function decoded(text: string): readonly string[] {
  try {
    return [decodeURIComponent(text)];
  } catch {
    return [];
  }
}

/** Of the first value; null if it is no number, or less than nothing. */
function numberOf(values: readonly string[] | undefined): number | null {
  const text = values?.[0] ?? "";
  const value = Number(text);
  return text.trim() !== "" && Number.isFinite(value) && value >= 0 ? value : null;
}

function scaled(value: number | null, by: number): number | null {
  return value === null ? null : value * by;
}

/** Without what the multiplication by its unit left behind. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}
