import type { RequestName } from "../../../src/kernels/external/protocol.ts";

/** What must come of a program that misbehaves. */
export interface Misbehaviour {
  /** The mode of `misbehaving.ts`. */
  readonly mode: string;
  /**
   * `refused`: the program brings no kernel, and the command says why. `unsupported`: every case is skipped. `failed`: every
   * case fails, and the run goes on. `measured`: it does nothing that is forbidden.
   */
  readonly outcome: "refused" | "unsupported" | "failed" | "measured";
  /** Words of the reason; null where there is none. */
  readonly reason: RegExp | null;
  /** The request whose answer never comes, which is noticed only once it is late. */
  readonly late?: RequestName;
}

const log = "its log ends in: the library was not found";
const forAnswers = "to standard output, which is for answers alone";

/**
 * All of them. Whatever comes of it, no process and no file of it may be left when attnbench has ended, but for the
 * grandchild that leaves the group, which must not be waited for: it ends by itself after 20 s.
 */
export const MISBEHAVIOURS: readonly Misbehaviour[] = [
  refused("dies-at-start", /ended with exit code 3/),
  refused("dies-at-hello", new RegExp(`ended with exit code 4; ${log}`)),
  refused("exits-0-at-hello", /ended with exit code 0/),
  refused("is-killed-at-hello", /was ended by SIGKILL/),
  late("hello", refused("hangs-at-hello", /has not answered hello within/)),
  refused("prints-first", new RegExp(`wrote 'Loading weights…' ${forAnswers}`)),
  refused("prints-an-empty-line", new RegExp(`wrote an empty line ${forAnswers}`)),
  refused("prints-a-number", new RegExp(`wrote '42' ${forAnswers}`)),
  refused("prints-bytes", new RegExp(`wrote bytes that are not UTF-8 ${forAnswers}`)),
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may come through
  refused("prints-escapes", /^[^\u0000-\u001f]*wrote '[^\u0000-\u001f]*<script>[^\u0000-\u001f]*$/),
  refused("writes-a-2-mib-line", /wrote a line of more than 1 MiB/),
  refused("ends-within-a-line", /ended with exit code 0/),
  late("hello", refused("hangs-within-a-line", /has not answered hello within/)),
  refused("closes-stdout", /closed its standard output/),
  refused("refuses-hello", /no licence/),
  refused("has-no-kernels", /the answer to hello, kernels,/),
  refused("has-a-kernel-without-an-id", /the answer to hello, kernels\.0\.id,/),
  refused("has-a-kernel-of-a-bad-id", /the answer to hello, kernels\.0\.id,/),
  refused("has-a-kernel-twice", /kernels must have ids of their own, got stand-in twice/),
  refused("has-kernels-in-a-text", /the answer to hello, kernels,/),
  refused("speaks-version-2", /the answer to hello, protocol,/),
  refused("answers-another-id", /answered request 77 where 1 was asked/),
  failed("answers-twice", /without being asked; it must answer each request once/),
  unsupported("answers-ok-and-error", /must have an id and one of ok and error/),
  unsupported("answers-neither", /must have an id and one of ok and error/),
  unsupported("dies-at-supports", new RegExp(`ended with exit code 5; ${log}`)),
  late("supports", unsupported("hangs-at-supports", /has not answered supports within/)),
  unsupported("supports-a-number", /the answer to supports/),
  unsupported("supports-with-a-need", /it may need ranges or csr while it prepares/),
  unsupported("does-not-support", /head_dim must be 7/),
  failed("dies-at-prepare", new RegExp(`ended with exit code 6; ${log}`)),
  late("prepare", failed("hangs-at-prepare", /has not answered prepare within/)),
  failed("fails-at-prepare", /out of memory[^\n]*really/),
  failed("needs-something-else", /needs tea; it may need ranges or csr/),
  failed("needs-for-ever", /needs ranges again and again/),
  measured("deletes-its-files"),
  failed("dies-at-run", new RegExp(`ended with exit code 7; ${log}`)),
  late("run", failed("hangs-at-run", /has not answered run within/)),
  late("run", failed("stops-at-run", /has not answered run within/)),
  failed("fails-at-run", /cuBLAS said no/),
  failed("dies-after-run", /ended with exit code 8/),
  failed("speaks-after-run", /it must answer each request once|answered request 0/),
  failed("prints-at-run", new RegExp(`wrote 'step 1 of 1' ${forAnswers}`)),
  failed("floods-stdout", /wrote a line of more than 1 MiB/),
  failed("floods-stdout-with-lines", /it must answer each request once|answers must come in order/),
  failed("grandchild-and-dies", /ended with exit code 0/),
  failed("takes-no-time", /got 0/),
  failed("takes-negative-time", /got -1/),
  failed("takes-a-text", /the answer to run, wall,/),
  failed("takes-null", /the answer to run, wall,/),
  failed("takes-nan", new RegExp(`NaN.*${forAnswers}`)),
  failed("takes-for-ever", /the answer to run, wall,/),
  failed("takes-longer-than-it-was-waited-for", /its clock must report no more than that/),
  failed("takes-the-same-for-any-calls", /its clock must report all that they take/),
  failed("tells-less-than-it-computes", /its clock must report all that they take/),
  measured("is-late-now-and-then"),
  failed("tells-no-time", /the answer to run, wall,/),
  failed("device-takes-longer-than-the-wall", /a part must be no more than the whole/),
  failed("lies-about-the-shape", /its output must be \[1, .*\], got \[1, 2, 3, 4\]/),
  failed("lies-about-the-dtype", /its output must be float32, got float64/),
  failed("tells-no-shape", /the answer to outputs, shape,/),
  failed("counts-a-negative-workspace", /the answer to outputs, workspace_bytes,/),
  failed("counts-a-text", /the answer to outputs, workspace_bytes,/),
  failed("truncates-its-output", /its output's file must stay \d+ bytes, got 100/),
  failed("dies-at-outputs", new RegExp(`ended with exit code 11; ${log}`)),
  late("outputs", failed("hangs-at-outputs", /has not answered outputs within/)),
  measured("fails-at-dispose"),
  measured("ignores-sigterm"),
  measured("grandchild-keeps-stdout"),
  measured("grandchild-leaves-the-group"),
  measured("floods-stderr"),
  measured("logs-bytes"),
  measured("ends-lines-like-windows"),
  measured("writes-byte-by-byte"),
  measured("writes-spaces-around"),
  measured("exits-7-at-the-end"),
  measured("none"),
];

function refused(mode: string, reason: RegExp): Misbehaviour {
  return { mode, outcome: "refused", reason };
}

function unsupported(mode: string, reason: RegExp): Misbehaviour {
  return { mode, outcome: "unsupported", reason };
}

function failed(mode: string, reason: RegExp): Misbehaviour {
  return { mode, outcome: "failed", reason };
}

function measured(mode: string): Misbehaviour {
  return { mode, outcome: "measured", reason: null };
}

function late(request: RequestName, one: Misbehaviour): Misbehaviour {
  return { ...one, late: request };
}
