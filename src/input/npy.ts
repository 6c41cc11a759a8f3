import { printable, UsageError } from "../core/errors.ts";
import { type ReadableFile, withFile } from "../files/readable-file.ts";
import { type FloatFormat, FORMAT_BYTES } from "./float-formats.ts";
import { parseNpyHeader } from "./npy-header.ts";
import { product, type StoredTensor } from "./stored-tensor.ts";

const MAGIC = "\x93NUMPY";
const VERSION_AT = MAGIC.length;
const LENGTH_AT = VERSION_AT + 2;

/** The longest header read, in bytes; that of a plain array is about 120. */
const MAX_HEADER_BYTES = 1 << 16;

const FORMATS: Readonly<Record<string, FloatFormat>> = { "<f8": "F64", "<f4": "F32", "<f2": "F16" };

/** The one tensor of a `.npy` file, format versions 1 to 3. What cannot be read is a UsageError that says how to save it. */
export function openNpy(path: string): StoredTensor {
  const where = printable(path);
  return withFile(path, (file) => {
    const { text, dataStart } = readHeader(where, file);
    const { descr, fortranOrder, shape } = parseNpyHeader(where, text);
    const format = formatOf(where, descr);
    if (fortranOrder) {
      throw new UsageError(`${where}: must be in C order, got Fortran order; save np.ascontiguousarray(a)`);
    }
    const needed = dataStart + product(shape) * FORMAT_BYTES[format];
    if (file.size !== needed) {
      const cause =
        file.size < needed ? "it is cut short or damaged" : "it holds more than one array or is damaged";
      throw new UsageError(
        `${where}: must be ${needed} bytes long with shape [${shape.join(", ")}] of ${descr}, got ${file.size}; ${cause}`,
      );
    }
    return { path, label: where, format, shape, offset: dataStart };
  });
}

function readHeader(where: string, file: ReadableFile): { text: string; dataStart: number } {
  const refuse = (rule: string): never => {
    throw new UsageError(`${where}: ${rule}; the file is cut short or no .npy file`);
  };
  const start = new Uint8Array(LENGTH_AT + 4);
  if (!(file.size >= start.length)) refuse(`must hold at least ${start.length} bytes, got ${file.size}`);
  file.read(0, start);
  if (Buffer.from(start.subarray(0, VERSION_AT)).toString("latin1") !== MAGIC) {
    refuse("must begin with the bytes \\x93NUMPY");
  }
  const version = start[VERSION_AT];
  if (!(version >= 1 && version <= 3)) refuse(`format version must be 1, 2 or 3, got ${version}`);
  // Version 1 keeps the header's length in two bytes, the later ones in four. Version 3 is in UTF-8 and the others in
  // Latin-1, but the header of an array of plain numbers is ASCII.
  const view = new DataView(start.buffer);
  const headerStart = LENGTH_AT + (version === 1 ? 2 : 4);
  const length = version === 1 ? view.getUint16(LENGTH_AT, true) : view.getUint32(LENGTH_AT, true);
  const most = Math.min(MAX_HEADER_BYTES, file.size - headerStart);
  if (!(length <= most)) refuse(`header must be at most ${most} bytes long, got ${length}`);
  const header = Buffer.alloc(length);
  file.read(headerStart, header);
  return { text: header.toString("latin1"), dataStart: headerStart + length };
}

function formatOf(where: string, descr: string): FloatFormat {
  if (Object.hasOwn(FORMATS, descr)) return FORMATS[descr];
  const known = Object.keys(FORMATS).join(", ");
  throw new UsageError(
    `${where}: elements must be little-endian floats (${known}), got '${printable(descr, 40)}'; save ${advice(descr)}`,
  );
}

function advice(descr: string): string {
  if (Object.hasOwn(FORMATS, descr.replace(/^[>=]/, "<")))
    return `a.astype("${descr.replace(/^[>=]/, "<")}")`;
  if (descr.includes("O"))
    return "np.stack(list(a)).astype(np.float32), since an array of objects holds Python code";
  return "a.astype(np.float32)";
}
