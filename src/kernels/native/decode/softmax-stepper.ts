import type { Task } from "../../../core/problem.ts";
import type { SoftmaxPattern } from "../../../mechanisms/softmax-pattern/declare.ts";
import { rowNumbersOf } from "../../../pairwise/row-numbers.ts";
import { fillCache } from "../../decode/fill-cache.ts";
import { decodeHeads } from "../../decode/heads.ts";
import { checkPrefill, checkStep } from "../../decode/refuse.ts";
import type { Stepper, Weights } from "../../stepper.ts";
import type { Ffi } from "../call/ffi.ts";
import { placeStep } from "./place-step.ts";
import { DECODING } from "./program.ts";

/**
 * Softmax attention, one query at a time over the keys that are kept: machine code looks up the row's pieces and walks
 * them. A step is one call, whatever heads and batch entries there are.
 */
export function prepareSoftmaxSteps(
  task: Task,
  mechanism: SoftmaxPattern,
  weights: Weights,
  ffi: Ffi,
): Stepper {
  const { shape } = task;
  const planned = decodeHeads(task, mechanism);
  const program = DECODING[rowNumbersOf(mechanism.normaliser).normaliser];
  const run = program.entry("step");
  const {
    address,
    position: place,
    token: own,
    caches,
    place: notePlace,
    bytes,
  } = placeStep(task, mechanism, planned, weights, program, ffi);
  let position = 0;
  return {
    get position() {
      return position;
    },
    capacity: shape.length,
    get stateBytes() {
      return planned.stateBytes(position);
    },
    get stepBytes() {
      return planned.stepBytes(position);
    },
    // The schedules are on the JavaScript heap as well: prefills and counts read them there.
    workspaceBytes: bytes + planned.tableBytes,
    reset() {
      position = 0;
    },
    prefill(inputs, count) {
      checkPrefill(shape, position, inputs, count);
      for (const cache of caches) fillCache(cache, inputs, position, position + count);
      // A slot's last token is the one that lies there.
      for (let token = position; token < position + count; token++) notePlace(token);
      position += count;
    },
    step(token) {
      checkStep(shape, position, token);
      own.q.set(token.q);
      own.k.set(token.k);
      own.v.set(token.v);
      place[0] = position;
      run(address);
      token.out.set(own.out);
      position++;
    },
    // The memory goes with the last reference to it.
    dispose() {},
  };
}
