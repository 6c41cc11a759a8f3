/** Files built byte by byte, so that they can lie. */

import { crc32, deflateRawSync } from "node:zlib";

/** A safetensors file of this header (a string is taken as it is) and data; `claimed` is the header length it tells. */
export function rawSafetensors(header: unknown, data: Uint8Array | number = 0, claimed?: bigint): Uint8Array {
  const json = header instanceof Uint8Array ? header : Buffer.from(textOf(header), "utf8");
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(claimed ?? BigInt(json.length));
  return Buffer.concat([length, json, typeof data === "number" ? Buffer.alloc(data) : data]);
}

/** A `.npy` file of this header text and data. */
export function rawNpy(header: string, data: Uint8Array, version = 1): Uint8Array {
  const text = Buffer.from(header, version === 3 ? "utf8" : "latin1");
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(text.length);
  else length.writeUInt32LE(text.length);
  return Buffer.concat([Buffer.from("\x93NUMPY", "latin1"), Buffer.from([version, 0]), length, text, data]);
}

/** The header that NumPy writes. */
export function npyHeader(descr: string, shape: readonly number[], fortranOrder = "False"): string {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  return `{'descr': '${descr}', 'fortran_order': ${fortranOrder}, 'shape': (${tuple}), }\n`;
}

/** Little-endian float32. */
export function floatBytes(values: Iterable<number>): Uint8Array {
  const list = [...values];
  const bytes = Buffer.alloc(list.length * 4);
  for (const [index, value] of list.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes;
}

function textOf(header: unknown): string {
  return typeof header === "string" ? header : JSON.stringify(header);
}

/** Truth values, a byte each. */
export function truthBytes(values: Iterable<boolean>): Uint8Array {
  return Uint8Array.from(values, Number);
}

/** A file of an archive; `method` 0 is stored, 8 deflated. What is told of it may be a lie. */
export interface RawMember {
  readonly name: string;
  readonly data: Uint8Array;
  readonly method?: number;
  readonly flags?: number;
  readonly told?: {
    readonly size?: number;
    readonly packed?: number;
    readonly at?: number;
    readonly crc?: number;
  };
}

/** A zip archive of these files. */
export function rawZip(members: readonly RawMember[], count = members.length): Uint8Array {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const { name, data, method = 0, flags = 0, told = {} } of members) {
    const packed = method === 8 ? deflateRawSync(data) : Buffer.from(data);
    const title = Buffer.from(name, "utf8");
    const field = Buffer.alloc(26);
    field.writeUInt16LE(20, 0);
    field.writeUInt16LE(flags, 2);
    field.writeUInt16LE(method, 4);
    field.writeUInt32LE(told.crc ?? crc32(data), 10);
    field.writeUInt32LE(told.packed ?? packed.length, 14);
    field.writeUInt32LE(told.size ?? data.length, 18);
    field.writeUInt16LE(title.length, 22);
    const offset = Buffer.alloc(4);
    offset.writeUInt32LE(told.at ?? at);
    const head = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), field, title]);
    central.push(
      Buffer.from("PK\x01\x02\x14\0", "latin1"),
      field.subarray(0, 26),
      Buffer.alloc(10),
      offset,
      title,
    );
    local.push(head, packed);
    at += head.length + packed.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...local, directory, end]);
}
