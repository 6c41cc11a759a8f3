import { createHash } from "node:crypto";
import type { ResultLine, RunLine } from "../../../src/record/schema/result-lines.ts";
import { sampleLines } from "../sample-lines.ts";

type Shard = NonNullable<RunLine["shard"]>;

/** The name of the shard of this number: such names rise with it. */
export function shardName(index: number): string {
  const mixed = createHash("sha256").update(`${index}`).digest("hex").slice(0, 12);
  return `${index.toString(16).padStart(4, "0")}${mixed}`;
}

/** The lines of a shard of a sweep that never was. */
export function sampleShard(
  index: number,
  {
    cases = 1,
    rounds = 2,
    ...shard
  }: Partial<Shard> & { readonly cases?: number; readonly rounds?: number } = {},
): [RunLine, ...ResultLine[]] {
  const [run, ...lines] = sampleLines({ cases, rounds });
  const as: Shard = { sweep: "zoo", name: shardName(index), machine: "here", repeat: 0, ...shard };
  return [{ ...run, shard: as }, ...lines];
}
