import {
  type Assembler,
  at,
  each,
  type Gpr,
  type Masking,
  type Memory,
  mask,
  number,
  rsp,
  zmm,
} from "../../../src/kernels/native/assembler/index.ts";

const count = <T>(length: number, of: (index: number) => T): T[] =>
  Array.from({ length }, (_, index) => of(index));

const VECTORS = count(32, zmm);
const GENERAL = count(16, (index) => index as Gpr);
const MASKS = count(7, (index) => mask(index + 1));

/** Where an encoding turns from one byte to four: in bytes, in lanes and in vectors. */
const DISPLACEMENTS = [
  ...[0, 1, 4, 60, 64, 100, 127, 128, 4 * 127, 4 * 128, 64 * 127, 64 * 128, 2 ** 31 - 1],
  ...[-1, -4, -64, -128, -129, -4 * 128, -4 * 129, -64 * 128, -64 * 129, 1 - 2 ** 31],
];
const SCALES = [1, 2, 4, 8] as const;

/** Every base, index, scale and edge of a displacement, those whose numbers mean something else among them. */
const MEMORIES: readonly Memory[] = [
  ...GENERAL.map((base) => at(base)),
  ...GENERAL.map((base, index) => at(base, DISPLACEMENTS[index % DISPLACEMENTS.length])),
  ...DISPLACEMENTS.map((displacement, index) => at(GENERAL[(3 * index + 1) % 16], displacement)),
  ...DISPLACEMENTS.map((displacement, index) => {
    return at(GENERAL[(5 * index + 2) % 16], displacement, indexes()[index % 15], SCALES[index % 4]);
  }),
  ...indexes().flatMap((index, place) =>
    SCALES.map((scale) => at(GENERAL[(7 * place) % 16], 0, index, scale)),
  ),
];

/** What cannot be an index is no form. */
function indexes(): readonly Gpr[] {
  return GENERAL.filter((register) => register !== rsp);
}

const SCATTERED = GENERAL.flatMap((base, place) => {
  return [0, DISPLACEMENTS[place]].map((displacement, time) => {
    return { base, lanes: VECTORS[(2 * place + time) % 32], displacement };
  });
});

const NO_MASK: undefined = undefined;
const STORE_MASKS: readonly (Masking | undefined)[] = [NO_MASK, ...MASKS.map((one) => ({ mask: one }))];
const SOME_MASK: readonly Masking[] = MASKS.flatMap((one) => [{ mask: one }, { mask: one, zero: true }]);
const MASKINGS = [NO_MASK, ...SOME_MASK];

const IMMEDIATES = [0, 1, 2, -1, 127, 128, -128, -129, 2 ** 31 - 1, -(2 ** 31)];
const BYTES = [0, 1, 3, 9, 0x1b, 0x88, 0xdd, 255];
const CONDITIONS = ["b", "ae", "e", "ne", "be", "a", "l", "ge", "le", "g"];

/** What an operand may be, by the name of its kind. */
const KINDS = {
  vector: VECTORS,
  memory: MEMORIES,
  either: [...VECTORS, ...MEMORIES],
  source: [...VECTORS, ...MEMORIES, ...MEMORIES.map(each)],
  scattered: SCATTERED,
  masking: MASKINGS,
  masked: SOME_MASK,
  storing: STORE_MASKS,
  mask: MASKS,
  maskOrNone: [NO_MASK, ...MASKS.map((one) => ({ mask: one }))],
  general: GENERAL,
  generalOrMemory: [...GENERAL, ...MEMORIES],
  anyInteger: [...GENERAL, ...MEMORIES, ...IMMEDIATES.map(number)],
  immediate: IMMEDIATES,
  unsigned: [0, 1, 255, 2 ** 31, 2 ** 32 - 1],
  shift: [1, 2, 3, 31, 32, 63],
  laneShift: [0, 1, 23, 31],
  byte: BYTES,
  lane: [0, 1, 7, 15],
  comparison: [0, 1, 2, 3, 0x11, 0x15, 0x1e],
  integerComparison: [0, 1, 2, 4, 5, 6],
  condition: CONDITIONS,
  label: ["back", "ahead"],
} as const;

type Kind = keyof typeof KINDS;

const THREE = ["vector", "vector", "source", "masking"] as const;
const TWO = ["vector", "source", "masking"] as const;
const PAIR = ["general", "anyInteger"] as const;

