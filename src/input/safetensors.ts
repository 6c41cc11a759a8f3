import { printable, UsageError } from "../core/errors.ts";
import { withFile } from "../files/readable-file.ts";
import { FORMAT_BYTES, isFloatFormat } from "./float-formats.ts";
import { parseHeader, type SafetensorsHeader } from "./safetensors-header.ts";
import type { StoredTensor } from "./stored-tensor.ts";

/** A safetensors file whose header has been read and checked; no tensor has been. */
export interface SafetensorsFile extends SafetensorsHeader {
  readonly path: string;
  /** Bytes from the start of the file to the first tensor. */
  readonly dataStart: number;
}

/** Bytes of the header's length, an unsigned little-endian integer. */
export const LENGTH_BYTES = 8;

/** The longest header, in bytes; the limit of the format's own library. */
const MAX_HEADER_BYTES = 100_000_000;

/** Reads and checks the header. A file that is not what it says is a UsageError, one that cannot be read a FailureError. */
export function openSafetensors(path: string): SafetensorsFile {
  const where = printable(path);
  return withFile(path, (file) => {
    if (!(file.size >= LENGTH_BYTES)) {
      throw new UsageError(
        `${where}: must hold at least ${LENGTH_BYTES} bytes, got ${file.size}; it is no safetensors file`,
      );
    }
    const lengthBytes = new Uint8Array(LENGTH_BYTES);
    file.read(0, lengthBytes);
    const headerBytes = Number(new DataView(lengthBytes.buffer).getBigUint64(0, true));
    const most = Math.min(MAX_HEADER_BYTES, file.size - LENGTH_BYTES);
    if (!(headerBytes <= most)) {
      throw new UsageError(
        `${where}: header must be at most ${most} bytes long, got ${headerBytes}; the file is cut short or no safetensors file`,
      );
    }
    const header = new Uint8Array(headerBytes);
    file.read(LENGTH_BYTES, header);
    const dataStart = LENGTH_BYTES + headerBytes;
    return { path, dataStart, ...parseHeader(where, header, file.size - dataStart) };
  });
}

/** The place of one tensor, to be read by `readTensor` or `readSlices`. Refuses a name or type that cannot be read. */
export function findTensor(file: SafetensorsFile, name: string): StoredTensor {
  const where = printable(file.path);
  const entry = file.tensors.get(name);
  if (entry === undefined) {
    const held = printable([...file.tensors.keys()].join(", ")) || "none";
    throw new UsageError(`${where}: must hold a tensor '${printable(name)}', got ${held}`);
  }
  const label = `${where}: ${printable(name)}`;
  if (!isFloatFormat(entry.dtype)) {
    throw new UsageError(
      `${label} must be one of ${Object.keys(FORMAT_BYTES).join(", ")}, got ${entry.dtype}; save it with .float()`,
    );
  }
  const { dtype: format, shape, begin } = entry;
  return { path: file.path, label, format, shape, offset: file.dataStart + begin };
}
