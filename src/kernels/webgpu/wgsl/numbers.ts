import type { Storage } from "../gpu/storage.ts";

/** A tensor that a shader reads number by number, such as gates of one number a token. */
export interface NumberTensor {
  /** Of the variable, and of what reads it: `number_g`. */
  readonly name: string;
  readonly binding: number;
  readonly storage: Storage;
}

/**
 * The declaration of a tensor and how it is read: `number_g(at)` is the number at that place. Nothing checks
 * the place.
 */
export function numbersText({ name, binding, storage }: NumberTensor): string {
  const halves = storage === "float16";
  return `@group(0) @binding(${binding}) var<storage, read> ${name}: array<${halves ? "u32" : "f32"}>;
fn number_${name}(at: u32) -> f32 {
  return ${halves ? `unpack2x16float(${name}[at / 2u])[at % 2u]` : `${name}[at]`};
}`;
}
