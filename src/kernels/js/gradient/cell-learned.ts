import type { Shape } from "../../../core/shape.ts";
import { type Cell, GATES } from "../../../mechanisms/cell/declare.ts";
import type { Workspace } from "../../workspace.ts";
import { sigmoid } from "../weighing.ts";
import type { CellBack } from "./cell-gated.ts";
import { addToSums, type Factor } from "./factor.ts";

/** Gates that are products with weights: their arguments `W v + U h'` are kept as what they are made to. */
export function learnedBack({ cell }: Cell, { length, headDim: d }: Shape, workspace: Workspace): CellBack {
  const gates = GATES[cell] * d;
  /** `[length, gates]`: σ or tanh of each sum. */
  const acted = workspace.float64(length * gates);
  /** A row of zeros, and h after each token; the same of c. */
  const [states, cells] = [0, 0].map(() => workspace.float64((length + 1) * d));
  const [ofState, ofCell, ofSums] = [d, d, gates].map((count) => workspace.float64(count));
  const isLstm = cell === "lstm";

  const forward = (token: number, v: Factor, w: Factor, u: Factor): void => {
    const own = token * gates;
    for (let row = 0; row < gates; row++) {
      let sum = 0;
      for (let i = 0; i < d; i++) {
        sum += w.values[w.at + row * d + i] * v.values[v.at + token * d + i];
        sum += u.values[u.at + row * d + i] * states[token * d + i];
      }
      const isTanh = !isLstm || Math.floor(row / d) === 2;
      acted[own + row] = isTanh ? Math.tanh(sum) : sigmoid(sum);
    }
    for (let i = 0; i < d; i++) {
      const to = (token + 1) * d + i;
      if (!isLstm) {
        states[to] = acted[own + i];
        continue;
      }
      const [input, forget, candidate, output] = [0, 1, 2, 3].map((gate) => acted[own + gate * d + i]);
      cells[to] = forget * cells[to - d] + input * candidate;
      states[to] = output * Math.tanh(cells[to]);
    }
  };
  /** From the gradient of h, and of c, to that of the sums. */
  const back = (token: number): void => {
    const own = token * gates;
    for (let i = 0; i < d; i++) {
      const g = ofState[i];
      const to = (token + 1) * d + i;
      if (!isLstm) {
        ofSums[i] = g * (1 - states[to]) * (1 + states[to]);
        continue;
      }
      const [input, forget, candidate, output] = [0, 1, 2, 3].map((gate) => acted[own + gate * d + i]);
      const shown = Math.tanh(cells[to]);
      const c = ofCell[i] + g * output * (1 - shown) * (1 + shown);
      ofSums[i] = c * candidate * input * (1 - input);
      ofSums[d + i] = c * cells[to - d] * forget * (1 - forget);
      ofSums[2 * d + i] = c * input * (1 - candidate) * (1 + candidate);
      ofSums[3 * d + i] = g * shown * output * (1 - output);
      ofCell[i] = c * forget;
    }
  };
  return {
    tokenFlops: 12 * gates * d,
    run(sums, at) {
      const [v, w, u] = ["v", "w", "u"].map((name) => sums.factor(name, at));
      const dout = sums.dout(at);
      for (let token = 0; token < length; token++) forward(token, v, w, u);
      ofState.fill(0);
      ofCell.fill(0);
      for (let token = length - 1; token >= 0; token--) {
        for (let i = 0; i < d; i++) ofState[i] += dout.values[dout.at + token * d + i];
        back(token);
        ofState.fill(0);
        for (let row = 0; row < gates; row++) {
          const g = ofSums[row];
          if (g === 0) continue;
          addToSums(w, row, g, v.values, v.at + token * d);
          addToSums(u, row, g, states, token * d);
          addToSums(v, token, g, w.values, w.at + row * d);
          for (let i = 0; i < d; i++) ofState[i] += g * u.values[u.at + row * d + i];
        }
      }
    },
  };
}
