import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { FailureError, messageOf, printable } from "../core/errors.ts";
import { openedAs, piecesOf, STANDARD_INPUT_NAME } from "./read-pieces.ts";
import { look } from "./readable-file.ts";

/**
 * What `piecesOf` reads, with a turn of the event loop between any two pieces. A pipe, also standard input, is waited for
 * without holding up this process, so that an interrupt is heard before a writer comes. Throws a FailureError once `signal` is
 * aborted while it waits.
 */
export async function* awaitedPieces(path: string, signal: AbortSignal): AsyncGenerator<Buffer, void, void> {
  const pipe = openPipe(path);
  if (pipe !== null) {
    yield* received(path, pipe, signal);
    return;
  }
  for (const piece of piecesOf(path)) {
    yield piece;
    await setImmediate();
  }
}

/** The descriptor of a pipe or socket, opened without waiting for its writer; null if the path is of something else. */
function openPipe(path: string): number | null {
  const inherited = openedAs(path);
  try {
    if (inherited !== null) return isPipe(inherited) ? inherited : null;
    if (!look(path).isFIFO()) return null;
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (isPipe(descriptor)) return descriptor;
    // It was replaced meanwhile.
    closeSync(descriptor);
    return null;
  } catch (thrown) {
    throw inherited === null ? unreadable(path, thrown) : unreadable(STANDARD_INPUT_NAME, thrown);
  }
}

function isPipe(descriptor: number): boolean {
  const stats = fstatSync(descriptor);
  return stats.isFIFO() || stats.isSocket();
}

/** All that comes through a pipe. The system says its end only after a writer was there. */
async function* received(
  path: string,
  descriptor: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, void> {
  const socket = new Socket({ fd: descriptor, readable: true, writable: false });
  const stop = () => socket.destroy();
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  try {
    yield* socket as AsyncIterable<Buffer>;
  } catch (thrown) {
    if (signal.aborted) throw new FailureError(`${printable(path)}: interrupted while it was read`);
    throw unreadable(path, thrown);
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}

function unreadable(path: string, thrown: unknown): Error {
  if (!(thrown instanceof Error && "code" in thrown)) return thrown as Error;
  return new FailureError(`${printable(path)}: cannot be read, ${messageOf(thrown)}`);
}
