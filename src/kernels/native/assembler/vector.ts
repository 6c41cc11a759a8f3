import { highBit } from "./code.ts";
import { type Each, isEach, type Memory, memoryText, type Scattered, scatteredText } from "./operands.ts";
import { OpmaskCode } from "./opmask.ts";
import { type Gpr, type Mask, name32, name64, type Zmm } from "./registers.ts";

/** Which lanes an instruction writes; the others stay, or become 0. */
export interface Masking {
  readonly mask: Mask;
  readonly zero?: boolean;
}

/** An operand that may also lie in memory. */
export type Source = Zmm | Memory | Each;

/** Comparisons of floats that no NaN raises: with a NaN the ordered ones are false, the unordered ones true. */
export const COMPARE = {
  lessOrdered: 0x11,
  notLessUnordered: 0x15,
  greaterOrdered: 0x1e,
  unordered: 3,
  equalOrdered: 0,
} as const;
/** Comparisons of integers. */
export const COMPARE_INTEGERS = {
  equal: 0,
  less: 1,
  notGreater: 2,
  notEqual: 4,
  notLess: 5,
  greater: 6,
} as const;
/** Kinds of floats that `vfpclassps` finds. */
export const CLASS = { notANumber: 0x81, infinite: 0x18 } as const;
/** How `vrndscaleps` and `vreduceps` round, without raising anything. */
export const ROUND = { nearest: 8, floor: 9 } as const;

/** What stands for a prefix of older encodings. */
const NONE = 0;
const SIZE = 1;
const REPEAT = 2;
/** Opcode maps: 0F, 0F 38 and 0F 3A. */
const PLAIN = 1;
const LONG = 2;
const IMMEDIATE = 3;

/** Bytes of a whole vector, and of a lane. */
const VECTOR = 64;
const LANE = 4;

/** An instruction in the EVEX encoding. */
interface Row {
  readonly name: string;
  readonly prefix: number;
  readonly map: number;
  readonly opcode: number;
  /** Whether lanes of 64 bits are meant. */
  readonly wide?: boolean;
  /** The bytes in which a displacement of one byte counts; those of a vector if omitted. */
  readonly unit?: number;
  /** Whether only the lowest lane is meant. */
  readonly scalar?: boolean;
}

/** What is encoded, and its text. */
interface Encoded {
  readonly row: Row;
  readonly register: number;
  /** The first of two sources. */
  readonly first?: number;
  readonly operand: number | Memory | Each | Scattered;
  readonly masking?: Masking | undefined;
  readonly immediate?: number | undefined;
}

/**
 * Instructions on vectors of 512 bits, all in the EVEX encoding: 16 lanes of float32 or of integers. Operands are in
 * Intel's order, the destination first.
 */
