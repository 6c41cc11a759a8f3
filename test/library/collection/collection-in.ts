import { readCollection } from "../../../src/library/collection/collection.ts";
import { parseLines } from "../../../src/record/read.ts";
import { collectionOf, type SampleShard, sampleShards } from "../../record/collection/sample-collection.ts";

/** A collection of these shards as it is read, without a file. */
export async function collectionIn(shards: readonly SampleShard[]) {
  const [first, ...others] = sampleShards(shards).map((shard) =>
    parseLines("sample.jsonl", Buffer.from(collectionOf([shard]))),
  );
  async function* rest() {
    yield* others;
  }
  return readCollection("sample.jsonl", first, rest());
}
