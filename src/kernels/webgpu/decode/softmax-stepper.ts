import type { Task } from "../../../core/problem.ts";
import type { SoftmaxPattern } from "../../../mechanisms/softmax-pattern/declare.ts";
import { rowNumbersOf } from "../../../pairwise/row-numbers.ts";
import { decodeHeads, rowKeys } from "../../decode/heads.ts";
import { checkPrefill, checkStep } from "../../decode/refuse.ts";
import type { Stepper, Weights } from "../../stepper.ts";
import type { Device } from "../gpu/device.ts";
import { hasExactPowers } from "../gpu/exact-powers.ts";
import { type OwnedBuffers, owningBuffers } from "../gpu/owned-buffers.ts";
import { RepeatedDispatch } from "../gpu/repeated-dispatch.ts";
import { aligned, StepQueue } from "../gpu/step-queue.ts";
import { gridOf } from "../wgsl/grid.ts";
import { ATTEND_BINDINGS, attendShader } from "./attend-shader.ts";
import { copyRows } from "./copy-rows.ts";
import { JOIN_BINDINGS, joinShader, MOST_PARTS } from "./join-shader.ts";
import { preparePrefill } from "./prefill.ts";
import { cacheBindings, stepMemory, stepSizes, tokenLayout } from "./step-memory.ts";
import { quadsOf, readersTogether, type StepShape } from "./step-shape.ts";
import { LEAST } from "./sum-text.ts";
import { stepTables } from "./tables.ts";
import { TAKE_IN_BINDINGS, takeInGroups, takeInShader } from "./take-in-shader.ts";
import { ROW, TOKEN } from "./token-words.ts";

/** Keys for which another workgroup is worth its while … */
const KEYS_A_PART = 256;
/** … and workgroups that are enough for the largest devices. */
const WANTED_WORKGROUPS = 1024;

/** The device that it is made on. */
interface On {
  readonly device: Device;
  readonly owned: OwnedBuffers;
  /** Whether the device's own powers of 2 are exact enough. */
  readonly builtInPowers: boolean;
}

/** Softmax attention, one query at a time over keys that are kept on a device. */
export async function prepareSoftmaxSteps(
  task: Task,
  mechanism: SoftmaxPattern,
  weights: Weights,
  device: Device,
): Promise<Stepper> {
  const builtInPowers = await device.once(hasExactPowers);
  return await owningBuffers(
    device,
    async (owned) => await stepperOn({ device, owned, builtInPowers }, task, mechanism, weights),
  );
}