export class VectorCode extends OpmaskCode {
  vaddps(to: Zmm, one: Zmm, other: Source, masking?: Masking): void {
    this.#three({ name: "vaddps", prefix: NONE, map: PLAIN, opcode: 0x58 }, to, one, other, masking);
  }
  vsubps(to: Zmm, one: Zmm, other: Source, masking?: Masking): void {
    this.#three({ name: "vsubps", prefix: NONE, map: PLAIN, opcode: 0x5c }, to, one, other, masking);
  }
  vmulps(to: Zmm, one: Zmm, other: Source, masking?: Masking): void {
    this.#three({ name: "vmulps", prefix: NONE, map: PLAIN, opcode: 0x59 }, to, one, other, masking);
  }
  vdivps(to: Zmm, one: Zmm, other: Source, masking?: Masking): void {
    this.#three({ name: "vdivps", prefix: NONE, map: PLAIN, opcode: 0x5e }, to, one, other, masking);
  }
  /** The lesser; where either is NaN or both are 0, `other`. */
  vminps(to: Zmm, one: Zmm, other: Source, masking?: Masking): void {
    this.#three({ name: "vminps", prefix: NONE, map: PLAIN, opcode: 0x5d }, to, one, other, masking);
  }
  /** The greater; where either is NaN or both are 0, `other`. */
  vmaxps(to: Zmm, one: Zmm, other: Source, masking?: Masking): void {
    this.#three({ name: "vmaxps", prefix: NONE, map: PLAIN, opcode: 0x5f }, to, one, other, masking);
  }
  vsqrtps(to: Zmm, from: Source, masking?: Masking): void {
    this.#two({ name: "vsqrtps", prefix: NONE, map: PLAIN, opcode: 0x51 }, to, from, masking);
  }
  /** to += one·other, rounded once. */
  vfmadd231ps(to: Zmm, one: Zmm, other: Source, masking?: Masking): void {
    this.#three({ name: "vfmadd231ps", prefix: SIZE, map: LONG, opcode: 0xb8 }, to, one, other, masking);
  }
  /** to = one·to + other. */
  vfmadd213ps(to: Zmm, one: Zmm, other: Source, masking?: Masking): void {
    this.#three({ name: "vfmadd213ps", prefix: SIZE, map: LONG, opcode: 0xa8 }, to, one, other, masking);
  }
  /** to -= one·other. */
  vfnmadd231ps(to: Zmm, one: Zmm, other: Source, masking?: Masking): void {
    this.#three({ name: "vfnmadd231ps", prefix: SIZE, map: LONG, opcode: 0xbc }, to, one, other, masking);
  }
  /** to = other − one·to. */
  vfnmadd213ps(to: Zmm, one: Zmm, other: Source, masking?: Masking): void {
    this.#three({ name: "vfnmadd213ps", prefix: SIZE, map: LONG, opcode: 0xac }, to, one, other, masking);
  }
  /** to = one·2^⌊other⌋, also where that is 0 or too large. */
  vscalefps(to: Zmm, one: Zmm, other: Source, masking?: Masking): void {
    this.#three({ name: "vscalefps", prefix: SIZE, map: LONG, opcode: 0x2c }, to, one, other, masking);
  }
  /** What is left of `from` once it is rounded: see `ROUND`. */
  vreduceps(to: Zmm, from: Source, rounding: number, masking?: Masking): void {
    this.#two({ name: "vreduceps", prefix: SIZE, map: IMMEDIATE, opcode: 0x56 }, to, from, masking, rounding);
  }
  vrndscaleps(to: Zmm, from: Source, rounding: number, masking?: Masking): void {
    this.#two(
      { name: "vrndscaleps", prefix: SIZE, map: IMMEDIATE, opcode: 0x08 },
      to,
      from,
      masking,
      rounding,
    );
  }
  /** 1/from within 2^-14. */
  vrcp14ps(to: Zmm, from: Source, masking?: Masking): void {
    this.#two({ name: "vrcp14ps", prefix: SIZE, map: LONG, opcode: 0x4c }, to, from, masking);
  }

  vpandd(to: Zmm, one: Zmm, other: Source, masking?: Masking): void {
    this.#three({ name: "vpandd", prefix: SIZE, map: PLAIN, opcode: 0xdb }, to, one, other, masking);
  }
  vpord(to: Zmm, one: Zmm, other: Source, masking?: Masking): void {
    this.#three({ name: "vpord", prefix: SIZE, map: PLAIN, opcode: 0xeb }, to, one, other, masking);
  }
  vpxord(to: Zmm, one: Zmm, other: Source, masking?: Masking): void {
    this.#three({ name: "vpxord", prefix: SIZE, map: PLAIN, opcode: 0xef }, to, one, other, masking);
  }
  vpaddd(to: Zmm, one: Zmm, other: Source, masking?: Masking): void {
    this.#three({ name: "vpaddd", prefix: SIZE, map: PLAIN, opcode: 0xfe }, to, one, other, masking);
  }
  vpsubd(to: Zmm, one: Zmm, other: Source, masking?: Masking): void {
    this.#three({ name: "vpsubd", prefix: SIZE, map: PLAIN, opcode: 0xfa }, to, one, other, masking);
  }
  /** Eight lanes of 64 bits. */
  vpaddq(to: Zmm, one: Zmm, other: Zmm | Memory): void {
    this.#three({ name: "vpaddq", prefix: SIZE, map: PLAIN, opcode: 0xd4, wide: true }, to, one, other);
  }
  /** The lower 64 bits of the products of eight lanes. */
  vpmullq(to: Zmm, one: Zmm, other: Zmm | Memory): void {
    this.#three({ name: "vpmullq", prefix: SIZE, map: LONG, opcode: 0x40, wide: true }, to, one, other);
  }
  /** The lower 32 bits of the products. */
  vpmulld(to: Zmm, one: Zmm, other: Source, masking?: Masking): void {
    this.#three({ name: "vpmulld", prefix: SIZE, map: LONG, opcode: 0x40 }, to, one, other, masking);
  }
  vpslld(to: Zmm, from: Zmm, bits: number, masking?: Masking): void {
    this.#shift("vpslld", 6, to, from, bits, masking);
  }
  vcvtps2dq(to: Zmm, from: Source, masking?: Masking): void {
    this.#two({ name: "vcvtps2dq", prefix: SIZE, map: PLAIN, opcode: 0x5b }, to, from, masking);
  }

  /** Within each 128 bits: lanes 0 and 1 of both, alternating. */
  vunpcklps(to: Zmm, one: Zmm, other: Source): void {
    this.#three({ name: "vunpcklps", prefix: NONE, map: PLAIN, opcode: 0x14 }, to, one, other);
  }
  /** Lanes 2 and 3. */
  vunpckhps(to: Zmm, one: Zmm, other: Source): void {
    this.#three({ name: "vunpckhps", prefix: NONE, map: PLAIN, opcode: 0x15 }, to, one, other);
  }
  /** Within each 128 bits: the lower halves of both. */
  vunpcklpd(to: Zmm, one: Zmm, other: Zmm): void {
    this.#three({ name: "vunpcklpd", prefix: SIZE, map: PLAIN, opcode: 0x14, wide: true }, to, one, other);
  }
  vunpckhpd(to: Zmm, one: Zmm, other: Zmm): void {
    this.#three({ name: "vunpckhpd", prefix: SIZE, map: PLAIN, opcode: 0x15, wide: true }, to, one, other);
  }
  /** Two 128 bits of `one`, then two of `other`, by pairs of bits. */
  vshuff32x4(to: Zmm, one: Zmm, other: Source, parts: number): void {
    this.#three(
      { name: "vshuff32x4", prefix: SIZE, map: IMMEDIATE, opcode: 0x23 },
      to,
      one,
      other,
      undefined,
      parts,
    );
  }
  /** Lanes `from` to `from + 15` of `low` with `high` behind it. */
  valignd(to: Zmm, high: Zmm, low: Source, from: number): void {
    this.#three(
      { name: "valignd", prefix: SIZE, map: IMMEDIATE, opcode: 0x03 },
      to,
      high,
      low,
      undefined,
      from,
    );
  }
  /** Within each 128 bits: lanes by pairs of bits. */
  vpermilps(to: Zmm, from: Source, lanes: number): void {
    this.#two({ name: "vpermilps", prefix: SIZE, map: IMMEDIATE, opcode: 0x04 }, to, from, undefined, lanes);
  }
  /** `other` in the lanes of the mask, `one` in the others. */
  vblendmps(to: Zmm, one: Zmm, other: Source, masking: Masking): void {
    this.#three({ name: "vblendmps", prefix: SIZE, map: LONG, opcode: 0x65 }, to, one, other, masking);
  }

  /** From memory, or from a register. What the mask leaves out is not read, and may lie outside of any memory. */
  vmovups(to: Zmm, from: Zmm | Memory, masking?: Masking): void {
    this.#two({ name: "vmovups", prefix: NONE, map: PLAIN, opcode: 0x10 }, to, from, masking);
  }
  /** What the mask leaves out is not written. */
  vmovupsStore(to: Memory, from: Zmm, masking?: Masking): void {
    this.#store({ name: "vmovups", prefix: NONE, map: PLAIN, opcode: 0x11 }, to, from, masking);
  }
  /** One float32 in the lowest lane, and 0 in all others. */
  vmovss(to: Zmm, from: Memory): void {
    const row = { name: "vmovss", prefix: REPEAT, map: PLAIN, opcode: 0x10, unit: LANE, scalar: true };
    this.#encode({ row, register: to, operand: from });
    this.line(() => `{evex} vmovss ${smallText(to)}, ${smallText(from)}`);
  }
  /** The lowest lane. */
  vmovssStore(to: Memory, from: Zmm): void {
    const row = { name: "vmovss", prefix: REPEAT, map: PLAIN, opcode: 0x11, unit: LANE, scalar: true };
    this.#encode({ row, register: from, operand: to });
    this.line(() => `{evex} vmovss ${smallText(to)}, ${smallText(from)}`);
  }
  /** The sum of the lowest lanes, beside the other three lanes of `one`, and 0. */
  vaddss(to: Zmm, one: Zmm, other: Zmm | Memory): void {
    const row = { name: "vaddss", prefix: REPEAT, map: PLAIN, opcode: 0x58, unit: LANE, scalar: true };
    this.#encode({ row, register: to, first: one, operand: other });
    this.line(() => `{evex} vaddss ${smallText(to)}, ${smallText(one)}, ${smallText(other)}`);
  }
  vmovdqu32(to: Zmm, from: Memory, masking?: Masking): void {
    this.#two({ name: "vmovdqu32", prefix: REPEAT, map: PLAIN, opcode: 0x6f }, to, from, masking);
  }
  vmovdqu32Store(to: Memory, from: Zmm, masking?: Masking): void {
    this.#store({ name: "vmovdqu32", prefix: REPEAT, map: PLAIN, opcode: 0x7f }, to, from, masking);
  }
  /** One float32 in all lanes. */
  vbroadcastss(to: Zmm, from: Zmm | Memory, masking?: Masking): void {
    const row = { name: "vbroadcastss", prefix: SIZE, map: LONG, opcode: 0x18, unit: LANE };
    this.#encode({ row, register: to, operand: from, masking });
    this.line(() => `vbroadcastss ${masked(to, masking)}, ${smallText(from)}`);
  }
  /** The lower 32 bits of a general register in all lanes. */
  vpbroadcastd(to: Zmm, from: Gpr, masking?: Masking): void {
    const row = { name: "vpbroadcastd", prefix: SIZE, map: LONG, opcode: 0x7c };
    this.#encode({ row, register: to, operand: from as number, masking });
    this.line(() => `vpbroadcastd ${masked(to, masking)}, ${name32(from)}`);
  }
  /** A general register in all eight lanes of 64 bits. */
  vpbroadcastq(to: Zmm, from: Gpr): void {
    const row = { name: "vpbroadcastq", prefix: SIZE, map: LONG, opcode: 0x7c, wide: true };
    this.#encode({ row, register: to, operand: from as number });
    this.line(() => `vpbroadcastq zmm${to}, ${name64(from)}`);
  }
  /** A float32 for each lane of the mask, which becomes 0. */
  vgatherdps(to: Zmm, from: Scattered, mask: Mask): void {
    const row = { name: "vgatherdps", prefix: SIZE, map: LONG, opcode: 0x92, unit: LANE };
    this.#encode({ row, register: to, operand: from, masking: { mask } });
    this.line(() => `vgatherdps zmm${to}{k${mask}}, dword ptr ${scatteredText(from)}`);
  }

  /** Lanes in which the comparison holds, among those of `masking`. */
  vcmpps(to: Mask, one: Zmm, other: Source, comparison: number, masking?: Masking): void {
    this.#compare(
      { name: "vcmpps", prefix: NONE, map: PLAIN, opcode: 0xc2 },
      to,
      one,
      other,
      comparison,
      masking,
    );
  }
  vpcmpd(to: Mask, one: Zmm, other: Source, comparison: number, masking?: Masking): void {
    this.#compare(
      { name: "vpcmpd", prefix: SIZE, map: IMMEDIATE, opcode: 0x1f },
      to,
      one,
      other,
      comparison,
      masking,
    );
  }
  /** Lanes whose float is of a kind: see `CLASS`. */
  vfpclassps(to: Mask, from: Zmm, kinds: number, masking?: Masking): void {
    const row = { name: "vfpclassps", prefix: SIZE, map: IMMEDIATE, opcode: 0x66 };
    this.#encode({ row, register: to, operand: from, masking, immediate: kinds });
    this.line(() => `vfpclassps ${maskedMask(to, masking)}, zmm${from}, ${kinds}`);
  }

  #three(row: Row, to: Zmm, one: Zmm, other: Source, masking?: Masking, immediate?: number): void {
    this.#encode({
      row,
      register: to,
      first: one,
      operand: other,
      masking,
      immediate,
    });
    this.line(
      () => `${row.name} ${masked(to, masking)}, zmm${one}, ${sourceText(other)}${immediateText(immediate)}`,
    );
  }

  #two(row: Row, to: Zmm, from: Source, masking?: Masking, immediate?: number): void {
    this.#encode({
      row,
      register: to,
      operand: from,
      masking,
      immediate,
    });
    this.line(() => `${row.name} ${masked(to, masking)}, ${sourceText(from)}${immediateText(immediate)}`);
  }

  #store(row: Row, to: Memory, from: Zmm, masking?: Masking): void {
    this.#encode({ row, register: from, operand: to, masking });
    const mask = masking === undefined ? "" : `{k${masking.mask}}`;
    this.line(() => `${row.name} ${sourceText(to)}${mask}, zmm${from}`);
  }

  #shift(name: string, digit: number, to: Zmm, from: Zmm, bits: number, masking?: Masking): void {
    const row = { name, prefix: SIZE, map: PLAIN, opcode: 0x72 };
    // The destination is where another instruction has its first source.
    this.#encode({ row, register: digit, first: to, operand: from, masking, immediate: bits });
    this.line(() => `${name} ${masked(to, masking)}, zmm${from}, ${bits}`);
  }

  #compare(row: Row, to: Mask, one: Zmm, other: Source, comparison: number, masking?: Masking): void {
    this.#encode({ row, register: to, first: one, operand: other, masking, immediate: comparison });
    this.line(() => `${row.name} ${maskedMask(to, masking)}, zmm${one}, ${sourceText(other)}, ${comparison}`);
  }

  #encode({ row, register, first = 0, operand, masking, immediate }: Encoded): void {
    const broadcast = typeof operand === "object" && isEach(operand);
    const { direct, index, base, lanes } = placesOf(operand);
    const outer =
      ((highBit(register) ^ 1) << 7) |
      ((index ^ 1) << 6) |
      ((base ^ 1) << 5) |
      (((register >> 4) ^ 1) << 4) |
      row.map;
    const source = ((row.wide ? 1 : 0) << 7) | ((~first & 15) << 3) | 4 | row.prefix;
    // A list of lanes has its fifth bit where a first source has its own.
    const fifth = (((first | lanes) >> 4) & 1) ^ 1;
    const zero = masking?.zero === true ? 1 : 0;
    const vectorLength = row.scalar === true ? 0 : WHOLE_VECTOR;
    const last =
      (zero << 7) | (vectorLength << 5) | ((broadcast ? 1 : 0) << 4) | (fifth << 3) | (masking?.mask ?? 0);
    this.byte(0x62);
    this.byte(outer);
    this.byte(source);
    this.byte(last);
    this.byte(row.opcode);
    this.operand(register, direct, broadcast ? LANE : (row.unit ?? VECTOR), immediate === undefined ? 0 : 1);
    if (immediate !== undefined) this.byte(immediate & 255);
  }
}

