import {
  type Assembler,
  at,
  type Gpr,
  type Memory,
  number,
  r13,
  r14,
  r15,
  rax,
  rdi,
} from "../assembler/index.ts";
import { PRODUCT } from "../products/block.ts";
import { callProduct } from "../products/product.ts";
import { CALL, FEATURE_ROW, ITEM, LANE } from "./layout.ts";

/** Words of the call, of the item under way and of this thread's lane, to which these registers point all the time. */
export const CALL_BLOCK = r14;
export const ITEM_BLOCK = r13;
export const LANE_BLOCK = r15;
export const call = (name: keyof typeof CALL): Memory => at(CALL_BLOCK, CALL[name]);
export const item = (name: keyof typeof ITEM): Memory => at(ITEM_BLOCK, ITEM[name]);
export const lane = (name: keyof typeof LANE): Memory => at(LANE_BLOCK, LANE[name]);

/** Code that lies in one place and is called from several. */
export interface Part {
  call(a: Assembler): void;
  write(a: Assembler): void;
}

/** A part under a label of its own. What it needs is in the words of the lane, or in registers that it names. */
export function part(label: string, write: (a: Assembler) => void): Part {
  return {
    call: (a) => a.call(label),
    write(a) {
      a.align(32);
      a.label(label);
      write(a);
      a.ret();
    },
  };
}

/** Copies a word by way of rax. */
export function copy(a: Assembler, to: Memory, from: Memory): void {
  a.mov(rax, from);
  a.store(to, rax);
}

/** What a word is set to: another one, a register but rax and rdi, or a number. */
type Given = Memory | Gpr | ReturnType<typeof number>;

/** A product in words. Its scale, a float32 in the lower half of a word, is 1 if omitted. */
export type ProductWords = Readonly<Record<Exclude<keyof typeof PRODUCT, "scale">, Given>> & {
  readonly scale?: Given;
};

/** Computes a product; `beyond` are bytes added to the addresses of A, B and C. */
export function product(
  a: Assembler,
  words: ProductWords,
  beyond: Readonly<Partial<Record<"a" | "b" | "c", number>>> = {},
): void {
  a.mov(rdi, lane("product"));
  for (const [name, place] of Object.entries(PRODUCT) as [keyof typeof PRODUCT, number][]) {
    const given = words[name] ?? ONE;
    const more = name === "a" || name === "b" || name === "c" ? (beyond[name] ?? 0) : 0;
    if (typeof given === "object" && "value" in given) a.movImmediate(rax, given.value);
    else a.mov(rax, given);
    if (more !== 0) a.add(rax, number(more));
    a.store(at(rdi, place), rax);
  }
  callProduct(a, rdi);
}

/** The bits of 1. */
const ONE = number(0x3f800000);

/** Strides of features or scores, `[rows, tokens]`, as A of a product whose rows are tokens, or features. */
export const BY_TOKEN = { aRow: number(4), aStep: number(FEATURE_ROW) } as const;
export const BY_FEATURE = { aRow: number(FEATURE_ROW), aStep: number(4) } as const;
export const REPLACES = { add: number(0) } as const;
export const ADDS = { add: number(1) } as const;
