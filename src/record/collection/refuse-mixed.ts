import { FailureError, printable } from "../../core/errors.ts";
import { BASELINE } from "../schema/baseline.ts";
import type { RunLine } from "../schema/result-lines.ts";

/**
 * What a collection holds its runs to, head by head: several must be shards, each once, all of one sweep and compared with the
 * same variant. The function
 * returned takes the next head, and refuses it by the number of its line.
 */
export function refuseMixed(path: string): (head: Pick<RunLine, "shard">, number: number) => void {
  /** The numbers of the lines of shards, by their names. */
  const seen = new Map<string, number>();
  let first: { readonly shard: RunLine["shard"]; readonly number: number } | null = null;
  return ({ shard }, number) => {
    const refuse = (rule: string): FailureError =>
      new FailureError(`results: ${printable(path)} line ${number}: ${rule}`);
    first ??= { shard, number };
    if (first.number === number) {
      if (shard !== undefined) seen.set(shard.name, number);
      return;
    }
    if (shard === undefined || first.shard === undefined) {
      const got = shard === undefined ? "a second run that is none" : "a shard after a run that is none";
      throw refuse(
        `several runs must all be shards of a sweep, got ${got}; split the file there, each with the lines that follow its run`,
      );
    }
    if (shard.sweep !== first.shard.sweep) {
      throw refuse(
        `all shards must be of one sweep, got one of ${shard.sweep} after those of ${first.shard.sweep}; keep each sweep in a file of its own`,
      );
    }
    const [baseline, ofFirst] = [shard.baseline ?? BASELINE, first.shard.baseline ?? BASELINE];
    if (baseline !== ofFirst) {
      throw refuse(
        `all shards must name one baseline, got ${printable(baseline, 40)} after ${printable(ofFirst, 40)}; keep those of each plan in a file of its own`,
      );
    }
    const before = seen.get(shard.name);
    if (before !== undefined) {
      throw refuse(
        `a shard must appear once, got ${shard.name} of line ${before} again; remove one of the two, with the lines that follow it`,
      );
    }
    seen.set(shard.name, number);
  };
}
