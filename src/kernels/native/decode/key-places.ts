import type { Shape } from "../../../core/shape.ts";
import { FLOAT_BYTES } from "../../../core/shape.ts";
import type { Bias } from "../../../pairwise/bias.ts";
import { biasTables, fillBiases } from "../../../pairwise/bias-tables.ts";
import { BIAS_TABLE, bindBiases } from "../../../pairwise/bind-biases.ts";
import type { DecodeSchedule } from "../../decode/compile-decode.ts";
import { learned } from "../../learned.ts";
import type { Weights } from "../../stepper.ts";
import type { MemoryPlan, Region } from "../call/memory.ts";
import { writeWords } from "../call/write-words.ts";
import { CALL } from "./layout.ts";

/** What is added to scores in decoding, and the places of tokens by which it is looked up. */
export interface KeyPlaces {
  writeCall(call: Region): void;
  /** The address of a head's bias of distance 0. */
  ofHead(head: number): bigint;
  /** Where the places of the keys of a schedule's slots are. */
  placeAt(schedule: DecodeSchedule): bigint;
  /** Notes that a token lies in its slots from now on. */
  place(token: number): void;
}

/** Makes room for the tables of a bias, if there is one, times `unit`. Returns what fills them once there is memory. */
export function planKeyPlaces(
  bias: Bias | undefined,
  { heads, length }: Shape,
  unit: number,
  schedules: readonly DecodeSchedule[],
  weights: Weights,
  plan: MemoryPlan,
): (() => KeyPlaces) | undefined {
  if (bias === undefined) return undefined;
  const bound = bindBiases(bias, { heads, causal: true }, bias.table && learned(weights, BIAS_TABLE));
  const tables = biasTables(bias, length, { from: 0, to: length });
  const { least, count, places } = tables;
  const tableRegion = plan.reserve(heads * count * FLOAT_BYTES);
  const placeRegion = plan.reserve(length * FLOAT_BYTES);
  const slotRegions = new Map(schedules.map((one) => [one, plan.reserve(one.slots * FLOAT_BYTES)]));
  return () => {
    const { floats, address } = tableRegion();
    for (let head = 0; head < heads; head++) {
      fillBiases(bound[head], tables, unit, floats.subarray(head * count, (head + 1) * count));
    }
    const all = placeRegion();
    for (let token = 0; token < length; token++)
      all.integers[token] = places === null ? token : places[token];
    const ofSlots = [...slotRegions].map(([{ slotOf }, region]) => ({ slotOf, placeAt: region().integers }));
    return {
      writeCall(call) {
        writeWords(call, [
          [CALL.biased, 1],
          [CALL.places, all.address],
          [CALL.biasBytes, count * FLOAT_BYTES],
        ]);
      },
      ofHead: (head) => address + BigInt((head * count - least) * FLOAT_BYTES),
      placeAt: (schedule) => slotRegions.get(schedule)?.().address ?? 0n,
      place(token) {
        for (const { slotOf, placeAt } of ofSlots) {
          const slot = slotOf[token];
          if (slot >= 0) placeAt[slot] = all.integers[token];
        }
      },
    };
  };
}
