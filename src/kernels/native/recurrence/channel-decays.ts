import {
  type Assembler,
  at,
  each,
  mask,
  number,
  r8,
  r9,
  rax,
  rcx,
  rdi,
  rsi,
  type Zmm,
  zmm,
} from "../assembler/index.ts";
import { countDown } from "../code/frame.ts";
import { type Learned, LOGS, logistic, logOfStep, softplus } from "./gate-forms.ts";
import { TOKENS, VECTOR } from "./layout.ts";
import { decay } from "./powers.ts";
import { placed, type Site, subroutine, word } from "./site.ts";

const [log, sum, one] = [zmm(0), zmm(1), zmm(2)];
const firstLane = mask(1);

/** What makes a logarithm in its place, of each vector of a token's row; it may read its step in the rows of writes. */
type MakeLog = (a: Assembler, log: Zmm, learned: Learned, step: ReturnType<typeof at>) => void;

/** Logarithms of α of a channel, of what lies in the rows of decays, by subroutine. */
const FORMS: Readonly<Record<string, MakeLog>> = {
  given_decays: () => {},
  logistic_decays: LOGS.logistic,
  exponential_decays: LOGS.exponential,
  rwkv7_decays: LOGS.rwkv7,
  step_decays(a, step, learned, to) {
    a.vaddps(step, step, learned.shift);
    softplus(a, step);
    a.vmovupsStore(to, step);
    logOfStep(a, step, learned);
  },
  given_step_decays: (a, step, learned) => logOfStep(a, step, learned),
};

/**
 * Subroutines that make α of each channel in the rows of decays, 1 of tokens that the chunk does not have, and what all of
 * them leave of the state.
 */
export function writeChannelDecays({ a, places }: Site): void {
  const { rows, channels, lanes } = places;
  for (const [name, make] of Object.entries(FORMS)) {
    subroutine(a, name, () => {
      a.lea(rsi, placed(rows.decays));
      a.lea(rdi, placed(channels.chunk));
      a.mov(rcx, word("keyVectors"));
      countDown(a, rcx, 1, () => {
        const learned: Learned = {
          shift: at(rdi, channels.shifts - channels.chunk),
          slope: at(rdi, channels.slopes - channels.chunk),
        };
        a.vpxord(sum, sum, sum);
        a.mov(r8, rsi);
        a.mov(r9, word("count"));
        countDown(a, r9, 1, () => {
          a.vmovups(log, at(r8));
          make(a, log, learned, at(r8, rows.writes - rows.decays));
          a.vaddps(sum, sum, log);
          decay(a, log);
          a.vmovupsStore(at(r8), log);
          a.add(r8, number(places.row));
        });
        a.vbroadcastss(one, a.constant(1));
        a.movImmediate(r9, TOKENS);
        a.sub(r9, word("count"));
        countDown(a, r9, 1, () => {
          a.vmovupsStore(at(r8), one);
          a.add(r8, number(places.row));
        });
        decay(a, sum);
        a.vmovupsStore(at(rdi), sum);
        a.add(rsi, number(VECTOR));
        a.add(rdi, number(VECTOR));
      });
    });
  }

  /** The number of each token at rsi, in the whole row at rdi. */
  subroutine(a, "spread_tokens", () => {
    a.movImmediate(r9, TOKENS);
    countDown(a, r9, 1, () => {
      a.vbroadcastss(one, at(rsi));
      a.mov(r8, rdi);
      a.mov(rcx, word("keyVectors"));
      countDown(a, rcx, 1, () => {
        a.vmovupsStore(at(r8), one);
        a.add(r8, number(VECTOR));
      });
      a.add(rsi, number(4));
      a.add(rdi, number(places.row));
    });
  });

  /** What the chunk leaves of the state, where a token has one decay, to every channel. */
  subroutine(a, "spread_chunk", () => {
    a.vbroadcastss(one, placed(lanes.fromStart, 4 * (TOKENS - 1)));
    a.lea(rdi, placed(channels.chunk));
    a.mov(rcx, word("keyVectors"));
    countDown(a, rcx, 1, () => {
      a.vmovupsStore(at(rdi), one);
      a.add(rdi, number(VECTOR));
    });
  });

  /** The rows at rsi, as they are, to those at rdi. */
  subroutine(a, "copy_channels", () => {
    a.movImmediate(r9, TOKENS);
    countDown(a, r9, 1, () => {
      a.xor(r8, r8);
      a.mov(rcx, word("keyVectors"));
      countDown(a, rcx, 1, () => {
        a.vmovups(log, at(rsi, 0, r8));
        a.vmovupsStore(at(rdi, 0, r8), log);
        a.add(r8, number(VECTOR));
      });
      a.add(rsi, number(places.row));
      a.add(rdi, number(places.row));
    });
  });

  /** β of each channel, of the logits in the rows of writes. */
  subroutine(a, "channel_writes", () => {
    a.lea(rdi, placed(rows.writes));
    a.movImmediate(r9, TOKENS);
    countDown(a, r9, 1, () => {
      a.mov(r8, rdi);
      a.mov(rcx, word("keyVectors"));
      countDown(a, rcx, 1, () => {
        a.vmovups(log, at(r8));
        logistic(a, log);
        a.vmovupsStore(at(r8), log);
        a.add(r8, number(VECTOR));
      });
      a.add(rdi, number(places.row));
    });
  });
}

/** What rows that read or ask the state are multiplied by: how much of it is left since the chunk began. */
export function writeRunning({ a, places }: Site): void {
  const running = zmm(3);
  const { queries, keys, decays } = places.rows;
  for (const [name, before, row] of [
    ["run_queries_after", false, queries],
    ["run_queries_before", true, queries],
    ["run_erasing_after", false, keys],
    ["run_erasing_before", true, keys],
  ] as const) {
    subroutine(a, name, () => {
      a.lea(rsi, placed(decays));
      a.mov(rcx, word("keyVectors"));
      countDown(a, rcx, 1, () => {
        a.vbroadcastss(running, a.constant(1));
        for (let token = 0; token < TOKENS; token++) {
          const own = at(rsi, row - decays + token * places.row);
          if (!before) a.vmulps(running, running, at(rsi, token * places.row));
          a.vmulps(log, running, own);
          a.vmovupsStore(own, log);
          if (before) a.vmulps(running, running, at(rsi, token * places.row));
        }
        a.add(rsi, number(VECTOR));
      });
    });
  }

  /** Each token's score of itself, times the bonus. */
  subroutine(a, "add_bonus", () => {
    a.movImmediate(rax, 1);
    a.kmovw(firstLane, rax);
    for (let token = 0; token < TOKENS; token++) {
      const own = placed(places.squares.scores, token * (VECTOR + 4));
      a.vbroadcastss(log, own);
      a.vmulps(log, log, each(word("bonus")));
      a.vmovupsStore(own, log, { mask: firstLane });
    }
  });
}
