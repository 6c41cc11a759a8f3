import { existsSync } from "node:fs";
import { FailureError, printable, UsageError } from "../../core/errors.ts";
import { makeFolder } from "../../files/make-folder.ts";

/**
 * The file of blocks that is written: the one typed, or one in `results` that is named by what it holds and
 * when it began.
 */
export function blocksPath(typed: string | undefined, kind: string, started: Date): string {
  if (typed !== undefined && !/[^/\\]\.jsonl$/.test(typed)) {
    throw new UsageError(
      `--out: must be a file ending in .jsonl, got '${printable(typed)}'; name one such as ${kind}.jsonl`,
    );
  }
  const stamp = started.toISOString().replace(/[:.]/g, "").slice(0, 20);
  const path = typed ?? `results/${kind}-${stamp}.jsonl`;
  if (typed === undefined) makeFolder("results");
  if (existsSync(path)) {
    throw new FailureError(
      `blocks: ${printable(path)} already exists; continue it with --resume, or name another with --out`,
    );
  }
  return path;
}
