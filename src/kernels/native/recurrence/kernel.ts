import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES, type Shape } from "../../../core/shape.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import type { Recurrence } from "../../../mechanisms/recurrence/declare.ts";
import type { Runnable } from "../../kernel.ts";
import { floatBits } from "../assembler/index.ts";
import type { Ffi } from "../call/ffi.ts";
import { addressOf, MemoryPlan, type Region } from "../call/memory.ts";
import { QUEUE } from "../code/frame.ts";
import type { Means } from "../means.ts";
import { fillProduct } from "../products/block.ts";
import { openCrew } from "../threads/crew.ts";
import { type Places, SLICE, SLICE_BYTES, TOKENS, WORD } from "./layout.ts";
import { fixedLogsOf, offsetsOf, type Plan, planRecurrence } from "./plan.ts";
import { recurrencesFor } from "./program.ts";
import { recurrenceBytes, recurrenceFlops } from "./work.ts";

const WORD_BYTES = 8;

/** What a recurrence may be given besides q, k and v, and the word of its address. */
const GIVEN = { g: "g", beta: "beta", dt: "dt", decay: "decayWeights", write: "writeWeights" } as const;

/** Recurrences of matrices in chunks of 16 tokens: an item for each head of a batch entry. */
export function prepareRecurrence(problem: Problem, mechanism: Recurrence, { ffi, output }: Means): Runnable {
  const { shape, threads } = problem;
  const slices = shape.batch * shape.heads;
  const planned = planRecurrence(mechanism, shape);
  const { program, places } = recurrencesFor(Math.max(planned.channels, planned.width));

  const memory = new MemoryPlan();
  const queue = memory.reserve(Object.keys(QUEUE).length * WORD_BYTES);
  const table = memory.reserve(slices * SLICE_BYTES);
  const offsets = offsetsOf(mechanism, shape.headDim);
  const offsetsAt = memory.reserve(offsets.byteLength);
  const matrices = { state: planned.width, packedDecays: 0, packedWrites: 0 };
  if (planned.decayPerChannel && mechanism.decay.form !== "given") matrices.packedDecays = planned.channels;
  if (planned.writePerChannel && mechanism.write.form === "logistic")
    matrices.packedWrites = planned.channels;
  const lanes = Array.from({ length: threads }, () => ({
    own: memory.reserve(places.bytes),
    state: memory.reserve(planned.channels * matrices.state * FLOAT_BYTES),
    packedDecays: memory.reserve(planned.channels * matrices.packedDecays * FLOAT_BYTES),
    packedWrites: memory.reserve(planned.channels * matrices.packedWrites * FLOAT_BYTES),
  }));
  memory.make(ffi);

  offsetsAt().floats.set(offsets);
  writeSlices(table(), planned, mechanism, shape);
  const laneRegions = lanes.map((lane) => {
    const own = lane.own();
    const addresses = {
      state: lane.state().address,
      packedDecays: lane.packedDecays().address,
      packedWrites: lane.packedWrites().address,
    };
    const words = {
      ...planned.words,
      ...addresses,
      queue: queue().address,
      slices: table().address,
      offsets: offsetsAt().address,
    };
    for (const [name, value] of Object.entries(words)) setWord(own, name as keyof typeof WORD, value);
    writeProducts(own, places, planned, shape, addresses);
    return own;
  });
  const laneAddresses = laneRegions.map(({ address }) => address);
  const point = pointer(ffi, problem, output);
  const crew = openCrew(program, "recurrence", threads);
  const queueWords = queue().words;
  return {
    run() {
      point(laneRegions);
      queueWords[QUEUE.next / WORD_BYTES] = 0n;
      queueWords[QUEUE.end / WORD_BYTES] = BigInt(slices);
      crew.run(laneAddresses);
    },
    output: () => output,
    workspaceBytes: memory.bytes,
    executedFlops: slices * recurrenceFlops(planned, mechanism, shape),
    bytes: slices * recurrenceBytes(planned, mechanism, shape),
    dispose: () => crew.close(),
  };
}

/** Takes the addresses of all tensors anew, and tells lanes those that have changed. */
function pointer(
  ffi: Ffi,
  { shape, inputs }: Problem,
  output: Float32Array,
): (lanes: readonly Region[]) => void {
  const { batch, heads, length, headDim, valueDim } = shape;
  const tokens = batch * heads * length;
  const tensors: readonly (readonly [keyof typeof WORD, Float32Array, number])[] = [
    ["q", inputs.q, tokens * headDim],
    ["k", inputs.k, tokens * headDim],
    ["v", inputs.v, tokens * valueDim],
    ["out", output, tokens * valueDim],
    ...Object.entries(GIVEN)
      .filter(([name]) => Object.hasOwn(inputs, name))
      .map(([name, word]) => {
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

function writeSlices(table: Region, plan: Plan, mechanism: Recurrence, shape: Shape): void {
  const { batch, heads, length, headDim, valueDim } = shape;
  const logs = fixedLogsOf(mechanism, heads);
  const rowsOf = (perChannel: boolean): number => (perChannel ? headDim : 1);
  const decayWeights = rowsOf(plan.decayPerChannel) * Number(plan.words.decayRow);
  const writeWeights = rowsOf(plan.writePerChannel) * headDim * FLOAT_BYTES;
  for (let slice = 0; slice < batch * heads; slice++) {
    const head = slice % heads;
    const tokens = slice * length;
    const words: Readonly<Record<keyof typeof SLICE, number>> = {
      rows: tokens * headDim * FLOAT_BYTES,
      values: tokens * valueDim * FLOAT_BYTES,
      gates: tokens * Number(plan.words.gateBytes),
      tokens: tokens * FLOAT_BYTES,
      decayWeights: head * decayWeights,
      writeWeights: head * writeWeights,
      fixedLog: floatBits(logs[head]),
    };
    for (const [name, value] of Object.entries(words)) {
      table.words[(slice * SLICE_BYTES + SLICE[name as keyof typeof SLICE]) / WORD_BYTES] = BigInt(value);
    }
  }
}

/** The products of a chunk, which are the same for all chunks. */
function writeProducts(
  lane: Region,
  places: Places,
  { channels, width }: Plan,
  { headDim }: Shape,
  at: Readonly<Record<"state" | "packedDecays" | "packedWrites", bigint>>,
): void {
  const place = (bytes: number): bigint => lane.address + BigInt(bytes);
  const { row, rows, products } = places;
  const byTokens = { aRow: row, aStep: FLOAT_BYTES, cRow: row, rows: TOKENS, inner: headDim };
  const ofState = { ...byTokens, b: at.state, bRow: width * FLOAT_BYTES, columns: width };
  const ofGates = { ...byTokens, a: place(rows.keys), bRow: channels * FLOAT_BYTES, columns: channels };
  const fill = (name: keyof typeof products, product: Parameters<typeof fillProduct>[2]): void =>
    fillProduct(lane.words, products[name] / WORD_BYTES, product);
  fill("decays", { ...ofGates, b: at.packedDecays, c: place(rows.decays) });
  fill("writes", { ...ofGates, b: at.packedWrites, c: place(rows.writes) });
  fill("read", { ...ofState, a: place(rows.queries), c: place(rows.output) });
  fill("erased", { ...ofState, a: place(rows.keys), c: place(rows.values), add: true });
}

function setWord(region: Region, name: keyof typeof WORD, value: bigint | number): void {
  region.words[WORD[name] / WORD_BYTES] = BigInt(value);
}
