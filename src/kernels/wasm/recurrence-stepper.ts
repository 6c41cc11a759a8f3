import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES } from "../../core/shape.ts";
import { tensorNamed } from "../../core/tensors.ts";
import type { Recurrence } from "../../mechanisms/recurrence/declare.ts";
import { constantStateStepper } from "../decode/constant-state.ts";
import type { Stepper, Weights } from "../stepper.ts";
import type { Build } from "./build.ts";
import { ScratchPlan } from "./call.ts";
import { DecodeCall } from "./decode-call.ts";
import { CALL } from "./layout.ts";
import { TOKEN_CHUNK } from "./recurrence-layout.ts";
import { planRecurrence, RECURRENCE_WORDS, reserveRecurrence, writeWords } from "./recurrence-plan.ts";

/** Recurrences of matrices, one token at a time: a state `[headDim, valueDim]` for each head. */
export function prepareRecurrenceSteps(
  task: Task,
  mechanism: Recurrence,
  build: Build,
  weights: Weights,
): Stepper {
  const { shape } = task;
  const { batch, heads, headDim, valueDim } = shape;
  const slices = batch * heads;
  const planned = planRecurrence(mechanism, shape, build);
  const room = Math.max(slices, TOKEN_CHUNK);
  const plan = new ScratchPlan();
  const lane = { scratch: plan.words(planned.laneWords) };
  const places = reserveRecurrence(plan, planned);
  const learned = (["decay", "write"] as const)
    .filter((name) => "stream" in mechanism[name])
    .map((name) => ({ name, values: weights[name], place: plan.words(weights[name].length) }));
  const given = gatesGiven(mechanism, headDim).map(({ name, width }) => ({
    name,
    width,
    place: plan.words(room * width),
  }));
  const gates = plan.words(heads * planned.gateWords);
  const beside = plan.bytes;
  const states = plan.words(slices * planned.stateWords);
  const call = new DecodeCall(plan, shape, TOKEN_CHUNK, lane, 1);
  const { arena } = call;
  const placeOf = (list: ReadonlyArray<{ name: string; place: number }>, name: string): number => {
    const found = list.find((one) => one.name === name);
    return found === undefined ? 0 : call.place(found.place);
  };
  const at = call.place(places.words);
  const callWords = arena.integers(call.at, CALL.out + 1);
  call.set({ recurrence: at });
  arena.floats(call.place(places.fixedLogs), planned.fixedLogs.length).set(planned.fixedLogs);
  arena.floats(call.place(places.offsets), planned.offsets.length).set(planned.offsets);
  for (const { values, place } of learned) arena.floats(call.place(place), values.length).set(values);
  writeWords(arena.integers(at, RECURRENCE_WORDS), arena.floats(at, RECURRENCE_WORDS), planned, {
    q: callWords[CALL.q],
    k: callWords[CALL.k],
    v: callWords[CALL.v],
    out: callWords[CALL.out],
    g: placeOf(given, "g"),
    beta: placeOf(given, "beta"),
    dt: placeOf(given, "dt"),
    decayWeights: placeOf(learned, "decay"),
    writeWeights: placeOf(learned, "write"),
    fixedLogs: planned.fixedLogs.length > 0 ? call.place(places.fixedLogs) : 0,
    offsets: call.place(places.offsets),
    length: 1,
    slices,
    states: call.place(states),
    stateBytes: planned.stateWords * FLOAT_BYTES,
    gates: call.place(gates),
    gateBytes: planned.gateWords * FLOAT_BYTES,
  });
  const { openRecurrence, stepRecurrence, takeRecurrence } = arena.instance(build);
  openRecurrence(call.at, call.lane);
  const state = arena.floats(call.place(states), slices * planned.stateWords);
  const gateRooms = given.map(({ name, width, place }) => {
    const all = arena.floats(call.place(place), room * width);
    return { name, width, all, token: all.subarray(0, slices * width) };
  });
  const clear = (): void => {
    state.fill(0);
  };
  clear();

  return constantStateStepper(shape, {
    stateBytes: slices * headDim * valueDim * FLOAT_BYTES,
    workspaceBytes: beside,
    clear,
    takeIn(inputs, from, to) {
      for (let slice = 0; slice < slices; slice++) {
        for (let first = from; first < to; first += TOKEN_CHUNK) {
          const tokens = Math.min(TOKEN_CHUNK, to - first);
          const row = slice * inputs.shape.length + first;
          call.k.set(inputs.k.subarray(row * headDim, (row + tokens) * headDim));
          call.v.set(inputs.v.subarray(row * valueDim, (row + tokens) * valueDim));
          for (const { name, width, all } of gateRooms) {
            all.set(tensorNamed(inputs, name).subarray(row * width, (row + tokens) * width));
          }
          takeRecurrence(call.at, call.lane, slice, tokens);
        }
      }
    },
    step(token) {
      call.put(token);
      for (let gate = 0; gate < gateRooms.length; gate++) {
        gateRooms[gate].token.set(token[gateRooms[gate].name]);
      }
      stepRecurrence(call.at, call.lane);
      call.take(token);
    },
    dispose: () => call.dispose(),
  });
}

/** The gates that a token brings with it, and numbers of each. */
function gatesGiven({ decay, write }: Recurrence, headDim: number): Array<{ name: string; width: number }> {
  return [
    ...(decay.form === "given" ? [{ name: "g", width: decay.per === "channel" ? headDim : 1 }] : []),
    ...(write.form === "given" ? [{ name: "beta", width: 1 }] : []),
    ...(write.form === "given-step" ? [{ name: "dt", width: 1 }] : []),
  ];
}
