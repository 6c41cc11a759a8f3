import { FLOAT_BYTES, type Shape } from "../../../core/shape.ts";
import type { Recurrence } from "../../../mechanisms/recurrence/declare.ts";
import type { MemoryPlan, Region } from "../call/memory.ts";
import { fillProduct } from "../products/block.ts";
import type { Segments } from "./items.ts";
import { type Places, TOKENS, WORD } from "./layout.ts";
import type { Plan } from "./plan.ts";

const WORD_BYTES = 8;

/** Room for what a lane writes: where nothing is cut there is one state, and what gates are made with is turned if there is a matrix. */
export function reserveLane(
  memory: MemoryPlan,
  { bytes }: Pick<Places, "bytes">,
  { channels, width, decayPerChannel, writePerChannel }: Plan,
  { decay, write }: Recurrence,
  { segments }: Segments,
) {
  const matrix = (columns: number, isThere: boolean) =>
    memory.reserve(isThere ? channels * columns * FLOAT_BYTES : 0);
  return {
    own: memory.reserve(bytes),
    state: matrix(width, true),
    before: matrix(width, segments > 1),
    joined: matrix(width, segments > 1),
    packedDecays: matrix(channels, decayPerChannel && decay.form !== "given"),
    packedWrites: matrix(channels, writePerChannel && write.form === "logistic"),
  };
}

/** The products of a chunk, which are the same for all chunks. */
export function writeProducts(
  lane: Region,
  places: Places,
  { channels, width }: Plan,
  { headDim }: Shape,
  at: Readonly<Record<"state" | "joined" | "packedDecays" | "packedWrites", bigint>>,
  /** What is multiplied with the state, and where that is written: places of the lane. */
  reads: { readonly from: number; readonly to: number } = {
    from: places.rows.queries,
    to: places.rows.output,
  },
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
  fill("read", { ...ofState, a: place(reads.from), c: place(reads.to) });
  fill("readJoined", { ...ofState, a: place(reads.from), b: at.joined, c: place(reads.to) });
  fill("erased", { ...ofState, a: place(rows.keys), c: place(rows.values), add: true });
}

/** Tells a lane a word. */
export function setWord(region: Region, name: keyof typeof WORD, value: bigint | number): void {
  region.words[WORD[name] / WORD_BYTES] = BigInt(value);
}
