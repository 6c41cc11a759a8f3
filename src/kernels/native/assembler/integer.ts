import { Code, highBit, quadText } from "./code.ts";
import { type Memory, memoryText } from "./operands.ts";
import { type Gpr, name32, name64, rax } from "./registers.ts";

/** Opcodes of what two operands make: from a register, from either, and its number beside an immediate. */
const ARITHMETIC = {
  add: [0x01, 0x03, 0],
  or: [0x09, 0x0b, 1],
  and: [0x21, 0x23, 4],
  sub: [0x29, 0x2b, 5],
  xor: [0x31, 0x33, 6],
  cmp: [0x39, 0x3b, 7],
} as const;

/** Numbers of conditions: signed (less, greater), unsigned (below, above), equal. */
const CONDITIONS = { b: 2, ae: 3, e: 4, ne: 5, be: 6, a: 7, l: 12, ge: 13, le: 14, g: 15 } as const;

export type Condition = keyof typeof CONDITIONS;

const SHIFTS = { shl: 4, shr: 5 } as const;

/**
 * Integer instructions in their oldest encoding: a REX prefix where a register has a number beyond 7 or a
 * whole one of 64 bits is meant, an opcode, ModRM. All are of 64 bits unless their name says otherwise.
 */
export class IntegerCode extends Code {
  add(to: Gpr, from: Gpr | Memory | Immediate): void {
    this.#arithmetic("add", to, from);
  }
  sub(to: Gpr, from: Gpr | Memory | Immediate): void {
    this.#arithmetic("sub", to, from);
  }
  and(to: Gpr, from: Gpr | Memory | Immediate): void {
    this.#arithmetic("and", to, from);
  }
  or(to: Gpr, from: Gpr | Memory | Immediate): void {
    this.#arithmetic("or", to, from);
  }
  xor(to: Gpr, from: Gpr | Memory | Immediate): void {
    this.#arithmetic("xor", to, from);
  }
  cmp(to: Gpr, from: Gpr | Memory | Immediate): void {
    this.#arithmetic("cmp", to, from);
  }

  mov(to: Gpr, from: Gpr | Memory): void {
    if (typeof from === "number") this.#plain(1, 0x89, from, to);
    else this.#plain(1, 0x8b, to, from);
    this.line(() => `mov ${name64(to)}, ${quadText(from)}`);
  }
  /** An unsigned number of 32 bits. */
  movImmediate(to: Gpr, value: number): void {
    if (!(Number.isInteger(value) && value >= 0 && value < 2 ** 32)) {
      throw new RangeError(`an immediate must be an unsigned 32-bit integer, got ${value}`);
    }
    this.#rex(0, 0, to);
    this.byte(0xb8 | (to & 7));
    this.word(value);
    this.line(() => `mov ${name32(to)}, ${value}`);
  }
  /** 32 bits from memory; the upper half becomes 0. */
  mov32(to: Gpr, from: Memory): void {
    this.#plain(0, 0x8b, to, from);
    this.line(() => `mov ${name32(to)}, dword ptr ${memoryText(from)}`);
  }
  /** 32 bits from memory, signed. */
  movsxd(to: Gpr, from: Memory): void {
    this.#plain(1, 0x63, to, from);
    this.line(() => `movsxd ${name64(to)}, dword ptr ${memoryText(from)}`);
  }
  store(to: Memory, from: Gpr): void {
    this.#plain(1, 0x89, from, to);
    this.line(() => `mov qword ptr ${memoryText(to)}, ${name64(from)}`);
  }
  /** The lower 32 bits. */
  store32(to: Memory, from: Gpr): void {
    this.#plain(0, 0x89, from, to);
    this.line(() => `mov dword ptr ${memoryText(to)}, ${name32(from)}`);
  }
  lea(to: Gpr, from: Memory): void {
    this.#plain(1, 0x8d, to, from);
    this.line(() => `lea ${name64(to)}, ${memoryText(from)}`);
  }
  imul(to: Gpr, from: Gpr | Memory): void {
    this.#twoBytes(1, 0xaf, to, from);
    this.line(() => `imul ${name64(to)}, ${quadText(from)}`);
  }
  imulImmediate(to: Gpr, from: Gpr, factor: number): void {
    const short = isByte(factor);
    this.#plain(1, short ? 0x6b : 0x69, to, from, short ? 1 : 4);
    this.#immediate(factor, short);
    this.line(() => `imul ${name64(to)}, ${name64(from)}, ${factor}`);
  }
  shl(to: Gpr, bits: number): void {
    this.#shift("shl", to, bits);
  }
  shr(to: Gpr, bits: number): void {
    this.#shift("shr", to, bits);
  }
  test(one: Gpr, other: Gpr): void {
    this.#plain(1, 0x85, other, one);
    this.line(() => `test ${name64(one)}, ${name64(other)}`);
  }
  /** `to` = `from` if the condition holds. */
  cmov(condition: Condition, to: Gpr, from: Gpr): void {
    this.#twoBytes(1, 0x40 | CONDITIONS[condition], to, from);
    this.line(() => `cmov${condition} ${name64(to)}, ${name64(from)}`);
  }
  push(register: Gpr): void {
    this.#rex(0, 0, register);
    this.byte(0x50 | (register & 7));
    this.line(() => `push ${name64(register)}`);
  }
  pop(register: Gpr): void {
    this.#rex(0, 0, register);
    this.byte(0x58 | (register & 7));
    this.line(() => `pop ${name64(register)}`);
  }
  /** In one step, whatever other threads do: memory += register, and the register is what memory was. */
  lockXadd(to: Memory, register: Gpr): void {
    this.byte(0xf0);
    this.#twoBytes(1, 0xc1, register, to);
    this.line(() => `lock xadd qword ptr ${memoryText(to)}, ${name64(register)}`);
  }
  prefetcht0(from: Memory): void {
    this.#twoBytes(0, 0x18, 1, from);
    this.line(() => `prefetcht0 byte ptr ${memoryText(from)}`);
  }

