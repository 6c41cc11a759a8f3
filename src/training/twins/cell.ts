import { type Cell, isCell } from "../../mechanisms/cell/declare.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import type { Twin, TwinInputs, TwinKind, TwinTask } from "./twin.ts";

/** Recurrent cells: those whose gates see no state as sums over all tokens at once, the others token by token. */
export const cellTwin: TwinKind<Cell> = { is: isCell, whyNot: () => null, twin };

function twin(arrays: Arrays, { mechanism, shape }: TwinTask<Cell>): Twin {
  switch (mechanism.cell) {
    case "min-gru":
      return ({ k, v }) => {
        const written = k.sigmoid();
        return summed(k.mul(-1).sigmoid(), written.mul(v), shape.length);
      };
    case "min-lstm":
      return ({ q, k, v }) => {
        const [forgotten, written] = [q, k].map((x) => x.sigmoid());
        const both = forgotten.add(written);
        return summed(forgotten.div(both), written.div(both).mul(v), shape.length);
      };
    case "elman":
      return (inputs) => tokenByToken(arrays, inputs, shape.length, elman);
    case "lstm":
      return (inputs) => tokenByToken(arrays, inputs, shape.length, lstm);
    default:
      return mechanism satisfies never;
  }
}

/**
 * `h_t = a_t h_{t-1} + b_t` of all tokens: each stretch of tokens is joined to the one before it, which doubles them until they
 * are whole. Blelloch 1990, Prefix Sums and Their Applications.
 */
function summed(kept: Tensor, written: Tensor, length: number): Tensor {
  let [factors, sums] = [kept, written];
  for (let reach = 1; reach < length; reach *= 2) {
    // What is before the first token is 0, and is kept by whatever.
    const earlier = (x: Tensor): Tensor => x.part(-2, 0, length - reach).padded(-2, reach, 0);
    sums = sums.add(factors.mul(earlier(sums)));
    factors = factors.mul(earlier(factors));
  }
  return sums;
}

/** What a cell hands on: `h`, which is its output, and what else it keeps. */
type State = readonly [h: Tensor, ...rest: Tensor[]];

/** One step: of `W v + U h`, `[batch, heads, 1, gates · width]`, and the state, the next state. */
type Step = (sums: Tensor, state: State | null) => State;

function tokenByToken(arrays: Arrays, { v, named }: TwinInputs, length: number, step: Step): Tensor {
  const read = v.matmul(named.w.transposed());
  const back = named.u.transposed();
  const rows: Tensor[] = [];
  let state: State | null = null;
  for (let token = 0; token < length; token++) {
    const own = read.part(-2, token, token + 1);
    state = step(state === null ? own : own.add(state[0].matmul(back)), state);
    rows.push(state[0]);
  }
  return arrays.joined(rows, -2);
}

function elman(sums: Tensor): State {
  return [tanh(sums)];
}

function lstm(sums: Tensor, state: State | null): State {
  const width = (sums.shape.at(-1) ?? 0) / 4;
  const [i, f, g, o] = [0, 1, 2, 3].map((gate) => sums.part(-1, gate * width, (gate + 1) * width));
  const written = i.sigmoid().mul(tanh(g));
  const cell = state === null ? written : written.add(f.sigmoid().mul(state[1]));
  return [o.sigmoid().mul(tanh(cell)), cell];
}

/** `2 σ(2x) - 1`. */
function tanh(x: Tensor): Tensor {
  return x.mul(2).sigmoid().mul(2).sub(1);
}
