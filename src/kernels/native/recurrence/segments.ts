import { at, each, type Gpr, number, r8, r9, r10, rax, rcx, rdi, rdx, rsi, zmm } from "../assembler/index.ts";
import { countDown } from "../code/frame.ts";
import { ITEM, VECTOR } from "./layout.ts";
import { ifSet, placed, type Site, subroutine, word } from "./site.ts";

const x = zmm(0);

/**
 * Subroutines of segments. What one writes by itself is summed in the lane's state, and joined with what is left of the
 * state before it whenever that is read: the sums are the same however many threads add them up.
 */
export function writeSegments({ a, places }: Site): void {
  const { chunk, total } = places.channels;

  /** No token is taken in, and there is nothing before. */
  subroutine(a, "open_state", () => {
    a.movImmediate(rax, 1);
    a.store(word("isAlone"), rax);
    a.vpxord(x, x, x);
    eachOfState([["state", rdi]], () => a.vmovupsStore(at(rdi), x));
    fillTotal();
  });

  /** The state at rsi is the one before: it is what the first chunk reads, and nothing is added to it. */
  subroutine(a, "enter_segment", () => {
    a.xor(rax, rax);
    a.store(word("isAlone"), rax);
    a.vpxord(zmm(1), zmm(1), zmm(1));
    eachOfState(
      [
        ["state", rdi],
        ["before", r8],
        ["joined", r9],
      ],
      () => {
        a.vmovups(x, at(rsi));
        a.vmovupsStore(at(rdi), zmm(1));
        a.vmovupsStore(at(r8), x);
        a.vmovupsStore(at(r9), x);
        a.add(rsi, number(VECTOR));
      },
    );
    fillTotal();
  });

  /** The same with the state that the segment before has left. */
  subroutine(a, "go_on", () => {
    ifSet(
      a,
      "isAlone",
      () => a.mov(rsi, word("state")),
      () => a.mov(rsi, word("joined")),
    );
    a.call("enter_segment");
  });

  /** What a chunk leaves of the state before its segment. */
  subroutine(a, "leave", () => {
    a.lea(rdi, placed(total));
    a.mov(rcx, word("keyVectors"));
    countDown(a, rcx, 1, () => {
      a.vmovups(x, at(rdi));
      a.vmulps(x, x, at(rdi, chunk - total));
      a.vmovupsStore(at(rdi), x);
      a.add(rdi, number(VECTOR));
    });
  });

  /** Keeps the state of a segment, and behind it what it leaves of the one before, where its item says. */
  subroutine(a, "keep_state", () => {
    a.mov(rsi, word("item"));
    a.mov(r8, at(rsi, ITEM.state));
    eachOfState([["state", rdi]], () => {
      a.vmovups(x, at(rdi));
      a.vmovupsStore(at(r8), x);
      a.add(r8, number(VECTOR));
    });
    a.lea(rdi, placed(total));
    a.mov(rcx, word("keyVectors"));
    countDown(a, rcx, 1, () => {
      a.vmovups(x, at(rdi));
      a.vmovupsStore(at(r8), x);
      a.add(rdi, number(VECTOR));
      a.add(r8, number(VECTOR));
    });
  });

  /** Keeps the state before a chunk for a backward pass. */
  subroutine(a, "keep_before_chunk", () => {
    ifSet(
      a,
      "isAlone",
      () => a.mov(rsi, word("state")),
      () => a.mov(rsi, word("joined")),
    );
    a.mov(rdi, word("keptNow"));
    eachOfState([], () => {
      a.vmovups(x, at(rsi));
      a.vmovupsStore(at(rdi), x);
      a.add(rsi, number(VECTOR));
      a.add(rdi, number(VECTOR));
    });
  });

  /** The states of the segments of a slice become those before them. */
  subroutine(a, "join_segments", () => {
    a.mov(rsi, word("item"));
    a.mov(rdi, at(rsi, ITEM.state));
    a.mov(r10, rdi);
    a.add(r10, word("totalAt"));
    a.mov(rcx, word("keyVectors"));
    a.shl(rcx, 4);
    countDown(a, rcx, 1, () => {
      a.mov(rdx, word("valueVectors"));
      countDown(a, rdx, 1, () => {
        a.vpxord(x, x, x);
        a.mov(r8, rdi);
        a.mov(r9, r10);
        a.mov(rsi, word("segments"));
        countDown(a, rsi, 1, () => {
          a.vmovups(zmm(1), at(r8));
          a.vmovupsStore(at(r8), x);
          a.vfmadd231ps(zmm(1), x, each(at(r9)));
          a.vmovups(x, zmm(1));
          a.add(r8, word("stateBytes"));
          a.add(r9, word("stateBytes"));
        });
        a.add(rdi, number(VECTOR));
      });
      a.add(r10, number(4));
    });
  });

  /** Does something for each vector of these states, at which the registers point. */
  function eachOfState(
    states: readonly (readonly ["state" | "before" | "joined", Gpr])[],
    body: () => void,
  ): void {
    for (const [name, register] of states) a.mov(register, word(name));
    a.mov(rcx, word("keyVectors"));
    a.shl(rcx, 4);
    a.mov(rax, word("valueVectors"));
    a.imul(rcx, rax);
    countDown(a, rcx, 1, () => {
      body();
      for (const [, register] of states) a.add(register, number(VECTOR));
    });
  }

  function fillTotal(): void {
    a.vbroadcastss(x, a.constant(1));
    a.lea(rdi, placed(total));
    a.mov(rcx, word("keyVectors"));
    countDown(a, rcx, 1, () => {
      a.vmovupsStore(at(rdi), x);
      a.add(rdi, number(VECTOR));
    });
  }
}
