import { FailureError, printable, UsageError } from "../../core/errors.ts";
import { isStream, shownName } from "../../files/read-whole.ts";
import { openFile } from "../../files/readable-file.ts";
import type { ShardRun } from "../../record/collection/merge-runs.ts";
import { isPacked } from "../../record/packed.ts";
import { parseLines } from "../../record/read.ts";
import { storeAt } from "../../store/read-stored.ts";
import { runsAt } from "../runs-at.ts";
import { type Collection, type IndexedShard, shardRun } from "./collection.ts";

/** Reads some shards of a collection once more, those that are wanted alone where the file allows it. */
export async function* shardsAgain(
  collection: Collection,
  isWanted: (shard: IndexedShard) => boolean,
): AsyncGenerator<ShardRun, void, void> {
  const { path, shards, kept } = collection;
  if (kept !== null) {
    yield* kept.filter((_, index) => isWanted(shards[index]));
    return;
  }
  refuseStream(path);
  if (storeAt(path) !== null || isPacked(path, new Uint8Array())) {
    let index = 0;
    for await (const { read } of runsAt(path)) {
      const shard = shards[index++];
      if (shard?.name !== read.run.shard?.name) throw changed(path);
      if (isWanted(shard)) yield shardRun(path, read);
    }
    return;
  }
  yield* placed(path, shards.filter(isWanted));
}

/** Shards by their places in the file. */
function* placed(path: string, shards: readonly IndexedShard[]): Generator<ShardRun, void, void> {
  const file = openFile(path);
  try {
    for (const { from, to } of shards) {
      if (to > file.size) throw changed(path);
      const bytes = Buffer.alloc(to - from);
      file.read(from, bytes);
      yield shardRun(path, parseLines(path, bytes));
    }
  } finally {
    file.close();
  }
}

/** A large collection is read twice. */
export function refuseStream(path: string): void {
  if (!isStream(path)) return;
  throw new UsageError(
    `${printable(shownName(path))}: must be a file, since a collection of so many cases is read more than once, got a stream; save it to a file first`,
  );
}

function changed(path: string): FailureError {
  return new FailureError(
    `${printable(path)}: must stay as it is while it is read, got another content; try again`,
  );
}
