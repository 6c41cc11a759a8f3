import { printable } from "../../core/errors.ts";
import type { RunLine } from "../../record/schema/result-lines.ts";
import { countText } from "../../text/count-text.ts";
import { differencesOfPlace } from "./same-place.ts";

/** A head of a collection. */
export type ShardHead = RunLine & { readonly shard: NonNullable<RunLine["shard"]> };

/** Shards of one class of machines that were measured in the same place, so that their rounds may be pooled. */
export interface Place {
  readonly machine: string;
  /** From 1: the place of the class that has most shards. */
  readonly number: number;
  /** `epyc`; `epyc (2)` if it is another place within the class. */
  readonly label: string;
  /** The first head of it, which has no cases. */
  readonly head: ShardHead;
  readonly shards: number;
  /** In which fields it differs from the first place of its class; empty of that itself. */
  readonly differs: readonly string[];
}

/** Sorts heads into places, one after the other as they are read. */
export class PlaceSorter {
  readonly #found: { readonly head: ShardHead; shards: number }[] = [];

  /** The index of the place that the head belongs to, in the order in which places appear. */
  take(run: ShardHead): number {
    const index = this.#found.findIndex(
      ({ head }) => head.shard.machine === run.shard.machine && differencesOfPlace(head, run).length === 0,
    );
    if (index !== -1) {
      this.#found[index].shards++;
      return index;
    }
    this.#found.push({ head: { ...run, plan: { ...run.plan, cases: [] } }, shards: 1 });
    return this.#found.length - 1;
  }

  /** The places in the order in which they appeared. */
  places(): readonly Place[] {
    const classes = Map.groupBy(this.#found, ({ head }) => head.shard.machine);
    return this.#found.map(({ head, shards }) => {
      const { machine } = head.shard;
      const alike = (classes.get(machine) ?? []).toSorted((a, b) => b.shards - a.shards);
      const number = 1 + alike.findIndex((one) => one.head === head);
      const label = number === 1 ? machine : `${machine} (${number})`;
      return { machine, number, label, head, shards, differs: differencesOfPlace(alike[0].head, head) };
    });
  }
}

/** What to know about classes whose machines are not all alike, a sentence a place. */
export function placeWarnings(places: readonly Place[]): readonly string[] {
  return places
    .filter(({ number }) => number > 1)
    .map(
      ({ label, machine, shards, differs }) =>
        `class ${machine}: ${countText(shards, "shard")} of it ran in another place (${differs.map((field) => printable(field, 40)).join(", ")} differ) and ${shards === 1 ? "is" : "are"} reported apart, as ${label}`,
    );
}
