import { each, mask, number, rax, rcx, rdi, rdx, rsi, zmm } from "../assembler/index.ts";
import { callProduct } from "../products/product.ts";
import { DECAY, UNIT, WRITE } from "./forms.ts";
import type { PRODUCTS } from "./layout.ts";
import { pairsOf, UNREAD_PAIRS, VARIANTS } from "./pairs.ts";
import { ifEqual, ifSet, placed, type Site, subroutine, word } from "./site.ts";

const counted = mask(1);
const SIGN = 0x80000000;

/**
 * A subroutine: the tokens of a chunk, of which the words say where they are and how many. Keys and gates are brought in,
 * the decayed products between the tokens made, and then what is written, which is v, or of `W = β V - β (K̃ S) - M W` the
 * solution; queries read the state before the chunk, and the triangle of the chunk itself, and the state takes it in. Where
 * nothing is read the state does the same.
 */
export function writeChunk(site: Site): void {
  const { a, places } = site;
  const { rows, lanes, squares } = places;
  const product = (name: (typeof PRODUCTS)[number]): void => {
    a.lea(rdi, placed(places.products[name]));
    callProduct(a, rdi);
  };

  subroutine(a, "chunk", () => {
    copyRows("k", rows.keys, () => a.vbroadcastss(zmm(1), a.constant(1)));
    a.call("turn_keys");
    ifSet(
      a,
      "decayPerChannel",
      () => a.call("channel_decays"),
      () => {
        a.call("token_logs");
        a.call("token_decays");
        ifSet(a, "byChannel", spreadDecays);
        a.call("spread_chunk");
      },
    );
    a.call("token_writes");
    ifSet(a, "writePerChannel", () => ifEqual(a, "write", WRITE.logistic, () => product("writes")));
    bringToLength();
    makeWritten();
    ifSet(a, "reads", openQueries);
    ifSet(
      a,
      "byChannel",
      () => a.call("by_channel"),
      () => a.call("by_token"),
    );
    ifSet(
      a,
      "erases",
      () => {
        copyRows("v", rows.values, () => a.vbroadcastss(zmm(1), a.constant(1)));
        a.lea(rsi, placed(lanes.written));
        a.lea(rdi, placed(rows.values));
        a.mov(rcx, word("valueVectors"));
        a.call("scale_rows");
        product("erased");
        a.lea(rdi, placed(squares.erasing));
        a.call("solve_triangle");
      },
      () => copyRows("v", rows.values, () => a.vbroadcastss(zmm(1), a.constant(1))),
    );
    ifSet(a, "reads", () => {
      ifSet(
        a,
        "isAlone",
        () => product("read"),
        () => product("readJoined"),
      );
      a.lea(rdi, placed(squares.scores));
      a.call("read_triangle");
      a.call("write_out");
    });
    a.call("leave");
    ifSet(
      a,
      "isAlone",
      () => a.call("take_in"),
      () => a.call("take_in_joined"),
    );
  });

  subroutine(a, "channel_decays", () => {
    const done = a.fresh("decays_done");
    const form = (value: number, name: string): void =>
      ifEqual(a, "decay", value, () => {
        a.call(name);
        a.jump(done);
      });
    ifEqual(a, "decay", DECAY.given, () => {
      copyRows("g", rows.decays, () => a.vbroadcastss(zmm(1), a.constant(1)));
      a.call("given_decays");
      a.jump(done);
    });
    ifEqual(a, "write", WRITE.givenStep, () => {
      a.kmovwLoad(counted, word("counted"));
      a.mov(rsi, word("dtNow"));
      a.vmovups(zmm(0), { base: rsi, index: null, scale: 1, displacement: 0 }, { mask: counted, zero: true });
      a.vmovupsStore(placed(lanes.steps), zmm(0));
      a.lea(rsi, placed(lanes.steps));
      a.lea(rdi, placed(rows.decays));
      a.call("spread_tokens");
      a.call("given_step_decays");
      a.jump(done);
    });
    product("decays");
    form(DECAY.logistic, "logistic_decays");
    form(DECAY.exponential, "exponential_decays");
    form(DECAY.rwkv7, "rwkv7_decays");
    a.call("step_decays");
    a.label(done);
  });

  subroutine(a, "by_channel", () => {
    const done = a.fresh("pairs_done");
    ifEqual(a, "reads", 0, () => {
      a.call(UNREAD_PAIRS);
      a.jump(done);
    });
    for (const [index, { reads, erases }] of VARIANTS.entries()) {
      ifEqual(a, "variant", index, () => {
        a.call(pairsOf(index));
        a.call(`run_queries_${reads}`);
        if (erases !== null) a.call(`run_erasing_${erases}`);
        if (reads === "before") a.call("add_bonus");
        a.jump(done);
      });
    }
    a.label(done);
  });

  subroutine(a, "by_token", () => {
    ifSet(a, "reads", () => {
      pairTokens(rows.queries, squares.scores);
      ifSet(a, "erases", () => pairTokens(rows.keys, squares.erasing));
    });
    a.vmovups(zmm(1), placed(lanes.toEnd));
    a.call("scale_turned");
  });

  /** Rows times all keys up to their own, and what they read of the state. */
  function pairTokens(of: number, to: number): void {
    a.lea(rsi, placed(of));
    a.lea(rdi, placed(to));
    a.call("token_pairs");
    a.lea(rsi, placed(lanes.fromStart));
    scaleRows(of);
  }

  /** α of a token in all of its channels, 1 less what it lacks. */
  function spreadDecays(): void {
    a.vmovups(zmm(0), placed(lanes.keep));
    a.vaddps(zmm(0), zmm(0), placed(lanes.rest));
    a.vmovupsStore(placed(lanes.keep), zmm(0));
    a.lea(rsi, placed(lanes.keep));
    a.lea(rdi, placed(rows.decays));
    a.call("spread_tokens");
  }

  /** Keys of length 1, if they are to be: those that are written as well, or those that erase alone. */
  function bringToLength(): void {
    const isNone = a.fresh("any_length");
    a.mov(rax, word("unit"));
    a.cmp(rax, number(UNIT.none));
    a.jumpIf("e", isNone);
    a.call("square_keys");
    a.call("norms");
    a.lea(rsi, placed(lanes.norms));
    scaleRows(rows.keys);
    ifEqual(a, "unit", UNIT.both, () => {
      a.vmovups(zmm(1), placed(lanes.norms));
      a.call("scale_turned");
    });
    a.label(isNone);
  }

  /** Keys times β, or, where something is erased, the rows that erase times -β: values get theirs. */
  function makeWritten(): void {
    ifSet(
      a,
      "erases",
      () => {
        a.vmovups(zmm(0), placed(lanes.written));
        a.vpxord(zmm(0), zmm(0), each(a.words([SIGN])));
        a.vmovupsStore(placed(lanes.factors), zmm(0));
        // What is erased is a multiple of what is written, which is not brought to length 1.
        ifEqual(a, "unit", UNIT.erasure, () => {
          a.vmovups(zmm(0), placed(lanes.factors));
          a.vmulps(zmm(0), zmm(0), placed(lanes.norms));
          a.vmovupsStore(placed(lanes.factors), zmm(0));
        });
        a.lea(rsi, placed(lanes.factors));
        scaleRows(rows.keys);
      },
      () => {
        a.vmovups(zmm(1), placed(lanes.written));
        a.call("scale_turned");
      },
    );
    ifSet(a, "writePerChannel", () => {
      ifEqual(a, "write", WRITE.logistic, () => a.call("channel_writes"));
      a.call("multiply_writes");
    });
  }

  /** Queries with the scale of the output, of length 1 before that if they are to be. */
  function openQueries(): void {
    copyRows("q", rows.queries, () => a.vbroadcastss(zmm(1), a.constant(1)));
    a.vbroadcastss(zmm(0), word("scale"));
    a.vmovupsStore(placed(lanes.factors), zmm(0));
    ifEqual(a, "unit", UNIT.both, () => {
      a.call("square_queries");
      a.call("norms");
      a.vmulps(zmm(0), zmm(0), each(word("scale")));
      a.vmovupsStore(placed(lanes.factors), zmm(0));
    });
    a.lea(rsi, placed(lanes.factors));
    scaleRows(rows.queries);
  }

  function copyRows(of: "q" | "k" | "v" | "g", to: number, factor: () => void): void {
    const side = of === "v" ? "value" : "key";
    factor();
    a.kmovwLoad(counted, word(`${side}Tail`));
    a.mov(rsi, word(`${of}Now`));
    a.lea(rdi, placed(to));
    a.mov(rdx, word(`${side}Bytes`));
    a.mov(rcx, word(`${side}Whole`));
    a.call("copy_rows");
  }

  /** Rows of channels times the numbers at rsi. */
  function scaleRows(of: number): void {
    a.lea(rdi, placed(of));
    a.mov(rcx, word("keyVectors"));
    a.call("scale_rows");
  }
}
