import type { Problem } from "../../../core/problem.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import type { Recurrence } from "../../../mechanisms/recurrence/declare.ts";
import type { Runnable } from "../../kernel.ts";
import type { Ffi } from "../call/ffi.ts";
import { addressOf, MemoryPlan, type Region } from "../call/memory.ts";
import { QUEUE } from "../code/frame.ts";
import type { Means } from "../means.ts";
import { openCrew } from "../threads/crew.ts";
import { type Item, itemsOf, segmentsOf } from "./items.ts";
import { reserveLane, setWord, writeProducts } from "./lane-memory.ts";
import { ITEM, ITEM_BYTES, type WORD } from "./layout.ts";
import { offsetsOf, planRecurrence } from "./plan.ts";
import { recurrencesFor } from "./program.ts";
import { recurrenceBytes, recurrenceFlops } from "./work.ts";

const WORD_BYTES = 8;

/**
 * What a recurrence is given besides q, k and v, and the word of its address. Inputs that it does not read may be there as well, and are
 * left alone: a word that is set is read.
 */
export function givenTo({ decay, write }: Recurrence): readonly (readonly [string, keyof typeof WORD])[] {
  const given = {
    g: { word: "g", isRead: decay.form === "given" },
    beta: { word: "beta", isRead: write.form === "given" },
    dt: { word: "dt", isRead: write.form === "given-step" },
    decay: { word: "decayWeights", isRead: "stream" in decay },
    write: { word: "writeWeights", isRead: "stream" in write },
  } as const;
  return Object.entries(given).flatMap(([name, { word, isRead }]) => (isRead ? [[name, word] as const] : []));
}

/**
 * Recurrences of matrices in chunks of 16 tokens: an item for each head of a batch entry; where there are fewer than threads,
 * and nothing is erased, for each segment of one. What erases leaves of a state is a matrix, and costs more than it would save.
 */
export function prepareRecurrence(problem: Problem, mechanism: Recurrence, means: Means): Runnable {
  return prepareKeeping(problem, mechanism, means, null);
}

/** What a forward pass leaves of every chunk for a backward pass, and whether it writes its output as well. */
export interface Kept {
  /** The state before each chunk of each slice, `[slices, chunks, channels, width]`. */
  readonly states: Float32Array;
  readonly writesOut: boolean;
}

/** The same, whose calls also keep states. */
export function prepareKeeping(
  problem: Problem,
  mechanism: Recurrence,
  { ffi, output }: Means,
  kept: Kept | null,
): Runnable {
  const { shape, threads } = problem;
  const slices = shape.batch * shape.heads;
  const planned = planRecurrence(mechanism, shape);
  const cut = segmentsOf(mechanism, shape.length);
  const isCut = cut.segments > 1 && threads > slices;
  const items = itemsOf(planned, mechanism, shape, isCut ? cut : null);
  const { program, places } = recurrencesFor(Math.max(planned.channels, planned.width));

  const memory = new MemoryPlan();
  const queue = memory.reserve(Object.keys(QUEUE).length * WORD_BYTES);
  const table = memory.reserve(items.rows.length * ITEM_BYTES);
  const offsets = offsetsOf(mechanism, shape.headDim);
  const offsetsAt = memory.reserve(offsets.byteLength);
  const states = memory.reserve(isCut ? slices * cut.segments * planned.stateBytes : 0);
  const lanes = Array.from({ length: threads }, () => reserveLane(memory, places, planned, mechanism, cut));
  memory.make(ffi);

  offsetsAt().floats.set(offsets);
  writeItems(table(), items.rows, { states: states().address, sums: 0n });
  const laneRegions = lanes.map((lane) => {
    const { own, ...matrices } = mapped(lane, (region) => region());
    const addresses = mapped(matrices, ({ address }) => address);
    const words = {
      ...planned.words,
      ...addresses,
      segments: cut.segments,
      segmentTokens: cut.segmentTokens,
      queue: queue().address,
      items: table().address,
      offsets: offsetsAt().address,
      kept: kept === null ? 0n : addressOf(ffi, kept.states, 0, kept.states.length),
      writesOut: kept === null || kept.writesOut ? 1 : 0,
    };
    for (const [name, value] of Object.entries(words)) setWord(own, name as keyof typeof WORD, value);
    writeProducts(own, places, planned, shape, addresses);
    return own;
  });
  const laneAddresses = laneRegions.map(({ address }) => address);
  const point = pointer(ffi, problem, mechanism, output);
  const crew = openCrew(program, "recurrence", threads);
  const queueWords = queue().words;
  return {
    run() {
      point(laneRegions);
      let from = 0;
      for (const end of items.phaseEnds) {
        queueWords[QUEUE.next / WORD_BYTES] = BigInt(from);
        queueWords[QUEUE.end / WORD_BYTES] = BigInt(end);
        crew.run(laneAddresses);
        from = end;
      }
    },
    output: () => output,
    workspaceBytes: memory.bytes,
    executedFlops: slices * recurrenceFlops(planned, mechanism, shape, cut, isCut),
    bytes: slices * recurrenceBytes(planned, mechanism, shape, cut, isCut),
    dispose: () => crew.close(),
  };
}

export function mapped<Name extends string, From, To>(
  all: Readonly<Record<Name, From>>,
  to: (value: From) => To,
): Record<Name, To> {
  return Object.fromEntries(Object.entries<From>(all).map(([name, value]) => [name, to(value)])) as Record<
    Name,
    To
  >;
}

/** Takes the addresses of all tensors anew, and tells lanes those that have changed. */
function pointer(
  ffi: Ffi,
  { shape, inputs }: Problem,
  mechanism: Recurrence,
  output: Float32Array,
): (lanes: readonly Region[]) => void {
  const { batch, heads, length, headDim, valueDim } = shape;
  const tokens = batch * heads * length;
  const tensors: readonly (readonly [keyof typeof WORD, Float32Array, number])[] = [
    ["q", inputs.q, tokens * headDim],
    ["k", inputs.k, tokens * headDim],
    ["v", inputs.v, tokens * valueDim],
    ["out", output, tokens * valueDim],
    ...givenTo(mechanism).map(([name, word]) => {
      const tensor = tensorNamed(inputs, name);
      return [word, tensor, tensor.length] as const;
    }),
  ];
  const last: bigint[] = tensors.map(() => 0n);
  return (lanes) => {
    for (let index = 0; index < tensors.length; index++) {
      const [word, array, count] = tensors[index];
      const address = addressOf(ffi, array, 0, count);
      if (address === last[index]) continue;
      last[index] = address;
      for (const lane of lanes) setWord(lane, word, address);
    }
  };
}

/** Writes items into their table, whose states and sums begin at these addresses. */
export function writeItems(
  table: Region,
  items: readonly Item[],
  { states, sums }: { readonly states: bigint; readonly sums: bigint },
): void {
  const begins: Partial<Record<keyof Item, bigint>> = { state: states, sums };
  for (const [index, item] of items.entries()) {
    for (const [name, value] of Object.entries(item)) {
      const at = (index * ITEM_BYTES + ITEM[name as keyof Item]) / WORD_BYTES;
      table.words[at] = BigInt(value) + (begins[name as keyof Item] ?? 0n);
    }
  }
}
