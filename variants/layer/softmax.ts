import type { SoftmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";

/** Softmax attention as heads of a layer. */
export function softmax(of: Omit<SoftmaxPattern, "kind">): SoftmaxPattern {
  return { kind: "softmaxPattern", ...of };
}
