import { FLOAT_BYTES } from "../../../core/shape.ts";
import type { Bias } from "../../../pairwise/bias.ts";
import { biasTables, fillBiases } from "../../../pairwise/bias-tables.ts";
import { bindBiases } from "../../../pairwise/bind-biases.ts";
import { LearnedBiases } from "../../../pairwise/learned-biases.ts";
import type { TokenRange } from "../../../pairwise/turn-table.ts";
import type { CallWords, ScratchPlan } from "../call.ts";
import type { CallMemory } from "./call-memory.ts";

/** What a bias is asked about: all pairs of these, in every head of q. */
interface BiasedCall {
  readonly heads: number;
  readonly keys: number;
  readonly queries: TokenRange;
  readonly causal: boolean;
  /** The factor that scores have in the call. */
  readonly unit: number;
  /** The learned numbers of all heads; undefined if the bias has none. */
  readonly table: Float32Array | undefined;
}

/** The biases of all heads, one table behind the other. */
export interface Biases {
  readonly words: CallWords;
  /** Where the bias of distance 0 is in the table of a head. */
  ofHead(head: number): number;
  /** Makes a head's table anew if what the layer learned has changed. */
  refresh(head: number): void;
  /** 4 times the place of a token. */
  placeOf(token: number): number;
}

/** Makes room for the tables of a bias. Returns what fills them, once there is memory. */
export function planBiases(bias: Bias, call: BiasedCall, plan: ScratchPlan): (memory: CallMemory) => Biases {
  const { heads, keys, queries, causal, unit, table } = call;
  const bound = bindBiases(bias, { heads, causal }, table);
  const tables = biasTables(bias, keys, queries);
  const { least, count, places } = tables;
  const at = plan.words(heads * count);
  const placesAt = plan.words(places?.length ?? 0);
  const firstPlaced = Math.min(0, queries.from);
  return (memory) => {
    const start = memory.place(at);
    const fill = (head: number): void => {
      const own = memory.arena.floats(start + head * count * FLOAT_BYTES, count);
      fillBiases(bound[head], tables, unit, own);
    };
    for (let head = 0; head < heads; head++) fill(head);
    const learned = table && new LearnedBiases(bias, table);
    const placesStart = memory.place(placesAt);
    if (places !== null) {
      const scaled = places.map((place) => FLOAT_BYTES * place);
      memory.arena.integers(placesStart, places.length).set(scaled);
    }
    return {
      words: {
        biasBytes: count * FLOAT_BYTES,
        places: places === null ? 0 : placesStart - firstPlaced * FLOAT_BYTES,
      },
      ofHead: (head) => start + (head * count - least) * FLOAT_BYTES,
      refresh(head) {
        if (learned?.changed(head)) fill(head);
      },
      placeOf: (token) => FLOAT_BYTES * (places === null ? token : places[token - firstPlaced]),
    };
  };
}
