import type { Entry } from "./entry.ts";

// Runs in the page as well: imports types only.

/** What a reader may ask of a variant: of each kind of condition any of the values chosen; all kinds together. */
export interface Conditions {
  /** Values by the condition's id; a condition without any asks nothing. */
  readonly chosen: ReadonlyMap<ConditionId, ReadonlySet<string>>;
  /** At most this many bytes of workspace at the length asked for; null for any. */
  readonly memory: number | null;
  /** At most this error there; null for any. */
  readonly error: number | null;
}

export type ConditionId = "causal" | "state" | "nearness" | "learns" | "family" | "kernel" | "setting";

/** A condition with the values that are to choose from. */
export interface Choice {
  readonly id: ConditionId;
  readonly title: string;
  /** The value that people mostly ask for; null if it depends on the file. */
  readonly asked: string | null;
  /** In their order, each with the entries that have it. */
  readonly values: readonly { readonly value: string; readonly label: string; readonly count: number }[];
}

interface Condition {
  readonly title: string;
  /** Values in their order, the one mostly asked for first, with what they are called; those of the file, as they are, if omitted. */
  readonly named?: Readonly<Record<string, string>>;
  /** What they are called where they say what a variant can be, and not what was measured; the same if omitted. */
  readonly able?: Readonly<Record<string, string>>;
  /** The values that an entry has; `mixed` if cases of the file are causal and others not. */
  readonly of: (entry: Entry, mixed: boolean) => readonly string[];
}

/** What stands for the family of a variant that the reader of the file does not know. */
const PLUG_IN = "plug-in";

const conditions: Readonly<Record<ConditionId, Condition>> = {
  causal: {
    title: "causality",
    named: { yes: "causal", no: "not causal" },
    able: { yes: "can be causal", no: "can be non-causal" },
    of: ({ causal, traits }, mixed) => {
      const measured = [causal ? "yes" : "no"];
      if (mixed || traits === null) return measured;
      return { either: ["yes", "no"], always: ["yes"], never: ["no"] }[traits.causality];
    },
  },
  state: {
    title: "state when decoding",
    named: { constant: "constant state", grows: "growing state", none: "not decoded" },
    of: ({ traits }) => (traits === null ? [] : [traits.state]),
  },
  nearness: {
    title: "what it computes",
    named: { exact: "exact", approximate: "approximate", own: "a function of its own" },
    of: ({ traits }) => (traits === null ? [] : [traits.nearness]),
  },
  learns: {
    title: "weights",
    named: { no: "nothing to train", yes: "learned weights" },
    of: ({ traits }) => (traits === null ? [] : [traits.learns ? "yes" : "no"]),
  },
  family: { title: "family", of: ({ traits }) => [traits?.family ?? PLUG_IN] },
  kernel: { title: "kernel", of: ({ kernel }) => [kernel] },
  setting: { title: "setting", of: ({ setting }) => [setting] },
};

const ids = Object.keys(conditions) as readonly ConditionId[];

/** Nothing asked. */
export const NO_CONDITIONS: Conditions = { chosen: new Map(), memory: null, error: null };

/** The conditions that tell some of these entries from others, with their values and how many entries have each. */
export function choicesAmong(entries: readonly Entry[]): readonly Choice[] {
  const mixed = isMixed(entries);
  return ids.flatMap((id) => {
    const { title, named, able = named, of } = conditions[id];
    const labels = mixed ? named : able;
    const counts = new Map<string, number>(Object.keys(named ?? {}).map((value) => [value, 0]));
    for (const value of entries.flatMap((entry) => of(entry, mixed))) {
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    const values = [...counts]
      .filter(([, count]) => count > 0)
      .map(([value, count]) => ({ value, label: labels?.[value] ?? value, count }));
    const [asked = null] = Object.keys(named ?? {});
    return values.every(({ count }) => count === entries.length) ? [] : [{ id, title, asked, values }];
  });
}

/** The entries that meet the conditions; a memory and an error are asked of what `at` gives, and one that is not known is none. */
export function meeting(
  entries: readonly Entry[],
  { chosen, memory, error }: Conditions,
  at: (entry: Entry) => { readonly memory: number | null; readonly error: number | null } | null,
): readonly Entry[] {
  const mixed = isMixed(entries);
  return entries.filter((entry) => {
    const named = [...chosen].every(
      ([id, values]) => values.size === 0 || conditions[id].of(entry, mixed).some((one) => values.has(one)),
    );
    if (!named || (memory === null && error === null)) return named;
    const point = at(entry);
    // An error against anything but full attention says nothing of how near that is.
    const distance = entry.against === null ? (point?.error ?? null) : null;
    return isAtMost(point?.memory ?? null, memory) && isAtMost(distance, error);
  });
}

function isAtMost(value: number | null, most: number | null): boolean {
  return most === null || (value !== null && value <= most);
}

function isMixed(entries: readonly Entry[]): boolean {
  return new Set(entries.map(({ causal }) => causal)).size > 1;
}
