import type { Asked, Teller } from "./asked.ts";
import { decoding } from "./decoding.ts";
import { fastest } from "./fastest.ts";
import { growth, tokenGrowth } from "./growth.ts";
import { layer } from "./layer.ts";
import { limit, tokenLimit } from "./limit.ts";
import { kept, memory, saved } from "./memory.ts";
import { pays } from "./pays.ts";
import { trade } from "./trade.ts";

/** Answers that follow from entries, by name: the page gives them again, of those that a reader asks to see. */
const TELLERS = {
  fastest,
  pays,
  trade,
  growth,
  tokenGrowth,
  limit,
  tokenLimit,
  memory,
  kept,
  saved,
  decoding,
  layer,
} as const satisfies Readonly<Record<string, Teller>>;

export type TellerName = keyof typeof TELLERS;

/** The answer of this name; null if these entries do not give it. */
export function told(name: TellerName, asked: Asked): string | null {
  return TELLERS[name](asked);
}

/** The name, if an answer has it; null otherwise. */
export function tellerOf(name: string | undefined): TellerName | null {
  return name !== undefined && Object.hasOwn(TELLERS, name) ? (name as TellerName) : null;
}
