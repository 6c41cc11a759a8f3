import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setImmediate } from "node:timers/promises";
import { createGunzip } from "node:zlib";
import { FailureError, messageOf, printable, UsageError } from "../../core/errors.ts";
import { piecesOf } from "../../files/read-pieces.ts";
import { shownName } from "../../files/read-whole.ts";
import type { AnyLine, LineKind } from "../line-kind.ts";
import { isPacked } from "../packed.ts";

/** Bytes of a piece that is unpacked. */
const PIECE_BYTES = 2 ** 20;

/**
 * The content of a file of lines, unpacked if it is packed, piece by piece. Others get a turn in between, so that an
 * interrupt is heard.
 */
export async function* unpackedPieces<Line extends AnyLine>(
  kind: LineKind<Line>,
  path: string,
): AsyncGenerator<Buffer, void, void> {
  const pieces = piecesOf(path);
  const first = pieces.next();
  if (first.done === true) return;
  const all = preceded(first.value, pieces);
  if (isPacked(path, first.value)) {
    yield* unpacked(kind, path, all);
    return;
  }
  for (const piece of all) {
    yield piece;
    await setImmediate();
  }
}

function* preceded(first: Buffer, others: Generator<Buffer, void, void>): Generator<Buffer, void, void> {
  try {
    yield first;
    yield* others;
  } finally {
    others.return();
  }
}

async function* unpacked<Line extends AnyLine>(
  kind: LineKind<Line>,
  path: string,
  pieces: Iterable<Buffer>,
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
    unzip.destroy();
    await flow;
  }
}
