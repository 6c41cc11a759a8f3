import { FailureError, printable } from "../../core/errors.ts";
import type { ListedRun, ListedRuns } from "../../record/collection/open-runs.ts";

/** The same shard in both collections. */
export interface PairedRun {
  readonly machine: string;
  readonly name: string;
  readonly base: ListedRun;
  readonly head: ListedRun;
}

/** A shard that only one of them has. */
export interface LoneRun {
  readonly machine: string;
  readonly name: string;
  readonly side: "base" | "head";
  readonly run: ListedRun;
}

/** The shards of two collections by their names, which follow from what is measured, on which class of machines. */
export interface PairedRuns {
  /** In the order of base. */
  readonly pairs: readonly PairedRun[];
  readonly lone: readonly LoneRun[];
}

export function pairRuns(base: Pick<ListedRuns, "index">, head: Pick<ListedRuns, "index">): PairedRuns {
  const after = new Map(head.index.map((run) => [shardOf(run).name, run]));
  const pairs: PairedRun[] = [];
  const lone: LoneRun[] = [];
  for (const run of base.index) {
    const { name, machine } = shardOf(run);
    const other = after.get(name);
    after.delete(name);
    if (other === undefined) lone.push({ machine, name, side: "base", run });
    else if (shardOf(other).machine === machine) pairs.push({ machine, name, base: run, head: other });
    else {
      throw new FailureError(
        `compare: a shard must be of one class of machines, got ${name} of ${machine} in base and of ${shardOf(other).machine} in head; collect both again`,
      );
    }
  }
  for (const run of after.values()) {
    const { name, machine } = shardOf(run);
    lone.push({ machine, name, side: "head", run });
  }
  return { pairs, lone };
}

function shardOf({ head }: ListedRun): { readonly name: string; readonly machine: string } {
  if (head.shard !== undefined) return head.shard;
  throw new FailureError(
    `compare: a collection must be compared with a collection, got a run begun ${printable(head.started, 40)} that is no shard; compare it with another such run`,
  );
}
