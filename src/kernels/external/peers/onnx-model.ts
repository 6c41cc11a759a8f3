/** A tensor that a model takes or gives. */
export interface OnnxValue {
  readonly name: string;
  readonly type: "float32" | "int32";
  readonly shape: readonly number[];
}

/** A model of a single operator of Microsoft's domain. */
export interface OnnxModel {
  readonly operator: string;
  /** Whole numbers by name. */
  readonly ints: Readonly<Record<string, number>>;
  /** Numbers that are stored as float32, by name. */
  readonly floats: Readonly<Record<string, number>>;
  /** Null where the operator may have an input that the model leaves out. */
  readonly inputs: readonly (OnnxValue | null)[];
  readonly outputs: readonly OnnxValue[];
}

/** Versions of the file format, of the operators of ONNX and of those of its domain, which models say they need. */
const IR_VERSION = 8;
const OPSETS = [
  ["", 17],
  ["com.microsoft", 1],
] as const;

/** What ONNX's enumerations call them. */
const ELEMENT_TYPE = { float32: 1, int32: 6 } as const;
const ATTRIBUTE_TYPE = { float: 1, int: 2 } as const;

/** The bytes of a model as ONNX files have them: protocol buffers, by the field numbers of onnx.proto. */
export function onnxBytes({ operator, ints, floats, inputs, outputs }: OnnxModel): Uint8Array {
  const node = [
    ...inputs.map((input) => text(1, input?.name ?? "")),
    ...outputs.map(({ name }) => text(2, name)),
    text(4, operator),
    ...Object.entries(ints).map(([name, value]) =>
      message(5, [text(1, name), whole(3, value), whole(20, ATTRIBUTE_TYPE.int)]),
    ),
    ...Object.entries(floats).map(([name, value]) =>
      message(5, [text(1, name), float(2, value), whole(20, ATTRIBUTE_TYPE.float)]),
    ),
    text(7, OPSETS[1][0]),
  ];
  const graph = [
    message(1, node),
    text(2, operator),
    ...inputs.filter((input) => input !== null).map((input) => message(11, valueInfo(input))),
    ...outputs.map((output) => message(12, valueInfo(output))),
  ];
  return joined([
    whole(1, IR_VERSION),
    text(2, "attnbench"),
    message(7, graph),
    ...OPSETS.map(([domain, version]) => message(8, [text(1, domain), whole(2, version)])),
  ]);
}

function valueInfo({ name, type, shape }: OnnxValue): Uint8Array[] {
  const dimensions = shape.map((size) => message(1, [whole(1, size)]));
  const tensor = [whole(1, ELEMENT_TYPE[type]), message(2, dimensions)];
  return [text(1, name), message(2, [message(1, tensor)])];
}

/** How the number of a field is followed by its value. */
const WIRE = { varint: 0, bytes: 2, fixed32: 5 } as const;

/** Seven bits a byte, the lowest first; all but the last have the highest bit set. Of whole numbers from 0 to 2^53 - 1. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

function key(field: number, wire: number): number[] {
  return varint(field * 8 + wire);
}

function whole(field: number, value: number): Uint8Array {
  return Uint8Array.from([...key(field, WIRE.varint), ...varint(value)]);
}

function float(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return Uint8Array.from([...key(field, WIRE.fixed32), ...bytes]);
}

function text(field: number, value: string): Uint8Array {
  return message(field, [new TextEncoder().encode(value)]);
}

function message(field: number, parts: readonly Uint8Array[]): Uint8Array {
  const content = joined(parts);
  return joined([Uint8Array.from([...key(field, WIRE.bytes), ...varint(content.length)]), content]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
