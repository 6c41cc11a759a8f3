import { FailureError, printable } from "../core/errors.ts";
import { isRunOf, type ListedRun, type ListedRuns, listedHead } from "../record/collection/open-runs.ts";
import { refuseMixed } from "../record/collection/refuse-mixed.ts";
import type { RunLine } from "../record/schema/result-lines.ts";
import { readHeads, readStored, type StoreAt } from "./read-stored.ts";
import type { SourcedRun } from "./rows.ts";

/** One results file of a store. */
export interface StoredFile {
  /** The name that it had. */
  readonly name: string;
  readonly runs: ListedRuns;
}

/**
 * Finds the runs of each results file of a store by their first lines alone, and has them read in any order: one at a time is in
 * memory. Fastest in the order of the store, since what is before a run is read again. `look` is shown each first line whole.
 */
export async function openStored(
  store: StoreAt,
  look: (head: RunLine) => void = () => {},
): Promise<readonly StoredFile[]> {
  const found = new Map<number, Found>();
  let number = 0;
  for await (const { head, source } of readHeads(store)) {
    const file = found.get(source.file_id) ?? {
      name: source.file,
      index: [],
      refuse: refuseMixed(`${store.path} (${source.file})`),
    };
    found.set(source.file_id, file);
    number++;
    file.refuse(head, number);
    look(head);
    file.index.push({ number, ...listedHead(head) });
  }
  return [...found.values()].map(({ name, index }) => ({ name, runs: runsOf(store, index) }));
}

interface Found {
  readonly name: string;
  readonly index: ListedRun[];
  readonly refuse: ReturnType<typeof refuseMixed>;
}

function runsOf(store: StoreAt, index: readonly ListedRun[]): ListedRuns {
  let runs: AsyncGenerator<SourcedRun, void, void> | null = null;
  /** Runs that were read since it was begun. */
  let passed = 0;
  const close = async () => {
    await runs?.return();
    runs = null;
    passed = 0;
  };
  return {
    index,
    async read({ number, head }) {
      if (passed >= number) await close();
      runs ??= readStored(store);
      for (;;) {
        const { done, value } = await runs.next();
        if (done === true) throw changed(store);
        if (++passed < number) continue;
        if (!isRunOf(value.read.run, head)) throw changed(store);
        return value.read;
      }
    },
    rewind: close,
    close,
  };
}

function changed({ path }: StoreAt): FailureError {
  return new FailureError(
    `results: ${printable(path)}: must stay as it is while it is read, got another content; try again`,
  );
}
