import { withFile } from "../../files/readable-file.ts";
import { APPLICATION_ID } from "../tables.ts";

/** How every SQLite database begins. */
const MAGIC = "SQLite format 3\0";
/** Where the header of a database has its application's id, a big-endian integer. */
const APPLICATION_ID_AT = 68;
const HEADER_BYTES = 100;

/** Whether a regular file is an SQLite database that `attnbench export` wrote. */
export function isOurDatabase(path: string): boolean {
  return withFile(path, ({ size, read }) => {
    if (size < HEADER_BYTES) return false;
    const header = Buffer.alloc(HEADER_BYTES);
    read(0, header);
    return beginsAsDatabase(header) && header.readUInt32BE(APPLICATION_ID_AT) === APPLICATION_ID;
  });
}

/** Whether a file that begins so is an SQLite database. */
export function beginsAsDatabase(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, MAGIC.length)).toString("latin1") === MAGIC;
}
