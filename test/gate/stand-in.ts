import type { PlannedCase } from "../../src/record/schema/result-lines.ts";

/** What a plug-in of a test does beside computing full attention. */
export interface Manner {
  /** Microseconds that a call takes, by the clock: the same on a fast machine and on a slow one. */
  readonly microseconds?: number;
  readonly workspaceBytes?: number;
  /** A file that says, each time the plug-in is loaded, what to do: wrong, throws, dies, is killed, hangs, breaks. */
  readonly mood?: string;
  readonly supports?: string;
}

/**
 * A plug-in of one kernel, `spin`, as text. It imports nothing of this project, so that the test's own process can load it
 * as well.
 */
export function spinModule({
  microseconds = 150,
  workspaceBytes = 64,
  mood,
  supports = "true",
}: Manner = {}): string {
  return `
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
const file = ${JSON.stringify(mood ?? "/nowhere")};
const mood = existsSync(file) ? readFileSync(file, "utf8") : "";
if (mood === "breaks") throw new Error("broken on purpose");
function spin(problem, output) {
  const { shape: { batch, heads, length, headDim }, inputs: { q, k, v } } = problem;
  return () => {
    const end = performance.now() + ${microseconds} / 1000;
    for (let row = 0; row < batch * heads * length; row++) {
      const first = Math.floor(row / length) * length;
      const scores = Array.from({ length }, (_, key) => {
        let dot = 0;
        for (let i = 0; i < headDim; i++) dot += q[row * headDim + i] * k[(first + key) * headDim + i];
        return dot / Math.sqrt(headDim);
      });
      const top = Math.max(...scores);
      const weights = scores.map((score) => Math.exp(score - top));
      const total = weights.reduce((sum, one) => sum + one, 0);
      for (let i = 0; i < headDim; i++) {
        let sum = 0;
        for (let key = 0; key < length; key++) sum += weights[key] * v[(first + key) * headDim + i];
        output[row * headDim + i] = sum / total;
      }
    }
    if (mood === "wrong") output[0] += 1;
    if (mood === "throws") throw new Error("thrown on purpose");
    if (mood === "dies") {
      process.stderr.write("a last word\\n");
      process.exit(7);
    }
    if (mood === "is killed") process.kill(process.pid, "SIGKILL");
    if (mood === "hangs") {
      writeFileSync(file + ".pid", String(process.pid));
      for (;;);
    }
    while (performance.now() < end);
  };
}
export const kernels = [
  {
    id: "spin",
    title: "spin",
    supports: () => ${supports},
    prepare(problem, output) {
      const run = spin(problem, output);
      const counts = { workspaceBytes: ${workspaceBytes}, executedFlops: 1024, bytes: 512 };
      return { run, output: () => output, ...counts, dispose() {} };
    },
  },
];
`;
}

/** Full attention over a few tokens. */
export function smallCell(change: Partial<PlannedCase> = {}): PlannedCase {
  return {
    case: "full/spin/b1h1n8d4",
    variant: "full",
    kernel: "spin",
    length: 8,
    batch: 1,
    heads: 1,
    head_dim: 4,
    causal: false,
    threads: 1,
    params: {},
    useful_flops: 1024,
    predicted_s: 1e-6,
    unsupported: null,
    ...change,
  };
}
