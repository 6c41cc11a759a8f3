import { each, number, rax, rcx, rdi, rsi, zmm } from "../assembler/index.ts";
import { copyRows, multiply, scaleRows } from "./calls.ts";
import { UNIT, WRITE } from "./forms.ts";
import { ifEqual, ifSet, placed, type Site, subroutine, word } from "./site.ts";

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
  subroutine(a, "chunk", () => {
    ifSet(a, "keeps", () => a.call("keep_before_chunk"));
    copyRows(site, "k", rows.keys);
    a.call("turn_keys");
    a.call("chunk_decays");
    a.call("token_writes");
    ifSet(a, "writePerChannel", () => ifEqual(a, "write", WRITE.logistic, () => multiply(site, "writes")));
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
        copyRows(site, "v", rows.values);
        a.lea(rsi, placed(lanes.written));
        a.lea(rdi, placed(rows.values));
        a.mov(rcx, word("valueVectors"));
        a.call("scale_rows");
        multiply(site, "erased");
        a.lea(rdi, placed(squares.erasing));
        a.call("solve_triangle");
      },
      () => copyRows(site, "v", rows.values),
    );
    ifSet(a, "reads", () => {
      ifSet(
        a,
        "isAlone",
        () => multiply(site, "read"),
        () => multiply(site, "readJoined"),
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

  /** Keys of length 1, if they are to be: those that are written as well, or those that erase alone. */
  function bringToLength(): void {
    const isNone = a.fresh("any_length");
    a.mov(rax, word("unit"));
    a.cmp(rax, number(UNIT.none));
    a.jumpIf("e", isNone);
    a.call("square_keys");
    a.call("norms");
    a.lea(rsi, placed(lanes.norms));
    scaleRows(site, rows.keys);
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
        scaleRows(site, rows.keys);
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
    copyRows(site, "q", rows.queries);
    a.vbroadcastss(zmm(0), word("scale"));
    a.vmovupsStore(placed(lanes.factors), zmm(0));
    ifEqual(a, "unit", UNIT.both, () => {
      a.call("square_queries");
      a.call("norms");
      a.vmulps(zmm(0), zmm(0), each(word("scale")));
      a.vmovupsStore(placed(lanes.factors), zmm(0));
    });
    a.lea(rsi, placed(lanes.factors));
    scaleRows(site, rows.queries);
  }
}
