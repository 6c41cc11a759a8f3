import { at, each, mask, r8, rax, rsi, type Zmm, zmm } from "../assembler/index.ts";
import { DECAY, WRITE } from "./forms.ts";
import { type Learned, LOGS, logistic, logOfStep, softplus } from "./gate-forms.ts";
import { TOKENS, VECTOR } from "./layout.ts";
import { decay, decayPair } from "./powers.ts";
import { ifEqual, placed, type Site, subroutine, word } from "./site.ts";

const x = zmm(0);
const counted = mask(1);

/** Subroutines of gates that a token has one of: of 16 tokens at once, 0 of those that the chunk does not have. */
export function writeTokenGates({ a, places }: Site): void {
  const { lanes, channels, squares } = places;
  const learned: Learned = { shift: placed(channels.shifts), slope: placed(channels.slopes) };

  /** ln α of each token, and its step where it has one. */
  subroutine(a, "token_logs", () => {
    const done = a.fresh("logs_done");
    const form = (value: number, make: () => void): void =>
      ifEqual(a, "decay", value, () => {
        make();
        a.jump(done);
      });
    a.kmovwLoad(counted, word("counted"));
    form(DECAY.fixed, () => a.vbroadcastss(x, word("logNow")));
    form(DECAY.given, () => {
      a.mov(rsi, word("gNow"));
      a.vmovups(x, at(rsi), { mask: counted, zero: true });
    });
    form(DECAY.logistic, () => {
      project(channels.decayVector);
      a.vmovupsStore(placed(lanes.decayLogits), x);
      LOGS.logistic(a, x);
    });
    form(DECAY.softplus, () => {
      const [isGiven, stepped] = [a.fresh("given_step"), a.fresh("stepped")];
      ifEqual(a, "write", WRITE.givenStep, () => a.jump(isGiven));
      project(channels.decayVector);
      a.vaddps(x, x, learned.shift);
      a.vmovupsStore(placed(lanes.decayLogits), x);
      softplus(a, x);
      a.jump(stepped);
      a.label(isGiven);
      a.mov(rsi, word("dtNow"));
      a.vmovups(x, at(rsi), { mask: counted, zero: true });
      a.label(stepped);
      a.vmovupsStore(placed(lanes.steps), x);
      logOfStep(a, x, learned);
    });
    a.vpxord(x, x, x);
    a.label(done);
    a.kmovwLoad(counted, word("counted"));
    a.vmovups(x, x, { mask: counted, zero: true });
    a.vmovupsStore(placed(lanes.logs), x);
  });

  /** β of each token that has one, after its decay. */
  subroutine(a, "token_writes", () => {
    const done = a.fresh("writes_done");
    const form = (value: number, make: () => void): void =>
      ifEqual(a, "write", value, () => {
        make();
        a.jump(done);
      });
    const load = (name: "betaNow" | "dtNow"): void => {
      a.mov(rsi, word(name));
      a.vmovups(x, at(rsi), { mask: counted, zero: true });
    };
    const whole = a.fresh("whole");
    a.mov(rax, word("writePerChannel"));
    a.test(rax, rax);
    a.jumpIf("ne", whole);
    a.kmovwLoad(counted, word("counted"));
    form(WRITE.given, () => load("betaNow"));
    form(WRITE.givenStep, () => load("dtNow"));
    form(WRITE.step, () => a.vmovups(x, placed(lanes.steps)));
    form(WRITE.logistic, () => {
      project(channels.writeVector);
      a.vmovupsStore(placed(lanes.writeLogits), x);
      logistic(a, x);
    });
    a.label(whole);
    a.vbroadcastss(x, a.constant(1));
    a.label(done);
    a.vmovupsStore(placed(lanes.written), x);
  });

  /**
   * What is left of the state since the chunk began when each token reads it, a power of a sum, and in the square of shares
   * what is left of each key: row t is row t - 1 times α of t, and the last what is left at the end.
   */
  subroutine(a, "token_decays", () => {
    const [keep, rest, share, kept, sum] = [zmm(1), zmm(2), zmm(3), zmm(4), zmm(5)];
    a.vmovups(rest, placed(lanes.logs));
    decayPair(a, rest, keep);
    a.vmovupsStore(placed(lanes.keep), keep);
    a.vmovupsStore(placed(lanes.rest), rest);
    a.vpxord(share, share, share);
    a.vpxord(sum, sum, sum);
    for (let token = 0; token < TOKENS; token++) {
      const [own, later] = [mask(1), mask(2)];
      a.movImmediate(rax, 1 << token);
      a.kmovw(own, rax);
      a.movImmediate(r8, 0xffff & ~((1 << token) - 1));
      a.kmovw(later, r8);
      a.vaddps(sum, sum, each(placed(lanes.logs, 4 * token)), { mask: later });
      a.vmulps(kept, share, each(placed(lanes.keep, 4 * token)));
      a.vfmadd213ps(share, zmmOf(lanes.rest, token), kept);
      a.vbroadcastss(share, a.constant(1), { mask: own });
      a.vmovupsStore(placed(squares.shares, token * VECTOR), share);
    }
    a.vmovupsStore(placed(lanes.toEnd), share);
    decay(a, sum);
    a.vmovupsStore(placed(lanes.fromStart), sum);
  });

  function zmmOf(place: number, token: number): Zmm {
    a.vbroadcastss(zmm(6), placed(place, 4 * token));
    return zmm(6);
  }

  function project(vector: number): void {
    a.lea(rsi, placed(vector));
    a.call("project_keys");
  }
}
