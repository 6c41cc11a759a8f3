import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES, type Shape } from "../../../core/shape.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import {
  DOUT,
  type Gradient,
  gradientArrays,
  gradientName,
  makesOutput,
  problemWithin,
} from "../../../mechanisms/gradient/declare.ts";
import type { Recurrence } from "../../../mechanisms/recurrence/declare.ts";
import type { Runnable } from "../../kernel.ts";
import { recurrenceBytes } from "../../recurrence-bytes.ts";
import { Workspace } from "../../workspace.ts";
import { rowsIn } from "../recurrence-kernel.ts";
import { RecurrenceStates } from "../recurrence-states.ts";
import { GateSlopes } from "./gate-slopes.ts";
import { RecurrenceBackward } from "./recurrence-backward.ts";
import { RecurrenceToken } from "./recurrence-token.ts";

/**
 * The gradient of recurrences of matrices in √N states: a forward pass leaves the state before every block of √N tokens, and
 * the backward pass goes through the blocks from the last, of each of which it computes the states once more.
 */
export function prepareRecurrenceGradient(
  problem: Problem<Gradient<Recurrence>>,
  output: Float32Array,
): Runnable {
  const { shape, inputs } = problem;
  const { batch, heads, length, headDim, valueDim } = shape;
  const { mechanism } = problemWithin(problem);
  const isTraining = makesOutput(problem.mechanism);
  const { out, gradients } = gradientArrays(problem, output);
  const dout = tensorNamed(inputs, DOUT);
  const tokens = rowsIn(inputs);
  const workspace = new Workspace();
  const token = new RecurrenceToken(mechanism, shape, tokens, workspace);
  token.gates.check("prepare", tokens, batch * heads * length);
  const step = new RecurrenceBackward(mechanism, shape, workspace);
  const gates = new GateSlopes(mechanism, shape, tokens, gradients, workspace);
  const size = headDim * valueDim;
  const block = Math.ceil(Math.sqrt(length));
  const blocks = Math.ceil(length / block);
  /** Of every head, the states before its blocks. */
  const left = workspace.float64(batch * heads * blocks * size);
  /** Of one block, the state before each of its tokens, and after the last. */
  const states = workspace.float64((block + 1) * size);
  const forward = isTraining ? new RecurrenceStates(mechanism, shape, 1, tokens) : null;

  function leaveStates(): void {
    for (let slice = 0; slice < batch * heads; slice++) {
      states.fill(0, 0, size);
      for (let at = 0; at < length; at++) {
        if (at % block === 0) left.set(states.subarray(0, size), (slice * blocks + at / block) * size);
        token.take(slice % heads, tokens, slice * length + at);
        token.writeInto(states, 0);
      }
    }
  }

  function writeOut(to: Float32Array): void {
    for (let slice = 0; slice < batch * heads; slice++) {
      forward?.clear();
      for (let at = 0; at < length; at++) forward?.step(0, slice % heads, tokens, slice * length + at, to);
    }
  }

  function goBack(slice: number): void {
    const head = slice % heads;
    step.begin();
    for (let index = blocks - 1; index >= 0; index--) {
      const from = index * block;
      const count = Math.min(block, length - from);
      const at = (slice * blocks + index) * size;
      states.set(left.subarray(at, at + size));
      for (let i = 0; i < count; i++) {
        states.copyWithin((i + 1) * size, i * size, (i + 1) * size);
        token.take(head, tokens, slice * length + from + i);
        token.writeInto(states, (i + 1) * size);
      }
      for (let i = count - 1; i >= 0; i--) {
        const row = slice * length + from + i;
        token.take(head, tokens, row);
        step.take(token, states, i * size, (i + 1) * size, dout, row * valueDim);
        gates.take(head, row, token, tokens, step);
        gradients.dq.set(step.ofQuery, row * headDim);
        gradients.dk.set(step.ofKey, row * headDim);
        gradients.dv.set(step.ofValue, row * valueDim);
      }
    }
  }

  const flops = batch * heads * length * flopsOf(mechanism, shape, token.gates.flops, gates.flops);
  const leaving = batch * heads * length * forwardFlops(mechanism, shape, token.gates.flops);
  const training = forward === null ? 0 : leaving + batch * heads * length * forward.flops;
  return {
    ...(!isTraining && { save: leaveStates, saved: () => [left] }),
    run() {
      if (out !== null) {
        writeOut(out);
        leaveStates();
      }
      gates.clear();
      for (let slice = 0; slice < batch * heads; slice++) goBack(slice);
      for (const [name, sums] of Object.entries(gates.ofWeights)) gradients[gradientName(name)].set(sums);
    },
    output: () => output,
    workspaceBytes: workspace.bytes + (forward === null ? 0 : forward.workspaceBytes + forward.stateBytes),
    executedFlops: flops + training,
    bytes: recurrenceBytes(mechanism, shape) + FLOAT_BYTES * output.length,
    dispose() {},
  };
}

/** Operations of a token that is written into a state. */
function forwardFlops({ erase }: Recurrence, { headDim, valueDim }: Shape, ofGates: number): number {
  const erases = erase === null ? 0 : erase === "after-decay" ? 2 : 4;
  return (3 + erases) * headDim * valueDim + ofGates;
}

/** Operations of a token back, and forward once more. */
function flopsOf(mechanism: Recurrence, shape: Shape, ofGates: number, ofSlopes: number): number {
  const { erase } = mechanism;
  // Of what is held: it is recalled, its gradient goes back to the state, and the state's to what it was recalled by.
  const erases = erase === null ? 0 : erase === "after-decay" ? 4 : 8;
  return (
    forwardFlops(mechanism, shape, ofGates) +
    ofGates +
    ofSlopes +
    (13 + erases) * shape.headDim * shape.valueDim
  );
}
