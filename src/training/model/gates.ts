import type { Tensor } from "../arrays/tensor.ts";
import type { Weights } from "./parameters.ts";

/** A time step's logit at first: `softplus` makes a hundredth of it, in the midst of those that Mamba begins with. */
const STEP = Math.log(Math.expm1(0.01));

/** What the log of a decay of each channel is divided by, so that it forgets slowly: τ of Yang et al. 2023, arXiv 2312.06635. */
const SLOWER = 16;

/**
 * The gates that a mechanism takes, `[batch, heads, length, channels]`, of what a layer reads, `[batch, length, width]`: `g =
 * ln σ(x)` of a token and `ln σ(x) / 16` of a channel, `beta = σ(x)`, `dt = softplus(x)`. The same for all mechanisms of the form,
 * whatever their sources make them by.
 */
export function gatesOf(
  taken: Readonly<Record<string, number>>,
  hidden: Tensor,
  weights: Weights,
  layer: string,
  heads: number,
): Readonly<Record<string, Tensor>> {
  const [batch, length, width] = hidden.shape;
  const headDim = width / heads;
  const [all, biases] = [weights(`${layer}.gates`), weights(`${layer}.gates.bias`)];
  /** Logits by some columns, in the order of the heads: those that nobody asks for are not computed. */
  const logits = (columns: (of: Tensor) => Tensor, channels: number): Tensor =>
    hidden
      .reshape(batch * length, width)
      .matmul(columns(all))
      .add(columns(biases.reshape(1, width + heads)))
      .reshape(batch, length, heads, channels)
      .permuted(0, 2, 1, 3);
  const ofChannels = (channels: number): Tensor =>
    logits((of) => {
      const [rows] = of.shape;
      const decays = of.part(1, 0, width).reshape(rows, heads, headDim);
      return decays.part(2, 0, channels).reshape(rows, heads * channels);
    }, channels);
  const ofHeads = (): Tensor => logits((of) => of.part(1, width, width + heads), 1);
  const made = Object.entries(taken).map(([name, channels]) => {
    switch (name) {
      case "g":
        return [
          name,
          ofChannels(channels)
            .mul(-1)
            .softplus()
            .mul(channels > 1 ? -1 / SLOWER : -1),
        ];
      case "beta":
        return [name, ofHeads().sigmoid()];
      case "dt":
        return [name, ofHeads().add(STEP).softplus()];
      default:
        throw new RangeError(`gates: must be g, beta or dt, got ${name}`);
    }
  });
  return Object.fromEntries(made);
}
