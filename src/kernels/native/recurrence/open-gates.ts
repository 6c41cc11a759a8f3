import { at, mask, number, r8, r9, rax, rcx, rdi, rdx, rsi, zmm } from "../assembler/index.ts";
import { countDown } from "../code/frame.ts";
import { DECAY, WRITE } from "./forms.ts";
import { VECTOR } from "./layout.ts";
import { ifEqual, ifSet, placed, type Site, subroutine, word } from "./site.ts";

const tail = mask(1);

/**
 * Subroutines that bring in what the gates of a head are made with: a vector, or a matrix turned, A and b, or what is
 * added to each channel. The weights of the decay begin at rsi, those of the write at rdx; what a mechanism has not is
 * left alone.
 */
export function writeOpenGates({ a, places }: Site): void {
  const { decayVector, writeVector, slopes, shifts } = places.channels;

  subroutine(a, "open_gates", () => {
    a.add(rsi, word("decayWeights"));
    a.add(rdx, word("writeWeights"));
    a.store(word("decayWeightsNow"), rsi);
    a.store(word("writeWeightsNow"), rdx);
    const isFixed = a.fresh("decay_fixed");
    a.mov(rax, word("decayWeights"));
    a.test(rax, rax);
    a.jumpIf("e", isFixed);
    ifSet(
      a,
      "decayPerChannel",
      () => {
        a.mov(rdx, word("decayRow"));
        a.mov(rdi, word("packedDecays"));
        a.call("turn_weights");
      },
      () => {
        a.lea(rdi, placed(decayVector));
        a.call("copy_vector");
      },
    );
    ifEqual(a, "decay", DECAY.softplus, () => a.call("open_steps"));
    ifEqual(a, "decay", DECAY.exponential, () => {
      a.mov(rsi, word("offsets"));
      a.lea(rdi, placed(shifts));
      a.call("copy_vector");
    });
    a.label(isFixed);
    ifEqual(a, "write", WRITE.logistic, () => {
      a.mov(rsi, word("writeWeightsNow"));
      ifSet(
        a,
        "writePerChannel",
        () => {
          a.mov(rdx, word("keyBytes"));
          a.mov(rdi, word("packedWrites"));
          a.call("turn_weights");
        },
        () => {
          a.lea(rdi, placed(writeVector));
          a.call("copy_vector");
        },
      );
    });
  });

  /** d floats at rsi to rdi, and 0 behind them. */
  subroutine(a, "copy_vector", () => {
    a.mov(rcx, word("keyVectors"));
    a.sub(rcx, number(1));
    countDown(a, rcx, 1, () => {
      a.vmovups(zmm(0), at(rsi));
      a.vmovupsStore(at(rdi), zmm(0));
      a.add(rsi, number(VECTOR));
      a.add(rdi, number(VECTOR));
    });
    a.kmovwLoad(tail, word("keyTail"));
    a.vmovups(zmm(0), at(rsi), { mask: tail, zero: true });
    a.vmovupsStore(at(rdi), zmm(0));
  });

  /** A and b, which are the last two numbers of each row of weights: of every channel, or the same for every token. */
  subroutine(a, "open_steps", () => {
    a.mov(rsi, word("decayWeightsNow"));
    a.add(rsi, word("keyBytes"));
    a.lea(rdi, placed(slopes));
    ifSet(
      a,
      "decayPerChannel",
      () => {
        a.mov(rcx, word("d"));
        countDown(a, rcx, 1, () => {
          a.mov32(r8, at(rsi));
          a.mov32(r9, at(rsi, 4));
          a.store32(at(rdi), r8);
          a.store32(at(rdi, shifts - slopes), r9);
          a.add(rsi, word("decayRow"));
          a.add(rdi, number(4));
        });
      },
      () => {
        for (const [place, from] of [
          [slopes, 0],
          [shifts, 4],
        ] as const) {
          a.vbroadcastss(zmm(0), at(rsi, from));
          a.vmovupsStore(placed(place), zmm(0));
        }
      },
    );
  });
}
