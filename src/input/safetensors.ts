import { printable, UsageError } from "../core/errors.ts";
import { type ReadableFile, withFile } from "../files/readable-file.ts";
import { LENGTH_BYTES } from "../files/safetensors-bytes.ts";
import { ELEMENT_BYTES, type ElementFormat, isElementFormat } from "./element-formats.ts";
import { toldByLooks } from "./file-kind.ts";
import { parseHeader, type SafetensorsHeader } from "./safetensors-header.ts";
import { fileContent, type StoredTensor } from "./stored-tensor.ts";
import { floatTensor, type TensorSet } from "./tensor-set.ts";

/** A safetensors file whose header has been read and checked; no tensor has been. */
export interface SafetensorsFile extends SafetensorsHeader {
  readonly path: string;
  /** Bytes from the start of the file to the first tensor. */
  readonly dataStart: number;
}

/** The longest header, in bytes; the limit of the format's own library. */
const MAX_HEADER_BYTES = 100_000_000;

/** Reads and checks the header. A malformed file is a UsageError, one that cannot be read a FailureError. */
export function openSafetensors(path: string): SafetensorsFile {
  const where = printable(path);
  return withFile(path, (file) => {
    try {
      return { path, ...readHeader(where, file) };
    } catch (thrown) {
      throw toldByLooks(where, "a safetensors file", file, thrown);
    }
  });
}

function readHeader(where: string, file: ReadableFile): Omit<SafetensorsFile, "path"> {
  if (!(file.size >= LENGTH_BYTES)) {
    throw new UsageError(
      `${where}: must hold at least ${LENGTH_BYTES} bytes, got ${file.size}; it is not a safetensors file`,
    );
  }
  const lengthBytes = new Uint8Array(LENGTH_BYTES);
  file.read(0, lengthBytes);
  const headerBytes = Number(new DataView(lengthBytes.buffer).getBigUint64(0, true));
  const most = Math.min(MAX_HEADER_BYTES, file.size - LENGTH_BYTES);
  if (!(headerBytes <= most)) {
    throw new UsageError(
      `${where}: header must be at most ${most} bytes long, got ${headerBytes}; the file is cut short or not a safetensors file`,
    );
  }
  const header = new Uint8Array(headerBytes);
  file.read(LENGTH_BYTES, header);
  const dataStart = LENGTH_BYTES + headerBytes;
  return { dataStart, ...parseHeader(where, header, file.size - dataStart) };
}

/** The tensors of a file. */
export function safetensorsSet(path: string): TensorSet {
  return setOf(openSafetensors(path));
}

/**
 * Where one tensor of floats lies, for `readTensor` and `readSlices`. Refuses a name or type that cannot be
 * read.
 */
export function findTensor(file: SafetensorsFile, name: string): StoredTensor {
  return floatTensor(setOf(file), name);
}

function setOf(file: SafetensorsFile): TensorSet {
  return {
    where: printable(file.path),
    names: [...file.tensors.keys()],
    files: [file.path],
    metadataOf: () => file.metadata,
    tensor: (name) => placeOf(file, name),
  };
}

function placeOf(file: SafetensorsFile, name: string): StoredTensor<ElementFormat> {
  const entry = file.tensors.get(name);
  const label = `${printable(file.path)}: ${printable(name)}`;
  if (entry === undefined) throw new TypeError(`${label} is not in the file`);
  const { dtype: format, shape, begin } = entry;
  if (!isElementFormat(format)) {
    throw new UsageError(
      `${label} must be one of ${Object.keys(ELEMENT_BYTES).join(", ")}, got ${format}; save it with .float()`,
    );
  }
  return { content: fileContent(file.path), label, format, shape, offset: file.dataStart + begin };
}
