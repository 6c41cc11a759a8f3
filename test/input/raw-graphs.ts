import { floatBytes, rawSafetensors } from "./raw-files.ts";

/** A tensor of integers as safetensors has it. */
export interface RawIntegers {
  readonly dtype: "I32" | "I64" | "U8" | "U16" | "U32" | "U64" | "F32" | "BOOL";
  readonly shape?: readonly number[];
  readonly values: readonly number[];
}

/** A safetensors file of q, k and v `[1, 1, tokens, width]`, all different numbers, and of these tensors. */
export function rawGraph(
  tokens: number,
  others: Readonly<Record<string, RawIntegers>>,
  width = 2,
): Uint8Array {
  const count = tokens * width;
  const numbers = Array.from({ length: 3 * count }, (_, at) => Math.sin(at + 1));
  const header: Record<string, unknown> = {};
  const data: Uint8Array[] = [floatBytes(numbers)];
  for (const [at, name] of ["q", "k", "v"].entries()) {
    const begin = 4 * count * at;
    header[name] = { dtype: "F32", shape: [1, 1, tokens, width], data_offsets: [begin, begin + 4 * count] };
  }
  let end = 12 * count;
  for (const [name, { dtype, values, shape = [values.length] }] of Object.entries(others)) {
    const bytes = bytesOf(dtype, values);
    header[name] = { dtype, shape, data_offsets: [end, end + bytes.length] };
    data.push(bytes);
    end += bytes.length;
  }
  return rawSafetensors(header, Buffer.concat(data));
}

function bytesOf(dtype: RawIntegers["dtype"], values: readonly number[]): Uint8Array {
  const whole = { U8: 1, BOOL: 1, U16: 2, I32: 4, U32: 4, I64: 8, U64: 8 } as const;
  if (dtype === "F32") return floatBytes(values);
  const width = whole[dtype];
  const bytes = Buffer.alloc(values.length * width);
  // Two's complement: the bytes of a negative number are those of one that is 2^64 larger.
  for (const [index, value] of values.entries()) {
    const low = BigInt.asUintN(8 * width, BigInt(value));
    for (let byte = 0; byte < width; byte++) {
      bytes[index * width + byte] = Number((low >> BigInt(8 * byte)) & 255n);
    }
  }
  return bytes;
}
