import { FailureError, printable } from "../../core/errors.ts";
import type { ShardRun } from "../../record/collection/merge-runs.ts";
import { placeName } from "../../report/overview/names.ts";
import type { FoundPlace } from "../../report/overview/overview-of.ts";
import { differencesOfPlace } from "./same-place.ts";

type Head = ShardRun["run"];

/** Sorts shards by class of machines and place: those of one class that another machine, runtime or code measured stand apart. */
export interface PlaceSorter {
  /** The index of the place of a shard, in the order in which places appear. */
  take(run: Head): number;
  /** The places in that order. The one of a class that has most shards is the first of the class. */
  places(): readonly FoundPlace[];
}

/** Places of one class: with more, they are no class. */
const MOST_PLACES = 100;

export function placeSorter(path: string): PlaceSorter {
  const found: { readonly head: Head; shards: number }[] = [];
  const ofClass = (machine: string) => found.filter(({ head }) => head.shard.machine === machine);
  return {
    take(run) {
      const { machine } = run.shard;
      const alike = ofClass(machine);
      const known = alike.find(({ head }) => differencesOfPlace(head, run).length === 0);
      if (known !== undefined) {
        known.shards++;
        return found.indexOf(known);
      }
      if (alike.length === MOST_PLACES) {
        throw new FailureError(
          `results: ${printable(path)}: a class of machines must be machines alike, got more than ${MOST_PLACES} that differ in class ${machine}; give each kind a class of its own in the plan`,
        );
      }
      // What it planned is not needed, and may be much.
      return found.push({ head: { ...run, plan: { ...run.plan, cases: [] } }, shards: 1 }) - 1;
    },
    places: () =>
      found.map(({ head, shards }) => {
        const { machine } = head.shard;
        const alike = ofClass(machine).sort((a, b) => b.shards - a.shards);
        const number = 1 + alike.findIndex((one) => one.head === head);
        return {
          machine,
          number,
          label: number === 1 ? machine : `${machine} (${number})`,
          shards,
          environment: head.environment,
          differs: number === 1 ? [] : differencesOfPlace(alike[0].head, head),
        };
      }),
  };
}

/** What to know about classes whose machines are not all alike, a sentence a place. */
export function placeWarnings(places: readonly FoundPlace[]): readonly string[] {
  return places
    .filter(({ number }) => number > 1)
    .map(({ machine, label, shards, differs, environment }) => {
      const fields = differs.map((field) => printable(field, 40)).join(", ");
      const are = shards === 1 ? "1 shard was" : `${shards} shards were`;
      return `class ${machine}: ${are} measured in another place than most (${fields}), and ${shards === 1 ? "is" : "are"} reported apart as ${placeName({ label, environment })}`;
    });
}
