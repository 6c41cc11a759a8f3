import { at, each, mask, number, r8, r9, r10, rax, rcx, rdi, rdx, rsi, zmm } from "../assembler/index.ts";
import { countDown } from "../code/frame.ts";
import { VECTOR } from "./layout.ts";
import { placed, type Site, subroutine, word } from "./site.ts";

/** Subroutines that write out a chunk, and bring rows to length 1. */
export function writeOut({ a, places }: Site): void {
  const x = zmm(0);

  /** The rows of output, and of v what goes past the state, of the tokens that the chunk has. */
  subroutine(a, "write_out", () => {
    const tail = mask(1);
    a.kmovwLoad(tail, word("valueTail"));
    a.vbroadcastss(zmm(1), word("skip"));
    a.lea(rsi, placed(places.rows.output));
    a.mov(rdi, word("outNow"));
    a.mov(r10, word("vNow"));
    a.mov(rcx, word("valueWhole"));
    a.mov(rdx, word("valueBytes"));
    a.mov(r8, word("skip"));
    a.mov(r9, word("count"));
    countDown(a, r9, 1, () => {
      const [again, last] = [a.fresh("whole"), a.fresh("last")];
      a.xor(rax, rax);
      a.label(again);
      a.cmp(rax, rcx);
      a.jumpIf("ge", last);
      a.vmovups(x, at(rsi, 0, rax));
      unlessZero(() => a.vfmadd231ps(x, zmm(1), at(r10, 0, rax)));
      a.vmovupsStore(at(rdi, 0, rax), x);
      a.add(rax, number(VECTOR));
      a.jump(again);
      a.label(last);
      a.vmovups(x, at(rsi, 0, rax));
      unlessZero(() => {
        a.vmovups(zmm(2), at(r10, 0, rax), { mask: tail, zero: true });
        a.vfmadd231ps(x, zmm(1), zmm(2));
      });
      a.vmovupsStore(at(rdi, 0, rax), x, { mask: tail });
      a.add(rsi, number(places.row));
      a.add(rdi, rdx);
      a.add(r10, rdx);
    });
  });

  /** Without a skip v is not read: 0 times infinity is not 0. */
  function unlessZero(body: () => void): void {
    const isZero = a.fresh("no_skip");
    a.test(r8, r8);
    a.jumpIf("e", isZero);
    body();
    a.label(isZero);
  }

  /** What brings rows to length 1, of the sums of their squares in zmm0: in zmm0. */
  subroutine(a, "norms", () => {
    a.vaddps(x, x, each(a.constant(1e-6)));
    a.vsqrtps(x, x);
    a.vbroadcastss(zmm(1), a.constant(1));
    a.vdivps(x, zmm(1), x);
    a.vmovupsStore(placed(places.lanes.norms), x);
  });
}
