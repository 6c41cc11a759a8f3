import {
  at,
  each,
  mask,
  number,
  r8,
  r9,
  r10,
  r11,
  rcx,
  rdi,
  rsi,
  type Zmm,
  zmm,
} from "../../assembler/index.ts";
import { foldLanes } from "../../code/fold.ts";
import { countDown } from "../../code/frame.ts";
import { DECAY, WRITE } from "../forms.ts";
import { logistic } from "../gate-forms.ts";
import { TOKENS, VECTOR } from "../layout.ts";
import { ifEqual, ifSet, placed, subroutine, word } from "../site.ts";
import { type BackSite, backWord, ifBackSet } from "./site.ts";

/** The shape of `ln α = ln σ(x) / 16`. */
const SHARE = 1 / 16;
const SIGN = 0x80000000;

/**
 * Subroutines from the gradients of gates that a token has one of to those of what the gates are: numbers that are given, or weights and
 * the keys that they are multiplied with.
 */
export function writeTokenGatesBack(site: BackSite): void {
  const { a, places, back } = site;
  const { lanes, channels } = places;
  const counted = mask(1);
  const [x, ofLog, other] = [zmm(0), zmm(1), zmm(2)];

  /** The gradient of β of each token, of keys that are written by it: those are then multiplied by it. */
  subroutine(a, "token_write_gradients", () => {
    const products = Array.from({ length: TOKENS }, (_, token) => zmm(token));
    for (const product of products) a.vpxord(product, product, product);
    a.lea(rsi, placed(back.rows.given));
    a.lea(rdi, placed(back.rows.ofKeys));
    a.mov(rcx, word("keyVectors"));
    countDown(a, rcx, 1, () => {
      for (const [token, product] of products.entries()) {
        a.vmovups(zmm(16), at(rsi, token * places.row));
        a.vfmadd231ps(product, zmm(16), at(rdi, token * places.row));
      }
      a.add(rsi, number(VECTOR));
      a.add(rdi, number(VECTOR));
    });
    foldLanes(a);
    a.kmovwLoad(counted, word("counted"));
    a.vmovups(x, x, { mask: counted, zero: true });
    a.vmovupsStore(placed(back.lanes.ofWrites), x);
    a.lea(rsi, placed(lanes.written));
    a.lea(rdi, placed(back.rows.ofKeys));
    a.mov(rcx, word("keyVectors"));
    a.call("scale_rows");
  });

  subroutine(a, "token_gate_gradients", () => {
    a.kmovwLoad(counted, word("counted"));
    ifBackSet(site, "learnsWrites", () => {
      ifEqual(a, "write", WRITE.given, () => {
        a.mov(rdi, backWord(site, "dbetaNow"));
        a.vmovups(x, placed(back.lanes.ofWrites));
        a.vmovupsStore(at(rdi), x, { mask: counted });
      });
      const done = a.fresh("writes_done");
      ifSet(a, "writePerChannel", () => a.jump(done));
      ifEqual(a, "write", WRITE.logistic, () => {
        a.vmovups(x, placed(lanes.writeLogits));
        a.vpxord(x, x, each(a.words([SIGN])));
        logistic(a, x);
        a.vmulps(x, x, placed(lanes.written));
        a.vmulps(x, x, placed(back.lanes.ofWrites));
        storeCounted(x, back.lanes.ofWrites);
        a.lea(rsi, placed(channels.writeVector));
        a.lea(r8, placed(back.lanes.ofWrites));
        a.mov(r11, backWord(site, "sumsNow"));
        a.add(r11, backWord(site, "writeSumsAt"));
        a.call("project_back");
      });
      a.label(done);
    });
    const byChannel = a.fresh("decays_of_channels");
    ifSet(a, "decayPerChannel", () => a.jump(byChannel));
    ifBackSet(site, "learnsDecays", ofDecays);
    a.label(byChannel);
  });

  function ofDecays(): void {
    const done = a.fresh("decays_done");
    a.kmovwLoad(counted, word("counted"));
    ifEqual(a, "decay", DECAY.given, () => {
      a.mov(rdi, backWord(site, "dgNow"));
      a.vmovups(x, placed(back.lanes.ofLogs));
      a.vmovupsStore(at(rdi), x, { mask: counted });
      a.jump(done);
    });
    ifEqual(a, "decay", DECAY.logistic, () => {
      a.vmovups(x, placed(lanes.decayLogits));
      a.vpxord(x, x, each(a.words([SIGN])));
      logistic(a, x);
      a.vmulps(x, x, each(a.constant(SHARE)));
      a.vmulps(x, x, placed(back.lanes.ofLogs));
      ofLogits();
      a.jump(done);
    });
    // ln α = -A Δ, and Δ may be what is written by.
    a.vmovups(ofLog, placed(back.lanes.ofLogs));
    a.vpxord(ofLog, ofLog, each(a.words([SIGN])));
    a.vmulps(other, ofLog, placed(lanes.steps));
    addToTail(other, 0);
    a.vmulps(ofLog, ofLog, placed(channels.slopes));
    for (const write of [WRITE.step, WRITE.givenStep]) {
      ifEqual(a, "write", write, () => a.vaddps(ofLog, ofLog, placed(back.lanes.ofWrites)));
    }
    ifEqual(a, "write", WRITE.givenStep, () => {
      a.mov(rdi, backWord(site, "ddtNow"));
      a.vmovupsStore(at(rdi), ofLog, { mask: counted });
      a.jump(done);
    });
    a.vmovups(x, placed(lanes.decayLogits));
    logistic(a, x);
    a.vmulps(x, x, ofLog);
    a.vmovups(x, x, { mask: counted, zero: true });
    addToTail(x, VECTOR);
    ofLogits();
    a.label(done);
  }

  /** The gradients of logits of decays, in zmm0. */
  function ofLogits(): void {
    storeCounted(x, back.lanes.ofLogs);
    a.lea(rsi, placed(channels.decayVector));
    a.lea(r8, placed(back.lanes.ofLogs));
    a.mov(r11, backWord(site, "sumsNow"));
    a.call("project_back");
  }

  function storeCounted(of: Zmm, to: number): void {
    a.vmovups(of, of, { mask: counted, zero: true });
    a.vmovupsStore(placed(to), of);
  }

  /** Adds to what A or b of a head get, by lanes. */
  function addToTail(of: Zmm, bytes: number): void {
    a.mov(r11, backWord(site, "sumsNow"));
    a.add(r11, backWord(site, "tailAt"));
    a.vmovups(zmm(3), of, { mask: counted, zero: true });
    a.vaddps(zmm(3), zmm(3), at(r11, bytes));
    a.vmovupsStore(at(r11, bytes), zmm(3));
  }

  /**
   * What sums `w·k` add to the gradients of k and, at r11, of w: of a vector of weights at rsi, and a number of each token at r8.
   */
  subroutine(a, "project_back", () => {
    const [sum, weight, gradient] = [zmm(0), zmm(1), zmm(2)];
    a.lea(r9, placed(back.rows.given));
    a.lea(r10, placed(back.rows.ofKeys));
    a.mov(rcx, word("keyVectors"));
    countDown(a, rcx, 1, () => {
      a.vmovups(sum, at(r11));
      a.vmovups(weight, at(rsi));
      for (let token = 0; token < TOKENS; token++) {
        a.vbroadcastss(zmm(4 + (token % 4)), at(r8, 4 * token));
        a.vmovups(gradient, at(r10, token * places.row));
        a.vfmadd231ps(gradient, weight, zmm(4 + (token % 4)));
        a.vmovupsStore(at(r10, token * places.row), gradient);
        a.vfmadd231ps(sum, zmm(4 + (token % 4)), at(r9, token * places.row));
      }
      a.vmovupsStore(at(r11), sum);
      for (const register of [rsi, r9, r10, r11]) a.add(register, number(VECTOR));
    });
  });
}
