import { createHash } from "node:crypto";
import { isSamePlace, joinPlaces, knownDifferences, type Place } from "../compare/place.ts";
import { FailureError } from "../core/errors.ts";
import type { StoredEntry } from "./entry.ts";
import { canonicalJson } from "./entry-line.ts";

/** Where entries were measured whose times may be compared. */
export interface Machine {
  /** 12 hexadecimal digits. */
  readonly name: string;
  /** What it is, in words. */
  readonly about: string;
  readonly place: Place;
  /** By which method: a gate's times, of slots of 2 ms in turn with another version, are not those of a run. */
  readonly gate: boolean;
  /** The class in a sweep's plan; undefined if no entry says. */
  readonly class: string | undefined;
}

/** An entry without what was measured. */
type Header = Pick<StoredEntry, "id" | "measured" | "source" | "place" | "class">;

/**
 * The machine of each entry, by the entry's id. Two places are one machine where `compare` would compare their times; as
 * what one of them does not know differs from nothing, entries are assigned in the order of measurement, each to the first
 * machine that it does not differ from, whatever the order of lines.
 */
export function machinesOf(entries: readonly Header[]): ReadonlyMap<string, Machine> {
  const sorted = entries.toSorted((a, b) => compareTexts(a.measured, b.measured) || compareTexts(a.id, b.id));
  const machines: Machine[] = [];
  /** Most entries come from places that were seen before. */
  const known = new Map<string, number>();
  const assigned = sorted.map((entry) => {
    const key = canonicalJson([entry.place, entry.source === "gate", entry.class ?? null]);
    let index = known.get(key);
    if (index === undefined) {
      refuseMany(known.size);
      index = machines.findIndex((machine) => isOn(machine, entry));
      if (index === -1) index = machines.push(machineOf(entry, key)) - 1;
      else machines[index] = joined(machines[index], entry);
      known.set(key, index);
    }
    return [entry.id, index] as const;
  });
  return new Map(assigned.map(([id, index]) => [id, machines[index]]));
}

/** Each is held against every machine. */
const MOST_PLACES = 1000;

function refuseMany(known: number): void {
  if (known < MOST_PLACES) return;
  throw new FailureError(
    `history: must be of at most ${MOST_PLACES} machines and runtimes to be read at once, got more; name fewer files, such as the years that matter`,
  );
}

function isOn(machine: Machine, { source, place, class: ofSweep }: Header): boolean {
  if (machine.gate !== (source === "gate")) return false;
  if (machine.class !== undefined && ofSweep !== undefined && machine.class !== ofSweep) return false;
  return isSamePlace(machine.place, place);
}

function machineOf({ source, place, class: ofSweep }: Header, key: string): Machine {
  const name = createHash("sha256").update(key).digest("hex").slice(0, 12);
  return described({ name, place, gate: source === "gate", class: ofSweep });
}

function joined(machine: Machine, { place, class: ofSweep }: Header): Machine {
  return described({ ...machine, place: joinPlaces(machine.place, place), class: machine.class ?? ofSweep });
}

function described(machine: Omit<Machine, "about">): Machine {
  const { cpu, cores, cores_allowed: allowed, os, node, browser } = machine.place;
  const parts = [
    ...(machine.class === undefined ? [] : [machine.class]),
    cpu,
    `${cores} ${cores === 1 ? "core" : "cores"}${allowed == null ? "" : ` (${allowed})`}`,
    os,
    browser === undefined ? `node ${node ?? "not known"}` : "in a browser",
    ...(machine.gate ? ["by gates"] : []),
  ];
  return { ...machine, about: parts.join(", ") };
}

/** Why two machines are two, each reason a text; what one of them does not know is none. */
export function machineDifferences(one: Machine, other: Machine): readonly string[] {
  const places = knownDifferences(one.place, other.place);
  return [
    ...(other.gate === one.gate ? [] : [one.gate ? "by gates, not runs" : "by runs, not gates"]),
    ...(one.class !== undefined && other.class !== undefined && one.class !== other.class
      ? [`class ${one.class}, not ${other.class}`]
      : []),
    ...places.map(({ field, base, head }) => `${field} ${base}, not ${head}`),
  ];
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
