import {
  at,
  each,
  mask,
  number,
  r8,
  r9,
  r10,
  rax,
  rcx,
  rdi,
  rdx,
  rsi,
  type Zmm,
  zmm,
} from "../../assembler/index.ts";
import { foldLanes } from "../../code/fold.ts";
import { countDown } from "../../code/frame.ts";
import { PRODUCT } from "../../products/block.ts";
import { callProduct } from "../../products/product.ts";
import { DECAY, WRITE } from "../forms.ts";
import { LOGS, logistic } from "../gate-forms.ts";
import { TOKENS, VECTOR } from "../layout.ts";
import { ifEqual, ifSet, placed, subroutine, word } from "../site.ts";
import { type BackSite, backWord, ifBackSet } from "./site.ts";

const SIGN = 0x80000000;
/** The shape of `ln α = ln σ(x) / 16`, and RWKV-7's decays, which are at least e^-e^(-1/2). */
const SHARE = 1 / 16;
const STRONGEST = Math.exp(-0.5);
/** A decay of which nothing is left in any float. */
const LEAST_LOG = -1e30;

/** Subroutines from the gradients of gates that a channel has to those of the weights and keys that gates are made of. */
export function writeChannelGatesBack(site: BackSite): void {
  const { a, places, back } = site;
  const { rows, channels } = places;
  const [x, other, own, tail] = [zmm(0), zmm(1), zmm(2), zmm(3)];
  const columns = mask(1);

  /** What lies at a place beside the gradient that is gone through, of the same token and channels. */
  type Beside = (place: number) => ReturnType<typeof at>;

  /** Does `body` for each vector of the gradients of the tokens that the chunk has; those of others become 0. r9 is where the channel is. */
  function eachOf(of: number, body: (gradient: ReturnType<typeof at>, beside: Beside) => void): void {
    a.lea(r8, placed(of));
    a.mov(r10, word("count"));
    countDown(a, r10, 1, () => {
      a.xor(r9, r9);
      a.mov(rcx, word("keyVectors"));
      countDown(a, rcx, 1, () => {
        body(at(r8, 0, r9), (place) => at(r8, place - of, r9));
        a.add(r9, number(VECTOR));
      });
      a.add(r8, number(places.row));
    });
    a.vpxord(x, x, x);
    a.movImmediate(r10, TOKENS);
    a.sub(r10, word("count"));
    countDown(a, r10, 1, () => {
      a.xor(r9, r9);
      a.mov(rcx, word("keyVectors"));
      countDown(a, rcx, 1, () => {
        a.vmovupsStore(at(r8, 0, r9), x);
        a.add(r9, number(VECTOR));
      });
      a.add(r8, number(places.row));
    });
  }

  /** The gradient of β of each channel, of keys that are written by it: those are then multiplied by it. */
  subroutine(a, "channel_write_gradients", () => {
    eachOf(back.rows.ofWrites, (gradient, beside) => {
      a.vmovups(x, beside(back.rows.ofKeys));
      a.vmulps(other, x, beside(back.rows.given));
      a.vmovupsStore(gradient, other);
      a.vmulps(x, x, beside(rows.writes));
      a.vmovupsStore(beside(back.rows.ofKeys), x);
    });
  });

  /** Keys times what they are written by, of each channel. */
  subroutine(a, "multiply_key_rows", () => {
    eachOf(rows.keys, (key, beside) => {
      a.vmovups(x, key);
      a.vmulps(x, x, beside(rows.writes));
      a.vmovupsStore(key, x);
    });
  });

  /** The gradients of a decay that all channels share, summed over them. */
  subroutine(a, "sum_channels", () => {
    sumRows(back.rows.ofLogs);
    a.kmovwLoad(columns, word("counted"));
    a.vmovups(x, x, { mask: columns, zero: true });
    a.vmovupsStore(placed(back.lanes.ofLogs), x);
  });

  /** Sums of the channels of each token, in zmm0. */
  function sumRows(of: number): void {
    const sums = Array.from({ length: TOKENS }, (_, token) => zmm(token));
    for (const sum of sums) a.vpxord(sum, sum, sum);
    a.lea(rsi, placed(of));
    a.mov(rcx, word("keyVectors"));
    countDown(a, rcx, 1, () => {
      for (const [token, sum] of sums.entries()) a.vaddps(sum, sum, at(rsi, token * places.row));
      a.add(rsi, number(VECTOR));
    });
    foldLanes(a);
  }

  subroutine(a, "channel_gate_gradients", () => {
    ifSet(a, "writePerChannel", () =>
      ifEqual(a, "write", WRITE.logistic, () => {
        eachOf(back.rows.ofWrites, (gradient, beside) => {
          a.vmovups(x, beside(rows.writeLogits));
          negate(x);
          logistic(a, x);
          a.vmulps(x, x, beside(rows.writes));
          a.vmulps(x, x, gradient);
          a.vmovupsStore(gradient, x);
        });
        const sums = backWord(site, "writeSumsAt");
        multiplyBack("writesToKeys", "toWrites", "writeWeightsNow", () => a.add(rax, sums));
      }),
    );
    ifSet(a, "decayPerChannel", () => ifBackSet(site, "learnsDecays", ofDecays));
  });

  function ofDecays(): void {
    const done = a.fresh("channel_decays_done");
    const form = (value: number, make: () => void): void =>
      ifEqual(a, "decay", value, () => {
        make();
        a.jump(done);
      });
    form(DECAY.given, () => {
      a.kmovwLoad(columns, word("keyTail"));
      a.vbroadcastss(zmm(1), a.constant(1));
      a.lea(rsi, placed(back.rows.ofLogs));
      a.mov(rdi, backWord(site, "dgNow"));
      a.mov(rdx, word("keyBytes"));
      a.mov(rcx, word("keyWhole"));
      a.call("write_rows");
    });
    form(DECAY.logistic, () => {
      slopes((logit) => {
        negate(logit);
        logistic(a, logit);
        a.vmulps(logit, logit, each(a.constant(SHARE)));
      });
      multiplyDecays();
    });
    form(DECAY.exponential, () => {
      a.lea(rsi, placed(channels.slopes));
      eachOf(back.rows.ofLogs, (gradient, beside) => {
        a.vmovups(x, beside(rows.decayLogits));
        // The logarithm is its own slope.
        LOGS.exponential(a, x, { shift: ofChannel(channels.shifts), slope: ofChannel(channels.slopes) });
        // Where nothing is left the gradient is 0, and an infinite slope would make NaN of it.
        a.vbroadcastss(other, a.constant(LEAST_LOG));
        a.vmaxps(x, other, x);
        a.vmulps(x, x, gradient);
        a.vmovupsStore(gradient, x);
      });
      multiplyDecays();
    });
    form(DECAY.rwkv7, () => {
      slopes((logit) => {
        a.vmovups(own, logit);
        logistic(a, logit);
        negate(own);
        logistic(a, own);
        a.vmulps(logit, logit, own);
        a.vmulps(logit, logit, each(a.constant(-STRONGEST)));
      });
      multiplyDecays();
    });
    ofSteps(done);
    a.label(done);
  }

  /** Gradients of logarithms times their slopes, which `make` makes of the logits in zmm0. */
  function slopes(make: (logit: Zmm) => void): void {
    eachOf(back.rows.ofLogs, (gradient, beside) => {
      a.vmovups(x, beside(rows.decayLogits));
      make(x);
      a.vmulps(x, x, gradient);
      a.vmovupsStore(gradient, x);
    });
  }

  /** `ln α = -A Δ` of each channel, and Δ may be what is written by. */
  function ofSteps(done: string): void {
    const given = a.fresh("steps_given");
    a.lea(rsi, placed(channels.slopes));
    ifEqual(a, "write", WRITE.givenStep, () => a.jump(given));
    eachOf(back.rows.ofLogs, (gradient, beside) => {
      a.vmovups(x, gradient);
      negate(x);
      a.vmulps(other, x, beside(rows.writes));
      addToTail(other, false);
      a.vmulps(x, x, ofChannel(channels.slopes));
      ifEqual(a, "write", WRITE.step, () => a.vaddps(x, x, beside(back.rows.ofWrites)));
      a.vmovups(other, beside(rows.decayLogits));
      a.vaddps(other, other, ofChannel(channels.shifts));
      logistic(a, other);
      a.vmulps(x, x, other);
      addToTail(x, true);
      a.vmovupsStore(gradient, x);
    });
    multiplyDecays();
    a.jump(done);
    a.label(given);
    a.lea(rdi, placed(places.lanes.steps));
    eachOf(back.rows.ofLogs, (gradient) => {
      a.vmovups(x, gradient);
      negate(x);
      // The token's step.
      a.mov(rax, word("count"));
      a.sub(rax, r10);
      a.vmulps(other, x, each(at(rdi, -4, rax, 4)));
      addToTail(other, false);
      a.vmulps(x, x, ofChannel(channels.slopes));
      a.vmovupsStore(gradient, x);
    });
    sumRows(back.rows.ofLogs);
    a.vaddps(x, x, placed(back.lanes.ofWrites));
    a.kmovwLoad(columns, word("counted"));
    a.mov(rdi, backWord(site, "ddtNow"));
    a.vmovupsStore(at(rdi), x, { mask: columns });
  }

  /** A number of each channel: rsi is where A is. */
  function ofChannel(place: number): ReturnType<typeof at> {
    return at(rsi, place - channels.slopes, r9);
  }

  /** Adds to what A, or b, of each channel gets. */
  function addToTail(of: Zmm, isShift: boolean): void {
    a.mov(rax, backWord(site, "sumsNow"));
    a.add(rax, backWord(site, "tailAt"));
    if (isShift) {
      a.mov(rdx, word("keyVectors"));
      a.shl(rdx, 6);
      a.add(rax, rdx);
    }
    a.vmovups(tail, at(rax, 0, r9));
    a.vaddps(tail, tail, of);
    a.vmovupsStore(at(rax, 0, r9), tail);
  }

  function multiplyDecays(): void {
    multiplyBack("decaysToKeys", "toDecays", "decayWeightsNow", () => {});
  }

  /** What sums `W k` add to the gradients of k, and of W, whose sums begin `further` from those of the segment. */
  function multiplyBack(
    toKeys: "decaysToKeys" | "writesToKeys",
    toWeights: "toDecays" | "toWrites",
    weights: "decayWeightsNow" | "writeWeightsNow",
    further: () => void,
  ): void {
    a.mov(rax, word(weights));
    a.store(placed(back.products[toKeys], PRODUCT.b), rax);
    a.lea(rdi, placed(back.products[toKeys]));
    callProduct(a, rdi);
    a.mov(rax, backWord(site, "sumsNow"));
    further();
    a.store(placed(back.products[toWeights], PRODUCT.c), rax);
    a.lea(rdi, placed(back.products[toWeights]));
    callProduct(a, rdi);
  }

  function negate(of: Zmm): void {
    a.vpxord(of, of, each(a.words([SIGN])));
  }
}
