import { printable, UsageError } from "../core/errors.ts";
import { type ReadableFile, withFile } from "../files/readable-file.ts";
import type { Content } from "./stored-tensor.ts";
import { type Entry, memberContent } from "./zip-member.ts";

/** A file of an archive, stored or deflated. */
export interface ZipMember {
  readonly name: string;
  /** Unpacked when it is read beyond its beginning, each time anew, so that nothing is held twice. */
  readonly content: Content;
}

/** Bytes of the end record, and of the comment that may follow it. */
const END_BYTES = 22;
const MOST_COMMENT = 0xffff;
const MOST_MEMBERS = 10_000;
const MOST_DIRECTORY_BYTES = 1 << 24;

const MISSING64 = 0xffffffff;

/**
 * The files of an untrusted zip archive, by its central directory (APPNOTE.TXT 6.3.10). Nothing is unpacked
 * yet and no name is used as a path. Archives that lie about sizes or places are a UsageError.
 */
export function openZip(path: string): readonly ZipMember[] {
  const where = printable(path);
  return withFile(path, (file) => {
    const refuse: Refuse = (rule) => {
      throw new UsageError(`${where}: ${rule}; the file is damaged or not a zip archive`);
    };
    const entries = readDirectory(file, refuse);
    refuseOverlaps(entries, refuse);
    return entries.map((entry) => ({ name: entry.name, content: memberContent(path, entry) }));
  });
}

type Refuse = (rule: string) => never;

function readDirectory(file: ReadableFile, refuse: Refuse): readonly Entry[] {
  const { count, bytes, at } = findDirectory(file, refuse);
  if (!(count <= MOST_MEMBERS)) refuse(`must hold at most ${MOST_MEMBERS} files, got ${count}`);
  if (!(bytes <= MOST_DIRECTORY_BYTES && at + bytes <= file.size)) {
    refuse(`directory must lie within its ${file.size} bytes, got ${bytes} bytes at ${at}`);
  }
  const directory = Buffer.alloc(bytes);
  file.read(at, directory);
  const entries: Entry[] = [];
  const names = new Set<string>();
  let next = 0;
  for (let index = 0; index < count; index++) {
    if (!(next + 46 <= bytes && directory.readUInt32LE(next) === 0x02014b50)) {
      refuse(`directory must hold ${count} files, got ${index}`);
    }
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) =>
      directory.readUInt16LE(next + field),
    );
    const end = next + 46 + nameBytes + extraBytes + commentBytes;
    if (!(end <= bytes)) refuse(`directory must hold ${count} files, got ${index}`);
    const name = directory.toString("utf8", next + 46, next + 46 + nameBytes);
    const extra = directory.subarray(next + 46 + nameBytes, next + 46 + nameBytes + extraBytes);
    const flags = directory.readUInt16LE(next + 8);
    if ((flags & 1) !== 0) refuse(`'${printable(name, 60)}' must not be encrypted`);
    const [packed, size, offset] = [20, 24, 42].map((field) => directory.readUInt32LE(next + field));
    const wide = sizes64(extra, { size, packed, at: offset });
    if (wide === null) return refuse(`'${printable(name, 60)}' must say its size`);
    const method = directory.readUInt16LE(next + 10);
    entries.push({ name, method, crc: directory.readUInt32LE(next + 16), ...wide });
    if (names.has(name)) refuse(`must hold '${printable(name, 60)}' once, got it twice`);
    names.add(name);
    next = end;
  }
  return entries;
}

/** Where the central directory is: the end record says so, or its 64-bit form if the numbers do not fit. */
function findDirectory(file: ReadableFile, refuse: Refuse): { count: number; bytes: number; at: number } {
  const tail = Buffer.alloc(Math.min(file.size, END_BYTES + MOST_COMMENT));
  const tailAt = file.size - tail.length;
  file.read(tailAt, tail);
  let end = tail.length - END_BYTES;
  while (
    end >= 0 &&
    !(tail.readUInt32LE(end) === 0x06054b50 && end + END_BYTES + tail.readUInt16LE(end + 20) === tail.length)
  )
    end--;
  if (end < 0) return refuse("must end with a directory of its files");
  const narrow = {
    count: tail.readUInt16LE(end + 10),
    bytes: tail.readUInt32LE(end + 12),
    at: tail.readUInt32LE(end + 16),
  };
  const locator = end - 20;
  const isWide = locator >= 0 && tail.readUInt32LE(locator) === 0x07064b50;
  if (!isWide) return narrow;
  const wideAt = Number(tail.readBigUInt64LE(locator + 8));
  if (!(wideAt + 56 <= file.size))
    return refuse(`directory must lie within its ${file.size} bytes, got ${wideAt}`);
  const wide = Buffer.alloc(56);
  file.read(wideAt, wide);
  if (wide.readUInt32LE(0) !== 0x06064b50) return refuse("must end with a directory of its files");
  const [count, bytes, at] = [32, 40, 48].map((field) => Number(wide.readBigUInt64LE(field)));
  return { count, bytes, at };
}

/**
 * Sizes and position; those that need 64 bits are in the extra field, in this order; null if one is missing.
 */
function sizes64(extra: Buffer, narrow: { size: number; packed: number; at: number }) {
  const wide = { ...narrow };
  let values: Buffer = Buffer.alloc(0);
  for (let at = 0; at + 4 <= extra.length; ) {
    const bytes = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === 1) values = extra.subarray(at + 4, at + 4 + bytes);
    at += 4 + bytes;
  }
  let next = 0;
  for (const name of ["size", "packed", "at"] as const) {
    if (narrow[name] !== MISSING64) continue;
    if (!(next + 8 <= values.length)) return null;
    wide[name] = Number(values.readBigUInt64LE(next));
    next += 8;
  }
  return wide;
}

/** Files that share bytes unpack to far more than there is. */
function refuseOverlaps(entries: readonly Entry[], refuse: Refuse): void {
  let end = 0;
  for (const { name, at, packed } of [...entries].sort((a, b) => a.at - b.at)) {
    if (!(at >= end)) refuse(`'${printable(name, 60)}' must not overlap another file`);
    end = at + 30 + packed;
  }
}
