/** Files built byte by byte, so that they can lie. */

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