async function stepperOn(
  { device, owned, builtInPowers }: On,
  task: Task,
  mechanism: SoftmaxPattern,
  weights: Weights,
): Promise<Stepper> {
  const { shape } = task;
  const { batch, heads, headDim, valueDim } = shape;
  const planned = decodeHeads(task, mechanism);
  const { distinct: schedules } = planned;
  const numbers = rowNumbersOf(mechanism.normaliser);
  const shader: StepShape = {
    headDim,
    valueDim,
    readers: readersTogether(headDim, planned.readers),
    normaliser: numbers.normaliser,
    biased: mechanism.bias !== undefined,
    turn: mechanism.turn?.layout ?? null,
  };
  const tables = stepTables(task, mechanism, planned, weights, shader.readers);
  const { slices, teams } = tables;
  const partsOf = (keys: number): number => {
    // Not by teams: heads that share k and v have the sums that they have with k and v repeated for each.
    const affordable = Math.max(1, Math.floor(WANTED_WORKGROUPS / (batch * heads)));
    return Math.max(1, Math.min(MOST_PARTS, affordable, Math.ceil(keys / KEYS_A_PART)));
  };
  const mostParts = partsOf(Math.max(...schedules.map(({ mostKeys }) => mostKeys)));
  const memory = stepMemory(owned, shape, shader, mechanism.turn, tables, mostParts);
  const cacheBytes = 4 * tables.rows * 4 * (quadsOf(headDim) + quadsOf(valueDim));
  const layout = tokenLayout(shape, schedules.length);
  const sizes = stepSizes(shape, layout);
  const prefill = await preparePrefill(device, owned, shape, shader, schedules, slices, memory);
  /** Parts of the steps on their way, by their places. */
  const parts: number[] = [];
  const queue = new StepQueue(
    device,
    owned,
    sizes,
    (pass, place) => {
      takeIn.encode(pass, place, takeInGroups(shader, slices, 1));
      attend.encode(pass, place, [parts[place], ...gridOf(teams)]);
      if (parts[place] > 1) join?.encode(pass, place, [...gridOf(batch * heads), 1]);
    },
    (values, out) => copyRows(values, out, shape),
  );
  const ofStep = (place: number) => {
    const at = place * aligned(sizes.token);
    const of = (from: number, size: number) => ({ buffer: queue.tokens, offset: at + from, size });
    return {
      words: of(0, layout.wordBytes),
      keys: of(layout.keysAt, layout.keyBytes),
      values: of(layout.valuesAt, layout.valueBytes),
      output: { buffer: queue.outputs, offset: place * aligned(sizes.output), size: sizes.output },
    };
  };
  const takeIn = await RepeatedDispatch.of(device, "taking in a token", takeInShader(shader), (place) => {
    const { words, keys, values } = ofStep(place);
    const B = TAKE_IN_BINDINGS;
    return { [B.token]: words, [B.newKeys]: keys, [B.newValues]: values, ...cacheBindings(memory) };
  });
  const attend = await RepeatedDispatch.of(
    device,
    "attending",
    attendShader(shader, builtInPowers),
    (place) => {
      const { words, output } = ofStep(place);
      const B = ATTEND_BINDINGS;
      const { tables: looked, keys, values, parts: ofParts, tokenAt, angles } = memory;
      return {
        [B.token]: words,
        [B.tables]: looked,
        [B.keys]: keys,
        [B.values]: values,
        [B.outputs]: output,
        [B.parts]: ofParts,
        ...(tokenAt !== null && { [B.tokenAt]: tokenAt }),
        ...(angles !== null && { [B.angles]: angles }),
      };
    },
  );
  const join =
    mostParts === 1
      ? null
      : await RepeatedDispatch.of(device, "joining parts", joinShader(shader, builtInPowers), (place) => {
          const { words, output } = ofStep(place);
          const B = JOIN_BINDINGS;
          return {
            [B.token]: words,
            [B.tables]: memory.tables,
            [B.parts]: memory.parts,
            [B.outputs]: output,
          };
        });
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
    // The schedules are on the JavaScript heap as well: steps and prefills look up their rows and slots there.
    workspaceBytes: owned.bytes - cacheBytes + planned.tableBytes,
    reset() {
      queue.forget();
      position = 0;
    },
    prefill(inputs, count) {
      checkPrefill(shape, position, inputs, count);
      queue.submit();
      prefill(inputs, position, position + count);
      position += count;
    },
    step(token) {
      checkStep(shape, position, token);
      const { place, words, floats } = queue.next();
      words[TOKEN.first] = position;
      words[TOKEN.count] = 1;
      words[TOKEN.biasFrom] = tables.biasFrom(position);
      words[TOKEN.rowsAt] = layout.rowsAt;
      words[TOKEN.queriesAt] = layout.queriesAt;
      let most = 0;
      for (let index = 0; index < schedules.length; index++) {
        const schedule = schedules[index];
        const keys = rowKeys(schedule, position);
        const row = layout.rowsAt + index * ROW.words;
        words[TOKEN.words + index] = schedule.slotOf[position];
        words[row + ROW.piecesAt] = tables.piecesAt(index) + schedule.rowAt[position];
        words[row + ROW.lastCount] = schedule.lastCount[position];
        words[row + ROW.keys] = keys;
        floats[row + ROW.number] = Math.max(numbers.of?.(keys) ?? numbers.number, Number(LEAST));
        most = Math.max(most, keys);
      }
      parts[place] = partsOf(most);
      words[TOKEN.parts] = parts[place];
      floats.set(token.q, layout.queriesAt);
      floats.set(token.k, layout.keysAt / 4);
      floats.set(token.v, layout.valuesAt / 4);
      queue.start(token.out);
      position++;
    },
    finish: () => queue.finish(),
    fetch: () => queue.fetch(),
    dispose: () => owned.free(),
  };
}
