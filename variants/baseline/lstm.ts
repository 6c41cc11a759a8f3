import { cell } from "../../src/mechanisms/cell/declare.ts";
import { seed } from "./seed.ts";

/**
 * Long short-term memory, the layer that self-attention replaced: gates `[i, f, g, o] = W v + U h`, `c ← σ(f) c + σ(i)
 * tanh(g)`, `h = σ(o) tanh(c)`. With weights of one's own it is `torch.nn.LSTM(d, d, bias=False)`, whose `weight_ih_l0` is
 * W and `weight_hh_l0` is U.
 *
 * Departs: it reads v, and neither q nor k; W and U are drawn, uniform between ±d^-½ as PyTorch does, and biases are 0.
 */
export const lstm = cell({
  id: "lstm",
  title: "LSTM",
  summary: "long short-term memory: gates decide what a cell forgets, takes in and shows",
  tags: ["baseline", "recurrent"],
  source:
    "Hochreiter and Schmidhuber 1997, doi 10.1162/neco.1997.9.8.1735; Greff et al. 2015, arXiv 1503.04069",
  params: { seed },
  cell: (values) => ({ cell: "lstm", seed: values.seed }),
  exponent: () => 1,
});
