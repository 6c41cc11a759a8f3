import { int } from "../../src/core/parameters.ts";
import { convolution } from "../../src/mechanisms/convolution/declare.ts";

/**
 * A fully connected network of two layers over a window: `out_i = relu([v_{i-w} … v_{i+w}] W1) W2`, d hidden
 * units, zeros outside; causal it reads v_{i-2w} … v_i. q and k are not read; W1 is drawn, from N(0, 1/((2w+1)·d)),
 * and W2 from N(0, 1/d).
 *
 * Departs: Collobert et al.'s window approach tags words, by a hard tanh and with biases; lectures compare attention
 * with it in this form.
 */
export const fcWindow = convolution({
  id: "fc-window",
  title: "Window network",
  summary: "two layers with a rectifier over a window of values",
  tags: ["baseline", "linear"],
  source: "Collobert et al. 2011, arXiv 1103.0398, the window approach",
  params: {
    window: int(5, { unit: "tokens on each side", meaning: "reach of the window", probe: 2 }),
    seed: int(0, { unit: "seed", meaning: "which numbers both layers have" }),
  },
  form: "network",
  taps: ({ window }) => 2 * window + 1,
  seed: ({ seed }) => seed,
  exponent: () => 1,
});
