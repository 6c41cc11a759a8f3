import { highBit } from "./code.ts";
import { IntegerCode } from "./integer.ts";
import { type Memory, memoryText } from "./operands.ts";
import { type Gpr, type Mask, name32, rax } from "./registers.ts";

/** The opcode map 0F. */
const PLAIN = 1;

/** Instructions on opmasks, in the VEX encoding, each of which moves or makes bits for 16 lanes, unless its name says otherwise. */
export class OpmaskCode extends IntegerCode {
  kmovw(to: Mask, from: Gpr): void {
    this.#vex({ opcode: 0x92, register: to, operand: from });
    this.line(() => `kmovw k${to}, ${name32(from)}`);
  }
  kmovwLoad(to: Mask, from: Memory): void {
    this.#vex({ opcode: 0x90, register: to, operand: from });
    this.line(() => `kmovw k${to}, word ptr ${memoryText(from)}`);
  }
  kmovwToGeneral(to: Gpr, from: Mask): void {
    this.#vex({ opcode: 0x93, register: to, operand: from });
    this.line(() => `kmovw ${name32(to)}, k${from}`);
  }
  knotw(to: Mask, from: Mask): void {
    this.#vex({ opcode: 0x44, register: to, operand: from });
    this.line(() => `knotw k${to}, k${from}`);
  }
  kandw(to: Mask, one: Mask, other: Mask): void {
    this.#three("kandw", 0x41, to, one, other);
  }
  korw(to: Mask, one: Mask, other: Mask): void {
    this.#three("korw", 0x45, to, one, other);
  }
  /** Lanes in which both are alike; of a register with itself, all. */
  kxnorw(to: Mask, one: Mask, other: Mask): void {
    this.#three("kxnorw", 0x46, to, one, other);
  }
  /** Equal if no lane of either is set, below if all lanes are. */
  kortestw(one: Mask, other: Mask): void {
    this.#vex({ opcode: 0x98, register: one, operand: other });
    this.line(() => `kortestw k${one}, k${other}`);
  }
  /** After 512 bits, before code that knows of 128. */
  vzeroupper(): void {
    this.bytes(0xc5, 0xf8, 0x77);
    this.line(() => "vzeroupper");
  }

  #three(name: string, opcode: number, to: Mask, one: Mask, other: Mask): void {
    this.#vex({ opcode, long: 1, register: to, first: one, operand: other });
    this.line(() => `${name} k${to}, k${one}, k${other}`);
  }

  #vex({ opcode, long = 0, register, first = rax, operand }: VexRow): void {
    const inMemory = typeof operand !== "number";
    const [index, base] = inMemory ? [highBit(operand.index), highBit(operand.base)] : [0, highBit(operand)];
    const last = ((~first & 15) << 3) | (long << 2);
    const outer = (highBit(register) ^ 1) << 7;
    if (index === 0 && base === 0) this.bytes(0xc5, outer | last);
    else this.bytes(0xc4, outer | ((index ^ 1) << 6) | ((base ^ 1) << 5) | PLAIN, last);
    this.byte(opcode);
    this.operand(register, operand);
  }
}

interface VexRow {
  readonly opcode: number;
  readonly long?: 0 | 1;
  readonly register: number;
  /** The first of two sources; the register of number 0 stands for none. */
  readonly first?: number;
  readonly operand: Gpr | Mask | Memory;
}
