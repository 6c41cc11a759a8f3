declare const file: unique symbol;

/** A 64-bit general register. */
export type Gpr = number & { readonly [file]: "general" };
/** A vector register of 16 float32. */
export type Zmm = number & { readonly [file]: "vector" };
/** An opmask register: a bit for each of 16 lanes. */
export type Mask = number & { readonly [file]: "mask" };

const general = (number: number): Gpr => number as Gpr;

export const rax = general(0);
export const rcx = general(1);
export const rdx = general(2);
export const rbx = general(3);
export const rsp = general(4);
export const rbp = general(5);
export const rsi = general(6);
export const rdi = general(7);
export const r8 = general(8);
export const r9 = general(9);
export const r10 = general(10);
export const r11 = general(11);
export const r12 = general(12);
export const r13 = general(13);
export const r14 = general(14);
export const r15 = general(15);

const LEGACY = ["ax", "cx", "dx", "bx", "sp", "bp", "si", "di"];

export const name64 = (register: Gpr): string => (register < 8 ? `r${LEGACY[register]}` : `r${register}`);
export const name32 = (register: Gpr): string => (register < 8 ? `e${LEGACY[register]}` : `r${register}d`);

/** Vector registers of a machine. */
const VECTORS = 32;

/** Vector register `number`, 0 to 31. Throws a RangeError beyond, so that a plan that needs too many is no silent error. */
export function zmm(number: number): Zmm {
  if (!(Number.isInteger(number) && number >= 0 && number < VECTORS)) {
    throw new RangeError(`a vector register must be 0 to ${VECTORS - 1}, got ${number}`);
  }
  return number as Zmm;
}

/** Opmask register `number`, 1 to 7: k0 as a mask means none. */
export function mask(number: number): Mask {
  if (!(Number.isInteger(number) && number > 0 && number < 8)) {
    throw new RangeError(`an opmask register must be 1 to 7, got ${number}`);
  }
  return number as Mask;
}
