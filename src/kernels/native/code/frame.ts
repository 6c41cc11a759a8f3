import {
  type Assembler,
  at,
  type Gpr,
  number,
  r12,
  r13,
  r14,
  r15,
  rax,
  rbp,
  rbx,
} from "../assembler/index.ts";

/** Registers that a function must leave as it found them: System V ABI for x86-64. */
const KEPT: readonly Gpr[] = [rbx, rbp, r12, r13, r14, r15];

/** A function that is called from outside with one address, in rdi, and may use every register. */
export function functionOf(a: Assembler, name: string, body: () => void): void {
  a.entry(name);
  for (const register of KEPT) a.push(register);
  body();
  a.vzeroupper();
  for (const register of [...KEPT].reverse()) a.pop(register);
  a.ret();
}

/** The words of a block from which threads take items: the number of the next one, and where they end. */
export const QUEUE = { next: 0, end: 8 } as const;

/**
 * Does `body` for every item that is left in the queue at `queue`, its number in rax; threads that do so at
 * once each take others. `queue` must be made anew by whatever body leaves.
 */
export function forEachItem(a: Assembler, queue: () => Gpr, body: () => void): void {
  const next = a.fresh("next_item");
  const done = a.fresh("items_done");
  a.label(next);
  const block = queue();
  a.movImmediate(rax, 1);
  a.lockXadd(at(block, QUEUE.next), rax);
  a.cmp(rax, at(block, QUEUE.end));
  a.jumpIf("ge", done);
  body();
  a.jump(next);
  a.label(done);
}

/** Does `body` while `counter`, which it leaves alone, counts down by `step` from a number of at least `step`; what is left is less than `step`. */
export function countDown(a: Assembler, counter: Gpr, step: number, body: () => void): void {
  const top = a.fresh("loop");
  const end = a.fresh("loop_end");
  a.sub(counter, number(step));
  a.jumpIf("l", end);
  a.align(32);
  a.label(top);
  body();
  a.sub(counter, number(step));
  a.jumpIf("ge", top);
  a.label(end);
  a.add(counter, number(step));
}