/** The length of vectors, as the encoding has it. */
const WHOLE_VECTOR = 2;

/** Bits of an operand that lie in the prefix, and the operand as ModRM has it. */
function placesOf(operand: number | Memory | Each | Scattered) {
  // Of a register the fifth bit is where an index has its fourth.
  if (typeof operand === "number") {
    return { direct: operand, index: (operand >> 4) & 1, base: highBit(operand), lanes: 0 };
  }
  if ("lanes" in operand) {
    const { base, lanes, displacement } = operand;
    const direct: Memory = { base, index: (lanes & 15) as Gpr, scale: 4, displacement };
    return { direct, index: highBit(lanes), base: highBit(base), lanes };
  }
  const direct = isEach(operand) ? operand.each : operand;
  return { direct, index: highBit(direct.index), base: highBit(direct.base), lanes: 0 };
}

function masked(to: Zmm, masking: Masking | undefined): string {
  return masking === undefined
    ? `zmm${to}`
    : `zmm${to}{k${masking.mask}}${masking.zero === true ? "{z}" : ""}`;
}

function maskedMask(to: Mask, masking: Masking | undefined): string {
  return masking === undefined ? `k${to}` : `k${to}{k${masking.mask}}`;
}

function sourceText(source: Source): string {
  if (typeof source === "number") return `zmm${source}`;
  if (isEach(source)) return `dword ptr ${memoryText(source.each)}{1to16}`;
  return `zmmword ptr ${memoryText(source)}`;
}

function smallText(source: Zmm | Memory): string {
  return typeof source === "number" ? `xmm${source}` : `dword ptr ${memoryText(source)}`;
}

function immediateText(immediate: number | undefined): string {
  return immediate === undefined ? "" : `, ${immediate}`;
}
