import { type FloatFormat, FORMAT_BYTES, isFloatFormat } from "./float-formats.ts";

/** Booleans and integers, as used in masks, named as in safetensors. All are little-endian in the file. */
const WHOLE_BYTES = { BOOL: 1, U8: 1, I8: 1, U16: 2, I16: 2, U32: 4, I32: 4, U64: 8, I64: 8 } as const;
export type WholeFormat = keyof typeof WHOLE_BYTES;

/** The types of tensor elements that can be read. */
export type ElementFormat = FloatFormat | WholeFormat;

/** Bytes of one element. */
export const ELEMENT_BYTES: Readonly<Record<ElementFormat, number>> = { ...FORMAT_BYTES, ...WHOLE_BYTES };

export function isElementFormat(name: string): name is ElementFormat {
  return isFloatFormat(name) || Object.hasOwn(WHOLE_BYTES, name);
}

/** Element `index` of integers; beyond 2^53 it is rounded. */
export function wholeAt(format: WholeFormat, bytes: DataView, index: number): number {
  switch (format) {
    case "BOOL":
    case "U8":
      return bytes.getUint8(index);
    case "I8":
      return bytes.getInt8(index);
    case "U16":
      return bytes.getUint16(index * 2, true);
    case "I16":
      return bytes.getInt16(index * 2, true);
    case "U32":
      return bytes.getUint32(index * 4, true);
    case "I32":
      return bytes.getInt32(index * 4, true);
    case "U64":
      return Number(bytes.getBigUint64(index * 8, true));
    case "I64":
      return Number(bytes.getBigInt64(index * 8, true));
    default:
      return format satisfies never;
  }
}