/** The operands of every instruction, by the method that writes it. */
export const FORMS: Readonly<Record<string, readonly Kind[]>> = {
  ...Object.fromEntries(["add", "sub", "and", "or", "xor", "cmp"].map((name) => [name, PAIR])),
  mov: ["general", "generalOrMemory"],
  movImmediate: ["general", "unsigned"],
  mov32: ["general", "memory"],
  movsxd: ["general", "memory"],
  store: ["memory", "general"],
  store32: ["memory", "general"],
  lea: ["general", "memory"],
  imul: ["general", "generalOrMemory"],
  imulImmediate: ["general", "general", "immediate"],
  shl: ["general", "shift"],
  shr: ["general", "shift"],
  test: ["general", "general"],
  cmov: ["condition", "general", "general"],
  push: ["general"],
  pop: ["general"],
  lockXadd: ["memory", "general"],
  prefetcht0: ["memory"],
  jump: ["label"],
  jumpIf: ["condition", "label"],
  call: ["label"],
  ret: [],
  cpuid: [],
  xgetbv: [],
  kmovw: ["mask", "general"],
  kmovwLoad: ["mask", "memory"],
  kmovwToGeneral: ["general", "mask"],
  knotw: ["mask", "mask"],
  kandw: ["mask", "mask", "mask"],
  korw: ["mask", "mask", "mask"],
  kxnorw: ["mask", "mask", "mask"],
  kortestw: ["mask", "mask"],
  vzeroupper: [],
  ...Object.fromEntries(
    [
      ...["vaddps", "vsubps", "vmulps", "vdivps", "vminps", "vmaxps", "vfmadd231ps", "vfmadd213ps"],
      ...["vfnmadd231ps", "vfnmadd213ps", "vscalefps", "vpandd", "vpord", "vpxord", "vpaddd"],
      ...["vpsubd", "vpmulld"],
    ].map((name) => [name, THREE]),
  ),
  ...Object.fromEntries(["vsqrtps", "vrcp14ps", "vcvtps2dq"].map((name) => [name, TWO])),
  vreduceps: ["vector", "source", "byte", "masking"],
  vrndscaleps: ["vector", "source", "byte", "masking"],
  vpaddq: ["vector", "vector", "either"],
  vpmullq: ["vector", "vector", "either"],
  vpslld: ["vector", "vector", "laneShift", "masking"],
  vunpcklps: ["vector", "vector", "source"],
  vunpckhps: ["vector", "vector", "source"],
  vunpcklpd: ["vector", "vector", "vector"],
  vunpckhpd: ["vector", "vector", "vector"],
  vshuff32x4: ["vector", "vector", "source", "byte"],
  valignd: ["vector", "vector", "source", "lane"],
  vpermilps: ["vector", "source", "byte"],
  vblendmps: ["vector", "vector", "source", "masked"],
  vmovups: ["vector", "either", "masking"],
  vmovupsStore: ["memory", "vector", "storing"],
  vmovss: ["vector", "memory"],
  vmovssStore: ["memory", "vector"],
  vaddss: ["vector", "vector", "either"],
  vmovdqu32: ["vector", "memory", "masking"],
  vmovdqu32Store: ["memory", "vector", "storing"],
  vbroadcastss: ["vector", "either", "masking"],
  vpbroadcastd: ["vector", "general", "masking"],
  vpbroadcastq: ["vector", "general"],
  vgatherdps: ["vector", "scattered", "mask"],
  vcmpps: ["mask", "vector", "source", "comparison", "maskOrNone"],
  vpcmpd: ["mask", "vector", "source", "integerComparison", "maskOrNone"],
  vfpclassps: ["mask", "vector", "byte", "maskOrNone"],
};

/** Writes so many forms of an instruction that each operand takes each of its values twice, beside others. Returns how many. */
export function writeForms(a: Assembler, name: string): number {
  const kinds = FORMS[name] ?? [];
  const values = kinds.map((kind): readonly unknown[] => KINDS[kind]);
  const longest = Math.max(1, ...values.map(({ length }) => length));
  const methods = a as unknown as Readonly<Record<string, (...operands: readonly unknown[]) => void>>;
  let written = 0;
  a.label(`back_of_${name}`);
  for (const stride of longest === 1 ? [1] : [1, 11]) {
    for (let form = 0; form < longest; form++) {
      const operands = values.map((all, operand) => all[(form * stride + 5 * operand) % all.length]);
      // A gather whose vectors are one and the same is no instruction.
      if (name === "vgatherdps" && isSame(operands)) continue;
      methods[name](
        ...operands.map((one) => (one === "back" || one === "ahead" ? `${one}_of_${name}` : one)),
      );
      written++;
    }
  }
  a.label(`ahead_of_${name}`);
  return written;
}

function isSame([to, from]: readonly unknown[]): boolean {
  return typeof from === "object" && from !== null && "lanes" in from && from.lanes === to;
}
