import { type Assembler, at, r8, rax, rbx, rcx, rdi, rdx, rsi } from "../assembler/index.ts";
import type { Route } from "./load-code.ts";
import { MemoryPlan } from "./memory.ts";
import { ffiOrThrow, Program } from "./program.ts";

/** What a processor says of itself. */
export interface Processor {
  /** Its name, as it writes it. */
  readonly brand: string;
  /** Features of AVX-512 that generated code needs, and whether processor and system have each. */
  readonly features: Readonly<Record<Feature, boolean>>;
  /** How code becomes executable here. */
  readonly route: Route;
}

export const FEATURES = ["avx512f", "avx512dq", "avx512bw", "fma"] as const;
export type Feature = (typeof FEATURES)[number];

/** Registers that an answer of `cpuid` is in, in the order in which they are kept. */
const [EAX, EBX, ECX, EDX, ASKED_LEAF, ASKED_PART] = [0, 1, 2, 3, 4, 5];

/** `cpuid` and `xgetbv`: the words of a block are what is asked, and become the answer. */
export const identify = new Program("identify", (a: Assembler) => {
  a.entry("cpuid");
  a.push(rbx);
  a.mov(r8, rdi);
  a.mov(rax, at(r8, 8 * ASKED_LEAF));
  a.mov(rcx, at(r8, 8 * ASKED_PART));
  a.cpuid();
  a.store(at(r8, 8 * EAX), rax);
  a.store(at(r8, 8 * EBX), rbx);
  a.store(at(r8, 8 * ECX), rcx);
  a.store(at(r8, 8 * EDX), rdx);
  a.pop(rbx);
  a.ret();
  // Which registers the system keeps when it changes between threads.
  a.entry("kept");
  a.xor(rcx, rcx);
  a.xgetbv();
  a.store(at(rdi), rax);
  a.xor(rsi, rsi);
  a.ret();
});

/** Asks the processor that this thread runs on. Throws a TypeError if no code can be generated here. */
export function identifyProcessor(): Processor {
  const plan = new MemoryPlan();
  const block = plan.reserve(8 * 6);
  plan.make(ffiOrThrow());
  const { words, address } = block();
  const ask = (leaf: number, part = 0): readonly number[] => {
    words[ASKED_LEAF] = BigInt(leaf);
    words[ASKED_PART] = BigInt(part);
    identify.entry("cpuid")(address);
    return [...words.subarray(0, 4)].map((word) => Number(BigInt.asUintN(32, word)));
  };
  const has = (word: number, bit: number): boolean => ((word >>> bit) & 1) === 1;
  const basic = ask(1);
  const extended = ask(0)[EAX] >= 7 ? ask(7) : [0, 0, 0, 0];
  const kept = has(basic[ECX], 27) ? keptRegisters(words, address) : 0;
  // Bits 1, 2 and 5 to 7: vectors of 128, 256 and 512 bits, and opmasks.
  const place = identify.place();
  if (typeof place === "string") throw new TypeError(`native: ${place}`);
  const avx512 = (kept & 0xe6) === 0xe6;
  return {
    brand: brandOf(ask),
    route: place.route,
    features: {
      avx512f: avx512 && has(extended[EBX], 16),
      avx512dq: avx512 && has(extended[EBX], 17),
      avx512bw: avx512 && has(extended[EBX], 30),
      fma: has(basic[ECX], 12),
    },
  };
}

function keptRegisters(words: BigInt64Array, address: bigint): number {
  identify.entry("kept")(address);
  return Number(BigInt.asUintN(32, words[0]));
}

function brandOf(ask: (leaf: number) => readonly number[]): string {
  const most = ask(0x8000_0000)[EAX];
  if (most < 0x8000_0004) return "unknown";
  const words = [2, 3, 4].flatMap((leaf) => ask(0x8000_0000 + leaf));
  const bytes = new Uint8Array(Uint32Array.from(words).buffer);
  return new TextDecoder().decode(bytes).replaceAll("\0", "").trim();
}
