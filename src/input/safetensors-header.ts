import { messageOf, printable, UsageError } from "../core/errors.ts";
import { duplicateKey, nestingDepth } from "./json-structure.ts";
import { product } from "./stored-tensor.ts";

/** One tensor of a header; `begin` and `end` are bytes from the end of the header. */
export interface TensorEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

export const METADATA_KEY = "__metadata__";

/** As deep as the format's own library reads. A tensor may carry further fields, at any depth. */
const MAX_DEPTH = 128;

/** Bits of one element of every type that the format knows. */
const DTYPE_BITS: Readonly<Record<string, number>> = {
  ...{ BOOL: 8, U8: 8, I8: 8, F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8, F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8 },
  ...{ F4: 4, F6_E2M3: 6, F6_E3M2: 6 },
  ...{ I16: 16, U16: 16, F16: 16, BF16: 16, I32: 32, U32: 32, F32: 32 },
  ...{ I64: 64, U64: 64, F64: 64, C64: 64 },
};

/** A type may be newer than this list: as long as its tensor is not asked for, it does no harm. */
const DTYPE_NAME = /^[A-Z][A-Z0-9_]{0,30}$/;

/**
 * Reads an untrusted header: the JSON object `{name: {dtype, shape, data_offsets: [begin, end]}}` with an
 * optional `__metadata__` of strings. The tensors must fill the `dataBytes` after it with neither gap nor
 * overlap (https://github.com/huggingface/safetensors, "Format"). Anything else is a UsageError that begins
 * with `where`.
 */
export function parseHeader(where: string, bytes: Uint8Array, dataBytes: number): SafetensorsHeader {
  const refuse = (rule: string): never => {
    throw new UsageError(`${where}: ${rule}; the file is damaged or not a safetensors file`);
  };
  const json = decodeUtf8(bytes) ?? refuse("header must be UTF-8");
  const header = parseObject(json, refuse);
  const tensors = new Map<string, TensorEntry>();
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA_KEY) metadata = checkMetadata(value, refuse);
    else
      tensors.set(
        name,
        checkEntry(value, (rule) => refuse(`tensor '${printable(name)}' ${rule}`)),
      );
  }
  const repeated = duplicateKey(json);
  if (repeated !== undefined) refuse(`header must name '${printable(repeated)}' once, got it twice`);
  checkLayout(tensors, dataBytes, refuse);
  return { tensors, metadata };
}

type Refuse = (rule: string) => never;

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parseObject(json: string, refuse: Refuse): object {
  if (json.trim() === "")
    return refuse(`header must be JSON, got ${json === "" ? "no bytes" : "nothing but spaces"}`);
  // JSON.parse takes seconds and gigabytes for a deeply nested one.
  const depth = nestingDepth(json);
  if (!(depth <= MAX_DEPTH)) return refuse(`header must nest at most ${MAX_DEPTH} levels, got ${depth}`);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (thrown) {
    return refuse(`header must be JSON, got something else (${messageOf(thrown)})`);
  }
  return isObject(value) ? value : refuse(`header must be a JSON object, got ${describe(value)}`);
}

function checkMetadata(value: unknown, refuse: Refuse): Record<string, string> {
  // The format's own library takes null for none, and such files are published.
  if (value === null) return {};
  if (!isObject(value)) return refuse(`${METADATA_KEY} must be an object of strings, got ${describe(value)}`);
  const pairs = Object.entries(value).map(([key, text]): [string, string] => [
    key,
    typeof text === "string"
      ? text
      : refuse(`${METADATA_KEY} '${printable(key)}' must be a string, got ${describe(text)}`),
  ]);
  return Object.fromEntries(pairs);
}

function checkEntry(value: unknown, refuse: Refuse): TensorEntry {
  if (!isObject(value)) return refuse(`must be an object, got ${describe(value)}`);
  const { dtype, shape, data_offsets: offsets }: Partial<Record<string, unknown>> = { ...value };
  if (typeof dtype !== "string" || !DTYPE_NAME.test(dtype)) {
    return refuse(`must have a dtype of ${Object.keys(DTYPE_BITS).join(", ")}, got ${describe(dtype)}`);
  }
  if (!isCounts(shape)) return refuse(`must have a shape of non-negative integers, got ${describe(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2) {
    return refuse(`must have two non-negative integers as data_offsets, got ${describe(offsets)}`);
  }
  const [begin, end] = offsets;
  if (!Object.hasOwn(DTYPE_BITS, dtype)) {
    if (begin <= end) return { dtype, shape, begin, end };
    return refuse(`must have rising data_offsets, got ${describe(offsets)}`);
  }
  const bits = product(shape) * DTYPE_BITS[dtype];
  if (!(end - begin === bits / 8)) {
    return refuse(
      `must take ${bits / 8} bytes as ${dtype} of shape ${describe(shape)}, got data_offsets ${describe(offsets)}`,
    );
  }
  return { dtype, shape, begin, end };
}

function checkLayout(tensors: ReadonlyMap<string, TensorEntry>, dataBytes: number, refuse: Refuse): void {
  const inOrder = [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let filled = 0;
  for (const [name, { begin, end }] of inOrder) {
    if (begin !== filled) {
      refuse(
        `tensor '${printable(name)}' must begin at byte ${filled} of the data, where the one before ends, got ${begin}`,
      );
    }
    if (!(end <= dataBytes)) {
      refuse(
        `tensor '${printable(name)}' must end within the file's ${dataBytes} bytes of data, got ${end}; is it cut short`,
      );
    }
    filled = end;
  }
  if (filled !== dataBytes)
    refuse(`tensors must fill the ${dataBytes} bytes after the header, got ${filled}`);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function describe(value: unknown): string {
  return value === undefined ? "nothing" : printable(JSON.stringify(value), 60);
}
