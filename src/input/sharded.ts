import { dirname, join } from "node:path";
import * as z from "zod";
import { messageOf, printable, UsageError } from "../core/errors.ts";
import { readWhole } from "../files/read-whole.ts";
import { withFile } from "../files/readable-file.ts";
import { INDEX_OF_SHARDS, toldByLooks } from "./file-kind.ts";
import { nestingDepth } from "./json-structure.ts";
import { safetensorsSet } from "./safetensors.ts";
import { namedTensor, type TensorSet } from "./tensor-set.ts";

/** The longest index read, in bytes; that of a checkpoint of hundreds of gigabytes has a few million. */
const MAX_INDEX_BYTES = 100_000_000;
const MOST_SHARDS = 10_000;

const index = z.object({
  metadata: z.record(z.string(), z.unknown()).nullish(),
  weight_map: z.record(z.string(), z.string()),
});

/**
 * The tensors of the shards that an index of a checkpoint names, `*.safetensors.index.json`. A shard is
 * opened when a tensor of it is asked for; all must lie in the folder of the index.
 */
export function shardedSet(path: string): TensorSet {
  const where = printable(path);
  const { weight_map: shardOf, metadata } = readIndex(path, where);
  const shards = new Set(Object.values(shardOf));
  if (!(shards.size <= MOST_SHARDS))
    throw new UsageError(`${where}: must name at most ${MOST_SHARDS} shards, got ${shards.size}`);
  for (const shard of shards) {
    if (/^[^/\\\0]+$/.test(shard) && shard !== ".." && shard !== ".") continue;
    throw new UsageError(
      `${where}: a shard must be a file next to the index, got '${printable(shard, 80)}'; fix the index`,
    );
  }
  const opened = new Map<string, TensorSet>();
  const texts = Object.entries(metadata ?? {}).filter(
    (pair): pair is [string, string] => typeof pair[1] === "string",
  );
  const shardWith = (name: string): TensorSet => {
    const shard = shardOf[name];
    const set = opened.get(shard) ?? safetensorsSet(join(dirname(path), shard));
    opened.set(shard, set);
    return set;
  };
  return {
    where,
    names: Object.keys(shardOf),
    files: [path, ...[...shards].map((shard) => join(dirname(path), shard))],
    metadataOf: (name) => ({ ...Object.fromEntries(texts), ...shardWith(name).metadataOf(name) }),
    tensor: (name) => namedTensor(shardWith(name), name),
  };
}

function readIndex(path: string, where: string): z.infer<typeof index> {
  return withFile(path, (file) => {
    try {
      if (!(file.size <= MAX_INDEX_BYTES)) {
        throw new UsageError(
          `${where}: an index must be at most ${MAX_INDEX_BYTES} bytes long, got ${file.size}`,
        );
      }
      const text = readWhole(path).toString("utf8");
      if (nestingDepth(text) > 128) throw new UsageError(`${where}: an index must nest at most 128 levels`);
      const parsed = index.safeParse(JSON.parse(text));
      if (parsed.success) return parsed.data;
    } catch (thrown) {
      const refused =
        thrown instanceof UsageError
          ? thrown
          : new UsageError(
              `${where}: an index must be JSON, got something else (${messageOf(thrown)}); the file is damaged or not an index`,
            );
      throw toldByLooks(where, INDEX_OF_SHARDS, file, refused);
    }
    throw new UsageError(
      `${where}: an index must hold weight_map, which names the shard of each tensor; the file is damaged or not an index`,
    );
  });
}