  jump(label: string): void {
    this.byte(0xe9);
    this.distance(label);
    this.line(() => `{disp32} jmp ${label}`);
  }
  jumpIf(condition: Condition, label: string): void {
    this.bytes(0x0f, 0x80 | CONDITIONS[condition]);
    this.distance(label);
    this.line(() => `{disp32} j${condition} ${label}`);
  }
  call(label: string): void {
    this.byte(0xe8);
    this.distance(label);
    this.line(() => `call ${label}`);
  }
  ret(): void {
    this.byte(0xc3);
    this.line(() => "ret");
  }
  cpuid(): void {
    this.bytes(0x0f, 0xa2);
    this.line(() => "cpuid");
  }
  xgetbv(): void {
    this.bytes(0x0f, 0x01, 0xd0);
    this.line(() => "xgetbv");
  }

  #arithmetic(name: keyof typeof ARITHMETIC, to: Gpr, from: Gpr | Memory | Immediate): void {
    const [fromRegister, fromEither, number] = ARITHMETIC[name];
    if (typeof from === "number") this.#plain(1, fromRegister, from, to);
    else if ("base" in from) this.#plain(1, fromEither, to, from);
    else {
      const { value } = from;
      const short = isByte(value);
      if (!short && to === rax) {
        this.#rex(1, 0, to);
        this.byte((number << 3) | 5);
      } else this.#plain(1, short ? 0x83 : 0x81, number, to);
      this.#immediate(value, short);
    }
    this.line(() => {
      const text = typeof from === "object" && "value" in from ? String(from.value) : quadText(from);
      return `${name} ${name64(to)}, ${text}`;
    });
  }

  #shift(name: keyof typeof SHIFTS, to: Gpr, bits: number): void {
    if (!(Number.isInteger(bits) && bits > 0 && bits < 64)) {
      throw new RangeError(`a shift must be by 1 to 63 bits, got ${bits}`);
    }
    this.#plain(1, bits === 1 ? 0xd1 : 0xc1, SHIFTS[name], to);
    if (bits > 1) this.byte(bits);
    this.line(() => `${name} ${name64(to)}, ${bits}`);
  }

  #plain(wide: 0 | 1, opcode: number, register: number, operand: Gpr | Memory, after = 0): void {
    this.#rex(wide, register, operand);
    this.byte(opcode);
    this.operand(register, operand, 1, after);
  }

  #twoBytes(wide: 0 | 1, opcode: number, register: number, operand: Gpr | Memory): void {
    this.#rex(wide, register, operand);
    this.bytes(0x0f, opcode);
    this.operand(register, operand);
  }

  #rex(wide: 0 | 1, register: number, operand: Gpr | Memory): void {
    const [index, base] = typeof operand === "number" ? [null, operand] : [operand.index, operand.base];
    const prefix = 0x40 | (wide << 3) | (highBit(register) << 2) | (highBit(index) << 1) | highBit(base);
    if (prefix !== 0x40) this.byte(prefix);
  }

  #immediate(value: number, short: boolean): void {
    if (!(Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31)) {
      throw new RangeError(`an immediate must be a 32-bit integer, got ${value}`);
    }
    if (short) this.byte(value & 255);
    else this.word(value);
  }
}

/** A number in the instruction itself, signed, of 32 bits. */
export interface Immediate {
  readonly value: number;
}

export function number(value: number): Immediate {
  return { value };
}

function isByte(value: number): boolean {
  return value >= -128 && value <= 127;
}
