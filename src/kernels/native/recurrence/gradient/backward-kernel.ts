import type { Problem } from "../../../../core/problem.ts";
import { FLOAT_BYTES } from "../../../../core/shape.ts";
import { tensorNamed } from "../../../../core/tensors.ts";
import { gradientName } from "../../../../mechanisms/gradient/declare.ts";
import type { Recurrence } from "../../../../mechanisms/recurrence/declare.ts";
import type { Ffi } from "../../call/ffi.ts";
import { addressOf, MemoryPlan, type Region } from "../../call/memory.ts";
import { writeWords } from "../../call/write-words.ts";
import { QUEUE } from "../../code/frame.ts";
import { openCrew } from "../../threads/crew.ts";
import { segmentsOf } from "../items.ts";
import { givenTo, mapped, writeItems } from "../kernel.ts";
import { reserveLane, setWord, writeProducts } from "../lane-memory.ts";
import { ITEM_BYTES, type WORD } from "../layout.ts";
import { offsetsOf, planRecurrence } from "../plan.ts";
import { itemsBack } from "./items.ts";
import { writeWeightProducts } from "./lane-memory.ts";
import type { BackWordName } from "./layout.ts";
import { recurrencesBackFor } from "./program.ts";
import { joinWeights, weightSumsOf } from "./weight-sums.ts";
import { backwardBytes, backwardFlops } from "./work.ts";

const WORD_BYTES = 8;

/** What a backward pass is given besides its problem, and where it writes. */
export interface RecurrenceArrays {
  /** The states before all chunks, as the forward pass keeps them. */
  readonly states: Float32Array;
  readonly dout: Float32Array;
  /** By their names. */
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

/** A prepared backward pass: figures as those of a `Runnable`. */
export interface RecurrenceBackward {
  run(): void;
  readonly workspaceBytes: number;
  readonly executedFlops: number;
  readonly bytes: number;
  close(): void;
}

/** Items as in the forward pass, the other way round; what weights get is added up at the end, in one order. */
export function prepareRecurrenceBackward(
  problem: Problem<Recurrence>,
  ffi: Ffi,
  arrays: RecurrenceArrays,
): RecurrenceBackward {
  const { shape, mechanism, threads, inputs } = problem;
  const slices = shape.batch * shape.heads;
  const planned = planRecurrence(mechanism, shape);
  const cut = segmentsOf(mechanism, shape.length);
  const isCut = cut.segments > 1 && threads > slices;
  const sums = weightSumsOf(mechanism, planned, shape.headDim);
  const sumBytes = sums.floats * FLOAT_BYTES;
  const items = itemsBack(planned, mechanism, shape, cut, { isCut, sumBytes });
  const { program, places, back } = recurrencesBackFor(Math.max(planned.channels, planned.width));

  const memory = new MemoryPlan();
  const queue = memory.reserve(Object.keys(QUEUE).length * WORD_BYTES);
  const table = memory.reserve(items.rows.length * ITEM_BYTES);
  const offsets = offsetsOf(mechanism, shape.headDim);
  const offsetsAt = memory.reserve(offsets.byteLength);
  const states = memory.reserve(isCut ? slices * cut.segments * planned.stateBytes : 0);
  const sumsAt = memory.reserve(slices * cut.segments * sumBytes);
  const lanes = Array.from({ length: threads }, () => reserveLane(memory, back, planned, mechanism, cut));
  memory.make(ffi);

  offsetsAt().floats.set(offsets);
  const summed = sumsAt();
  writeItems(table(), items.rows, { states: states().address, sums: summed.address });
  const { decay, write } = mechanism;
  const learns = (isFixed: boolean): number => (isFixed ? 0 : 1);
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
      keepsLogits: 1,
    };
    for (const [name, value] of Object.entries(words)) setWord(own, name as keyof typeof WORD, value);
    writeProducts(own, places, planned, shape, addresses, {
      from: planned.byChannel ? back.rows.kept : places.rows.keys,
      to: back.rows.ofValues,
    });
    writeWeightProducts(own, { places, back }, planned, shape);
    const backWords: Partial<Record<BackWordName, number>> = {
      learnsDecays: learns(decay.form !== "given" && !("stream" in decay)),
      learnsWrites: learns(write.form === "one"),
      sumBytes,
      tailAt: sums.tail.at * FLOAT_BYTES,
      writeSumsAt: sums.write.at * FLOAT_BYTES,
    };
    writeWords(
      own,
      Object.entries(backWords).map(([name, value]) => [back.words[name as BackWordName], value] as const),
    );
    return own;
  });
  const laneAddresses = laneRegions.map(({ address }) => address);
  const point = pointer(ffi, problem, arrays, back.words);
  const crew = openCrew(program, "recurrence_back", threads);
  const queueWords = queue().words;
  const ofWeights = {
    decay: arrays.gradients[gradientName("decay")],
    write: arrays.gradients[gradientName("write")],
  };
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
      joinWeights(summed.floats, sums, shape, cut.segments, ofWeights);
    },
    workspaceBytes: memory.bytes,
    executedFlops: slices * backwardFlops(planned, mechanism, shape, cut, isCut),
    bytes: slices * backwardBytes(planned, mechanism, shape, cut, isCut),
    close: () => crew.close(),
  };

  /** Takes the addresses of all tensors anew, and tells lanes those that have changed. */
  function pointer(
    from: Ffi,
    { shape: { batch, heads, length, headDim, valueDim } }: Problem,
    { states: kept, dout, gradients }: RecurrenceArrays,
    words: Readonly<Record<BackWordName, number>>,
  ): (regions: readonly Region[]) => void {
    const tokens = batch * heads * length;
    const forward: readonly (readonly [keyof typeof WORD, Float32Array, number])[] = [
      ["q", inputs.q, tokens * headDim],
      ["k", inputs.k, tokens * headDim],
      ["v", inputs.v, tokens * valueDim],
      ["kept", kept, kept.length],
      ...givenTo(mechanism).map(([name, word]) => {
        const tensor = tensorNamed(inputs, name);
        return [word, tensor, tensor.length] as const;
      }),
    ];
    const own: readonly (readonly [BackWordName, Float32Array, number])[] = [
      ["dout", dout, tokens * valueDim],
      ...(["q", "k", "v", "g", "beta", "dt"] as const).flatMap((name) => {
        const array = gradients[gradientName(name)];
        return array === undefined ? [] : [[`d${name}`, array, array.length] as const];
      }),
    ];
    return (regions) => {
      const found = forward.map(([word, array, count]) => [word, addressOf(from, array, 0, count)] as const);
      const ownFound = own.map(
        ([word, array, count]) => [words[word], addressOf(from, array, 0, count)] as const,
      );
      for (const region of regions) {
        for (const [word, address] of found) setWord(region, word, address);
        writeWords(region, ownFound);
      }
    };
  }
}
