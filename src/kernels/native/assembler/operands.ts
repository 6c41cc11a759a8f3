import { type Gpr, name64, rsp, type Zmm } from "./registers.ts";

export type Scale = 1 | 2 | 4 | 8;

/** `[base + index·scale + displacement]`, or, with a label in place of a base, an address in the code itself. */
export interface Memory {
  readonly base: Gpr | string;
  readonly index: Gpr | null;
  readonly scale: Scale;
  readonly displacement: number;
}

/** One float32 of memory in all 16 lanes. */
export interface Each {
  readonly each: Memory;
}

/** A float32 for each lane, at `base + 4·index + displacement`. */
export interface Scattered {
  readonly base: Gpr;
  readonly lanes: Zmm;
  readonly displacement: number;
}

/** Memory at an address, in bytes. */
export function at(base: Gpr, displacement = 0, index: Gpr | null = null, scale: Scale = 1): Memory {
  if (index === rsp) throw new RangeError("rsp cannot be an index");
  if (!(Number.isInteger(displacement) && Math.abs(displacement) < 2 ** 31)) {
    throw new RangeError(`a displacement must be a 32-bit integer, got ${displacement}`);
  }
  return { base, index, scale, displacement };
}

/** The float32 there, in all lanes. */
export function each(memory: Memory): Each {
  return { each: memory };
}

/** The same memory so many bytes further. */
export function beyond(memory: Memory, bytes: number): Memory {
  return { ...memory, displacement: memory.displacement + bytes };
}

export function isEach(operand: object): operand is Each {
  return "each" in operand;
}

/** As Intel writes it. */
export function memoryText({ base, index, scale, displacement }: Memory): string {
  if (typeof base === "string") return `[rip + ${base}${displacementText(displacement)}]`;
  const indexed = index === null ? "" : ` + ${name64(index)}*${scale}`;
  return `[${name64(base)}${indexed}${displacementText(displacement)}]`;
}

export function scatteredText({ base, lanes, displacement }: Scattered): string {
  return `[${name64(base)} + zmm${lanes}*4${displacementText(displacement)}]`;
}

function displacementText(displacement: number): string {
  if (displacement === 0) return "";
  return displacement < 0 ? ` - ${-displacement}` : ` + ${displacement}`;
}
