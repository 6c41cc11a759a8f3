/** A program whose kernels compute nothing, and say different things of the shapes of gradients. */
import process from "node:process";
import { createInterface } from "node:readline";

type Shapes = Readonly<Record<string, readonly number[]>>;

const kernels = ["silent", "exchanging", "forgetting"].map((id) => ({ id, passes: ["train"] }));
const named = new Map<number, string>();

/** What a kernel says of gradients of which all have one shape. */
function told(kernel: string | undefined, shape: readonly number[]): { gradients?: Shapes } {
  const right = { dq: shape, dk: shape, dv: shape };
  if (kernel === "silent") return {};
  if (kernel === "exchanging") return { gradients: { ...right, dk: shape.toReversed() } };
  return { gradients: { dq: shape, dk: shape } };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, request, call, kernel } = JSON.parse(line);
  if (request === "prepare") named.set(call, kernel);
  const shape = [1, 2, 20, 4];
  const answers: Readonly<Record<string, unknown>> = {
    hello: { protocol: 1, name: "shapes", clock: "none", kernels },
    supports: true,
    run: { wall: 1e-3, device: null },
    outputs: { dtype: "float32", shape, ...told(named.get(call), shape) },
  };
  process.stdout.write(`${JSON.stringify({ id, ok: answers[request] ?? {} })}\n`);
}
