import type { Storage } from "../gpu/storage.ts";
import { component, each } from "./text.ts";

/** A tensor of rows as a shader sees it: row-major, so many numbers a row. */
export interface RowTensor {
  /** Of the variable, and of what reads it: `load_q`. Not `x` or `at`, which are names in there. */
  readonly name: string;
  readonly binding: number;
  readonly width: number;
  readonly storage: Storage;
  /** Read by default; what is written is written by `store_name`. */
  readonly access?: "read" | "read_write";
}

/**
 * The declaration of a tensor and how it is read in quads of four numbers: `load_q(row, quad)` is a `vec4f` of the columns
 * `4·quad … 4·quad + 3`, with 0 beyond the last one; with `read_write`, `store_q(row, quad, x)` writes those that there are.
 * Neither checks the row. Halves have rows of whole quads.
 */
export function rowsText(tensor: RowTensor): string {
  const { name, binding, width, storage, access = "read" } = tensor;
  const whole = width % 4 === 0;
  if (storage === "float16" && !whole)
    throw new RangeError(`webgpu: halves must come in fours, got ${width} a row`);
  const type = storage === "float16" ? "vec2u" : whole ? "vec4f" : "f32";
  const texts = [
    `@group(0) @binding(${binding}) var<storage, ${access}> ${name}: array<${type}>;`,
    `fn load_${name}(row: u32, quad: u32) -> vec4f {\n${loading(tensor, whole)}\n}`,
  ];
  if (access === "read_write") {
    texts.push(`fn store_${name}(row: u32, quad: u32, x: vec4f) {\n${storing(tensor, whole)}\n}`);
  }
  return texts.join("\n");
}

function loading({ name, width, storage }: RowTensor, whole: boolean): string {
  if (!whole) {
    return `  let at = row * ${width}u + quad * 4u;
  var x = vec4f();
${each(4, (i) => `  if (quad * 4u + ${i}u < ${width}u) { x.${component(i)} = ${name}[at + ${i}u]; }`)}
  return x;`;
  }
  const quads = width / 4;
  const value = `${name}[row * ${quads}u + quad]`;
  return storage === "float16"
    ? `  if (quad >= ${quads}u) { return vec4f(); }
  let halves = ${value};
  return vec4f(unpack2x16float(halves.x), unpack2x16float(halves.y));`
    : `  if (quad >= ${quads}u) { return vec4f(); }
  return ${value};`;
}

function storing({ name, width, storage }: RowTensor, whole: boolean): string {
  if (!whole) {
    return `  let at = row * ${width}u + quad * 4u;
${each(4, (i) => `  if (quad * 4u + ${i}u < ${width}u) { ${name}[at + ${i}u] = x.${component(i)}; }`)}`;
  }
  const quads = width / 4;
  const value = storage === "float16" ? "vec2u(pack2x16float(x.xy), pack2x16float(x.zw))" : "x";
  return `  if (quad < ${quads}u) { ${name}[row * ${quads}u + quad] = ${value}; }`;
}
