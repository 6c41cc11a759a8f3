import { printable } from "../core/errors.ts";
import { withFile } from "../files/readable-file.ts";
import { whyNoFile } from "./collect/sources.ts";
import { placesIn } from "./folder.ts";

/** Bytes of a first look, at the line of a run's plan and at the last line, which mostly are within. */
const LOOK_BYTES = { first: 2 ** 16, last: 2 ** 13 } as const;
const NEWLINE = 0x0a;

/**
 * Why the results of a shard that counts as done are not what its process left, as far as a short look at the file's ends
 * tells; null if it tells nothing. `sweep collect` reads all of it. Throws a FailureError if the file cannot be read.
 */
export function whyDamaged(folder: string, name: string): string | null {
  const path = placesIn(folder).done(name);
  const where = printable(path);
  const none = whyNoFile(path);
  if (none !== null) return none;
  return withFile(path, ({ size, read }) => {
    if (size === 0) return `${where}: is empty`;
    const last = Buffer.alloc(1);
    read(size - 1, last);
    if (last[0] !== NEWLINE) return `${where}: ends within a line`;
    const got = nameIn(firstLine(size, read));
    if (got !== name) {
      return `${where}: must begin with the run of its shard, got ${got === null ? "something else" : `that of ${printable(got, 40)}`}`;
    }
    return isResultLine(lastLine(size, read))
      ? null
      : `${where}: must end with a line of results, got something else`;
  });
}

/** Of a file that ends with a newline. */
function firstLine(size: number, read: (from: number, into: Buffer) => void): string {
  for (let bytes = Math.min(size, LOOK_BYTES.first); ; bytes = Math.min(size, 4 * bytes)) {
    const start = Buffer.alloc(bytes);
    read(0, start);
    const end = start.indexOf(NEWLINE);
    if (end >= 0) return start.toString("utf8", 0, end);
  }
}

/** Of a file that ends with a newline: without the newlines at its end. */
function lastLine(size: number, read: (from: number, into: Buffer) => void): string {
  for (let bytes = Math.min(size, LOOK_BYTES.last); ; bytes = Math.min(size, 4 * bytes)) {
    const end = Buffer.alloc(bytes);
    read(size - bytes, end);
    const text = end.toString("utf8").trimEnd();
    const begin = text.lastIndexOf("\n");
    if (begin >= 0 || bytes === size) return text.slice(begin + 1);
  }
}

/** Whether a line is one that a run ends with. */
function isResultLine(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && "type" in value && ENDING_LINES.has(value.type);
  } catch {
    return false;
  }
}

/** Types of the lines that come after that of the run. */
const ENDING_LINES: ReadonlySet<unknown> = new Set(["case", "round"]);

/** The shard that a run's line says it is of; null if it says none. */
function nameIn(line: string): string | null {
  try {
    const head: unknown = JSON.parse(line.replace(/^\ufeff/, ""));
    const shard = typeof head === "object" && head !== null && "shard" in head ? head.shard : null;
    const name = typeof shard === "object" && shard !== null && "name" in shard ? shard.name : null;
    return typeof name === "string" ? name : null;
  } catch {
    return null;
  }
}
