import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Offer } from "../../src/page/protocol.ts";
import type { ResultLine } from "../../src/record/schema/result-lines.ts";

/** A results file whose lines a fake engine tells. */
const EXAMPLE = join(import.meta.dirname, "../../results/example.jsonl");

export function exampleLines(path = EXAMPLE): readonly ResultLine[] {
  return readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** What the fake engine says it offers. */
const offer: Offer = {
  version: "0.0.0",
  variants: [
    ...["full", "alibi"].map((id) => ({ id, family: "dense" })),
    ...["local", "stride", "global", "longformer", "bigbird"].map((id) => ({ id, family: "sparse" })),
    ...["linear", "favor"].map((id) => ({ id, family: "linear" })),
  ].map((one) => ({ ...one, title: `${one.id} attention`, usual: one.id !== "alibi" && one.id !== "favor" })),
  kernels: [
    { id: "js", title: "plain TypeScript", details: null, why: null },
    { id: "wasm", title: "WebAssembly", details: "relaxed SIMD", why: null },
    { id: "webgpu", title: "WebGPU", details: null, why: "the browser has no adapter" },
  ],
  clock: { step_s: 1e-4, leastSlot_s: 1e-2, isolated: false },
  lacks: ["Threads need a page that is served: open it with attnbench page."],
};

/** Milliseconds between two lines that are slow: several reports are drawn before the last, also where drawing takes seconds. */
const SLOW_MS = 2000;

interface Fake {
  readonly lines?: readonly ResultLine[];
  /** Lines after which it takes its time, so that a test finds it at work: it waits a while before each line to come. */
  readonly slowAfter?: number;
  /** Lines after which it tells nothing more until it is asked to stop. */
  readonly waitsAfter?: number;
  /** Lines after which the worker throws. */
  readonly breaksAfter?: number;
  /** Lines after which it neither tells nor hears anything any more. */
  readonly hangsAfter?: number;
}

/**
 * The script of a worker that speaks as the engine does and measures nothing: it tells the lines of a results file, and
 * each request as a remark, so that tests see what was asked.
 */
export function fakeEngine({
  lines = exampleLines(),
  slowAfter,
  waitsAfter,
  breaksAfter,
  hangsAfter,
}: Fake = {}): string {
  return `
const lines = ${JSON.stringify(lines)};
let stopped = false;
let stop = () => {};
onmessage = async ({ data }) => {
  const tell = (told) => postMessage(told);
  if (data.ask === "describe") tell({ tell: "ready", offer: { ...${JSON.stringify(offer)}, clock: { ...${JSON.stringify(offer.clock)}, isolated: crossOriginIsolated } } });
  if (data.ask === "stop") { stopped = true; stop(); }
  if (data.ask !== "run") return;
  stopped = false;
  const asked = new Promise((go) => { stop = go; });
  if (data.choices.lengths === "no") return tell({ tell: "refused", why: "--lengths: must be lengths, got 'no'" });
  tell({ tell: "remark", text: "asked: " + JSON.stringify(data.choices) });
  for (const [done, line] of lines.entries()) {
    if (done === ${breaksAfter ?? -1}) throw new Error("out of order");
    if (done === ${hangsAfter ?? -1}) for (;;);
    tell({ tell: "line", line });
    tell({ tell: "progress", progress: { phase: done < 40 ? "check" : "measure", case: line.case ?? "", done, total: lines.length, secondsLeft: (lines.length - done) * 0.1 } });
    if (done === ${waitsAfter ?? -1}) await asked;
    if (done >= ${slowAfter ?? "Infinity"}) await Promise.race([asked, new Promise((go) => setTimeout(go, ${SLOW_MS}))]);
    if (stopped) break;
  }
  tell({ tell: "ended", stopped });
};
`;
}
