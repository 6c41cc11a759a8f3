import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { FailureError, messageOf, printable, UsageError } from "../../core/errors.ts";
import { awaitedPieces } from "../../files/awaited-pieces.ts";
import { shownName } from "../../files/read-whole.ts";
import type { AnyLine, LineKind } from "../line-kind.ts";
import { isPacked } from "../packed.ts";

/** Bytes of a piece that is unpacked. */
const PIECE_BYTES = 2 ** 20;

/**
 * The content of a file of lines, unpacked if it is packed, piece by piece. Others get a turn in between, so that an
 * interrupt is heard, which ends the wait for a pipe once `signal` is aborted.
 */
export async function* unpackedPieces<Line extends AnyLine>(
  kind: LineKind<Line>,
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<Buffer, void, void> {
  // A reader that has enough does not wait for what it will not read.
  const enough = new AbortController();
  const stop = signal === undefined ? enough.signal : AbortSignal.any([signal, enough.signal]);
  const pieces = awaitedPieces(path, stop);
  try {
    const first = await pieces.next();
    if (first.done === true) return;
    const all = preceded(first.value, pieces);
    yield* isPacked(path, first.value) ? unpacked(kind, path, all, enough) : all;
  } finally {
    enough.abort();
  }
}

async function* preceded(
  first: Buffer,
  others: AsyncGenerator<Buffer, void, void>,
): AsyncGenerator<Buffer, void, void> {
  try {
    yield first;
    yield* others;
  } finally {
    await others.return();
  }
}

async function* unpacked<Line extends AnyLine>(
  kind: LineKind<Line>,
  path: string,
  pieces: AsyncIterable<Buffer>,
  enough: AbortController,
): AsyncGenerator<Buffer, void, void> {
  const unzip = createGunzip({ chunkSize: PIECE_BYTES });
  // What goes wrong on the way is thrown where the pieces are taken.
  const flow = pipeline(Readable.from(pieces, { highWaterMark: 1 }), unzip).catch(() => {});
  try {
    for await (const piece of unzip) yield piece;
  } catch (thrown) {
    if (thrown instanceof FailureError || thrown instanceof UsageError) throw thrown;
    throw new FailureError(
      `${kind.name}: ${printable(shownName(path))} must be compressed with gzip, got ${messageOf(thrown)}; ${kind.advice}`,
    );
  } finally {
    enough.abort();
    unzip.destroy();
    await flow;
  }
}
