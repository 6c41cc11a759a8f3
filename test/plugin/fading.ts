import { declareVariant, type Mechanism, simpleKernel, simpleKind } from "attnbench";

/** `out_i = Σ_{j ≤ i} γ^{i-j} (q_i·k_j) v_j / √d`, γ a head's own: Sun et al. 2023, arXiv 2307.08621, eq. 5. */
interface Fading extends Mechanism {
  readonly kind: "fading";
}

const gammaOf = (head: number) => 1 - 2 ** -(5 + head);

/** What is right, as a loop over tokens with a state that forgets, and the laws that it claims. */
const fading = simpleKind<Fading>({
  id: "fading",
  causality: "always",
  // A token is written into a state of d·d numbers, and reads it.
  flops: ({ shape }) => 4 * shape.batch * shape.heads * shape.length * shape.headDim ** 2,
  laws: ["deterministic", "forbidden-keys", "independent-heads", "causal-prefix"],
  reference({ q, k, v, length, headDim: d, head }, round) {
    const out = new Float64Array(length * d);
    const state = new Float64Array(d * d);
    for (let at = 0; at < length * d; at += d) {
      for (let a = 0; a < d; a++) {
        for (let b = 0; b < d; b++) {
          const kept = round(gammaOf(head) * state[a * d + b]);
          state[a * d + b] = round(kept + round(k[at + a] * v[at + b]));
          out[at + b] = round(out[at + b] + round(q[at + a] * state[a * d + b]));
        }
      }
      for (let b = 0; b < d; b++) out[at + b] = round(out[at + b] / Math.sqrt(d));
    }
    return out;
  },
});

/** The same pair by pair, without a state. */
const pairs = simpleKernel({
  id: "fading-pairs",
  supports: ({ mechanism }) => mechanism.kind === "fading" || "it computes fading only",
  prepare({ shape, inputs: { q, k, v } }, output) {
    const { batch, heads, length, headDim: d } = shape;
    return function run() {
      output.fill(0);
      for (let row = 0; row < batch * heads * length; row++) {
        const gamma = gammaOf(Math.floor(row / length) % heads);
        for (let key = row - (row % length); key <= row; key++) {
          let dot = 0;
          for (let i = 0; i < d; i++) dot += q[row * d + i] * k[key * d + i];
          const weight = (dot / Math.sqrt(d)) * gamma ** (row - key);
          for (let i = 0; i < d; i++) output[row * d + i] += weight * v[key * d + i];
        }
      }
    };
  },
});

const variant = declareVariant<Record<string, never>>(
  {
    id: "fading",
    title: "Fading",
    source: "Sun et al. 2023, arXiv 2307.08621",
    params: {},
    exponent: () => 1,
  },
  (): Fading => ({ kind: "fading" }),
);

export const kinds = [fading];
export const variants = [variant];
export const kernels = [pairs];
