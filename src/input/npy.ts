import { printable, UsageError } from "../core/errors.ts";
import type { ReadableFile } from "../files/readable-file.ts";
import { ELEMENT_BYTES, type ElementFormat } from "./element-formats.ts";
import { toldByLooks } from "./file-kind.ts";
import { isFloatFormat } from "./float-formats.ts";
import { parseNpyHeader } from "./npy-header.ts";
import { type Content, fileContent, product, type StoredTensor } from "./stored-tensor.ts";

const MAGIC = "\x93NUMPY";
const VERSION_AT = MAGIC.length;
const LENGTH_AT = VERSION_AT + 2;

/** The longest header read, in bytes; that of a plain array is about 120. */
const MAX_HEADER_BYTES = 1 << 16;

const FLOATS: Readonly<Record<string, ElementFormat>> = { "<f8": "F64", "<f4": "F32", "<f2": "F16" };
const WHOLES: Readonly<Record<string, ElementFormat>> = {
  ...{ "|b1": "BOOL", "|u1": "U8", "|i1": "I8", "<u2": "U16", "<i2": "I16" },
  ...{ "<u4": "U32", "<i4": "I32", "<u8": "U64", "<i8": "I64" },
};

/**
 * The single tensor of a `.npy` file, format versions 1 to 3. What cannot be read is a UsageError that says
 * how to save it.
 */
export function openNpy(path: string): StoredTensor {
  const where = printable(path);
  const tensor = readNpy(where, fileContent(path));
  const { format } = tensor;
  if (isFloatFormat(format)) return { ...tensor, format };
  const descr = Object.keys(WHOLES).find((name) => WHOLES[name] === format) ?? format;
  throw notFloats(where, descr);
}

/** The same for any content, such as a member of an archive, including booleans and integers. */
export function readNpy(where: string, content: Content): StoredTensor<ElementFormat> {
  return content((file) => {
    try {
      return { content, label: where, ...placeIn(where, file) };
    } catch (thrown) {
      throw toldByLooks(where, "a .npy file", file, thrown);
    }
  });
}

function placeIn(where: string, file: ReadableFile) {
  const { text, dataStart } = readHeader(where, file);
  const { descr, fortranOrder, shape } = parseNpyHeader(where, text);
  const format = formatOf(where, descr);
  if (fortranOrder) {
    throw new UsageError(`${where}: must be in C order, got Fortran order; save np.ascontiguousarray(a)`);
  }
  const needed = dataStart + product(shape) * ELEMENT_BYTES[format];
  if (file.size !== needed) {
    const cause =
      file.size < needed ? "it is cut short or damaged" : "it holds more than one array or is damaged";
    throw new UsageError(
      `${where}: must be ${needed} bytes long with shape [${shape.join(", ")}] of ${descr}, got ${file.size}; ${cause}`,
    );
  }
  return { format, shape, offset: dataStart };
}

function readHeader(where: string, file: ReadableFile): { text: string; dataStart: number } {
  const refuse = (rule: string): never => {
    throw new UsageError(`${where}: ${rule}; the file is cut short or not a .npy file`);
  };
  const start = new Uint8Array(LENGTH_AT + 4);
  if (!(file.size >= start.length)) refuse(`must hold at least ${start.length} bytes, got ${file.size}`);
  file.read(0, start);
  if (Buffer.from(start.subarray(0, VERSION_AT)).toString("latin1") !== MAGIC) {
    refuse("must begin with the bytes \\x93NUMPY");
  }
  const version = start[VERSION_AT];
  if (!(version >= 1 && version <= 3)) refuse(`format version must be 1, 2 or 3, got ${version}`);
  // Version 1 keeps the header's length in two bytes, the later ones in four. Version 3 is in UTF-8 and the
  // others in Latin-1, but the header of an array of plain numbers is ASCII.
  const view = new DataView(start.buffer);
  const headerStart = LENGTH_AT + (version === 1 ? 2 : 4);
  const length = version === 1 ? view.getUint16(LENGTH_AT, true) : view.getUint32(LENGTH_AT, true);
  const most = Math.min(MAX_HEADER_BYTES, file.size - headerStart);
  if (!(length <= most)) refuse(`header must be at most ${most} bytes long, got ${length}`);
  const header = Buffer.alloc(length);
  file.read(headerStart, header);
  return { text: header.toString("latin1"), dataStart: headerStart + length };
}

function formatOf(where: string, descr: string): ElementFormat {
  if (Object.hasOwn(FLOATS, descr)) return FLOATS[descr];
  if (Object.hasOwn(WHOLES, descr)) return WHOLES[descr];
  throw notFloats(where, descr);
}

function notFloats(where: string, descr: string): UsageError {
  const known = Object.keys(FLOATS).join(", ");
  return new UsageError(
    `${where}: elements must be little-endian floats (${known}), got '${printable(descr, 40)}'; save ${advice(descr)}`,
  );
}

function advice(descr: string): string {
  const little = descr.replace(/^[>=]/, "<");
  if (Object.hasOwn(FLOATS, little)) return `a.astype("${little}")`;
  if (descr.includes("O"))
    return "np.stack(list(a)).astype(np.float32), since an array of objects holds Python code";
  // NumPy has no bfloat16 and writes its two bytes as untyped bytes, which `astype` does not convert.
  if (/^[|<>=]?V2$/.test(descr)) {
    return "(a.view(np.uint16).astype(np.uint32) << 16).view(np.float32), if it was bfloat16";
  }
  if (/^[|<>=]?V\d+$/.test(descr)) return "what the bytes were before NumPy lost their type, as float32";
  return "a.astype(np.float32)";
}
