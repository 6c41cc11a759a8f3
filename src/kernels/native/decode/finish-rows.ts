import type { NormaliserName } from "../../../pairwise/row-numbers.ts";
import { type Assembler, at, r12, rbp, rbx, rdi, rsi, zmm } from "../assembler/index.ts";
import { CALL, READER } from "./layout.ts";
import { eachReader } from "./values.ts";

/** Writes the outputs of all readers, whose weights were made so; of a row that attends nothing zeros. */
export function finishRows(a: Assembler, normaliser: NormaliserName | "nothing", copyValue: string): void {
  eachReader(a, rbx, () => {
    FACTOR[normaliser](a);
    a.mov(rsi, at(r12, READER.output));
    a.mov(rdi, at(rbp, CALL.output));
    a.call(copyValue);
    a.add(rdi, at(rbp, CALL.valueBytes));
    a.store(at(rbp, CALL.output), rdi);
  });
}

/** What the sums of a row are multiplied by, in vector 0. */
const FACTOR: Readonly<Record<NormaliserName | "nothing", (a: Assembler) => void>> = {
  softmax(a) {
    const [factor, total, moved] = [0, 1, 2].map(zmm);
    a.vmovups(total, at(r12, READER.total));
    for (const parts of [0x4e, 0xb1]) {
      a.vshuff32x4(moved, total, total, parts);
      a.vaddps(total, total, moved);
    }
    for (const lanes of [0x4e, 0xb1]) {
      a.vpermilps(moved, total, lanes);
      a.vaddps(total, total, moved);
    }
    a.vbroadcastss(factor, a.constant(1));
    a.vdivps(factor, factor, total);
  },
  relu: (a) => a.vmovups(zmm(0), at(r12, READER.maximum)),
  sigmoid: (a) => a.vbroadcastss(zmm(0), a.constant(1)),
  nothing: (a) => a.vpxord(zmm(0), zmm(0), zmm(0)),
};
