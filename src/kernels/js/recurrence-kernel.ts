import type { Problem } from "../../core/problem.ts";
import { namesIn, tensorNamed } from "../../core/tensors.ts";
import type { Recurrence } from "../../mechanisms/recurrence/declare.ts";
import type { Runnable } from "../kernel.ts";
import { recurrenceBytes } from "../recurrence-bytes.ts";
import type { TokenRows } from "./recurrence-gates.ts";
import { RecurrenceStates } from "./recurrence-states.ts";

/** Every input of a call by its name; those of tokens have their rows in the same order. */
export function rowsIn(inputs: Problem["inputs"]): TokenRows {
  const { q, k, v } = inputs;
  const named = namesIn(inputs).map((name) => [name, tensorNamed(inputs, name)] as const);
  return { ...Object.fromEntries(named), q, k, v };
}

/** Recurrences of matrices, head by head and token by token. */
export function prepareRecurrence(problem: Problem, mechanism: Recurrence, output: Float32Array): Runnable {
  const { shape, inputs } = problem;
  const { batch, heads, length } = shape;
  const tokens = rowsIn(inputs);
  const states = new RecurrenceStates(mechanism, shape, 1, tokens);
  states.check("prepare", tokens, batch * heads * length);
  return {
    run() {
      for (let slice = 0; slice < batch * heads; slice++) {
        states.clear();
        for (let token = 0; token < length; token++) {
          const row = slice * length + token;
          states.step(0, slice % heads, tokens, row, output);
        }
      }
    },
    output: () => output,
    workspaceBytes: states.workspaceBytes + states.stateBytes,
    executedFlops: batch * heads * length * states.flops,
    bytes: recurrenceBytes(mechanism, shape),
    dispose() {},
  };
}
