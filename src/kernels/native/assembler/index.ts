/** x86-64 with AVX-512, written from TypeScript: `new Assembler()`, instructions by their names, `finish()`. */
export { type Assembled, floatBits } from "./code.ts";
export { number } from "./integer.ts";
export { at, beyond, each, type Memory } from "./operands.ts";
export * from "./registers.ts";
export {
  CLASS,
  COMPARE,
  COMPARE_INTEGERS,
  type Masking,
  ROUND,
  type Source,
  VectorCode as Assembler,
} from "./vector.ts";
