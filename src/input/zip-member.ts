import { constants, crc32, inflateRawSync } from "node:zlib";
import { FailureError, messageOf, printable, UsageError } from "../core/errors.ts";
import { type ReadableFile, withFile } from "../files/readable-file.ts";
import type { Content } from "./stored-tensor.ts";

/** What a deflated member may unpack to, since it is held in memory. */
const MOST_UNPACKED_BYTES = 2 ** 31;
/** The ratio that deflate cannot exceed: a block of 258 bytes takes two bits. */
const MOST_RATIO = 1032;

/** Packed bytes that are unpacked for the beginning of a member. */
const HEAD_PACKED_BYTES = 1 << 13;
/**
 * A read before here asks what the member is; anything later waits until the checksum of the whole is
 * verified.
 */
const HEAD_BEGINS_BEFORE = 16;
const CHUNK_BYTES = 1 << 20;

/** A member as described by the directory of its archive. */
export interface Entry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  /** Of its local header. */
  readonly at: number;
}

/**
 * The bytes of the member of an archive, unpacked. A UsageError if they are not what the archive says, by
 * size or by checksum.
 */
export function memberContent(path: string, entry: Entry): Content {
  const label = `${printable(path)}: ${printable(entry.name, 100)}`;
  const { method, packed, size } = entry;
  if (method !== 0 && method !== 8) {
    return () => {
      throw new UsageError(
        `${label} must be stored or deflated, got method ${method}; save it with np.savez`,
      );
    };
  }
  // Once is enough for all openings: a file that changes meanwhile is noticed elsewhere.
  const state: Checked = { checked: false };
  return (use) =>
    withFile(path, (file) => {
      const start = dataStart(file, label, entry);
      if (method === 0) {
        if (size !== packed) throw damaged(label, `must take ${size} bytes, got ${packed}`);
        return use(stored(file, label, entry, start, state));
      }
      return use(deflated(file, label, entry, start, state));
    });
}

/** Whether a member was found to have the checksum given in the archive. */
interface Checked {
  checked: boolean;
}

function stored(
  file: ReadableFile,
  label: string,
  { size, crc }: Entry,
  start: number,
  state: Checked,
): ReadableFile {
  return {
    size,
    read(position, bytes) {
      if (!(position + bytes.length <= size))
        throw new FailureError(`${label}: ended at byte ${size} while it was read`);
      if (!state.checked && position >= HEAD_BEGINS_BEFORE) {
        if (checkSum(file, start, size) !== crc) throw otherSum(label);
        state.checked = true;
      }
      file.read(start + position, bytes);
    },
  };
}

function checkSum(file: ReadableFile, start: number, size: number): number {
  const chunk = Buffer.alloc(Math.min(size, CHUNK_BYTES));
  let sum = 0;
  for (let done = 0; done < size; done += chunk.length) {
    const part = chunk.subarray(0, Math.min(chunk.length, size - done));
    file.read(start + done, part);
    sum = crc32(part, sum);
  }
  return sum;
}

function otherSum(label: string): UsageError {
  return damaged(label, "must have the checksum given in the archive, got a different one");
}

/** Where a member's bytes begin: its local header may have other fields than the directory. */
function dataStart(file: ReadableFile, label: string, { at, packed }: Entry): number {
  const header = Buffer.alloc(30);
  if (!(at + 30 <= file.size))
    throw damaged(label, `must begin within the ${file.size} bytes of the archive, got ${at}`);
  file.read(at, header);
  if (header.readUInt32LE(0) !== 0x04034b50) throw damaged(label, "must have a header of its own");
  const start = at + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (!(start + packed <= file.size))
    throw damaged(label, `must end within the ${file.size} bytes of the archive, got ${start + packed}`);
  return start;
}

function deflated(
  file: ReadableFile,
  label: string,
  entry: Entry,
  start: number,
  state: Checked,
): ReadableFile {
  const { packed, size, crc } = entry;
  if (!(size <= MOST_RATIO * packed + 1024))
    throw damaged(label, `cannot unpack to ${size} bytes, got ${packed}`);
  if (!(size <= MOST_UNPACKED_BYTES)) {
    throw new UsageError(
      `${label} must unpack to at most ${MOST_UNPACKED_BYTES} bytes, got ${size}; save it with np.savez, which does not compress`,
    );
  }
  const inflate = (bytes: number, finishFlush: number, most: number): Buffer => {
    const source = Buffer.alloc(bytes);
    file.read(start, source);
    try {
      return inflateRawSync(source, { finishFlush, maxOutputLength: Math.max(1, most) });
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      if (code === "ERR_BUFFER_TOO_LARGE") throw damaged(label, `must unpack to ${size} bytes, got more`);
      throw damaged(label, `cannot be unpacked, ${messageOf(thrown)}`);
    }
  };
  let head: Buffer | undefined;
  let all: Buffer | undefined;
  const unpacked = (): Buffer => {
    if (all !== undefined) return all;
    const got = inflate(packed, constants.Z_FINISH, size);
    if (got.length !== size) throw damaged(label, `must unpack to ${size} bytes, got ${got.length}`);
    if (crc32(got) !== crc) throw otherSum(label);
    state.checked = true;
    all = got;
    return got;
  };
  return {
    size,
    read(position, bytes) {
      const end = position + bytes.length;
      if (!(end <= size)) throw new FailureError(`${label}: ended at byte ${size} while it was read`);
      const headWillDo = state.checked || position < HEAD_BEGINS_BEFORE;
      if (packed > HEAD_PACKED_BYTES && all === undefined && headWillDo) {
        head ??= inflate(HEAD_PACKED_BYTES, constants.Z_SYNC_FLUSH, MOST_RATIO * HEAD_PACKED_BYTES + 1024);
      }
      const from = head !== undefined && headWillDo && end <= head.length ? head : unpacked();
      bytes.set(from.subarray(position, end));
    },
  };
}

function damaged(label: string, rule: string): UsageError {
  return new UsageError(`${label} ${rule}; the archive is damaged`);
}
