import { PLAN_DEFAULTS } from "../core/defaults.ts";
import { UsageError, unknownName } from "../core/errors.ts";
import { type ChosenOperation, OPERATION_IDS, OPERATIONS } from "../core/operation.ts";

/** What can be asked for: whole sequences, or one token at a time. */
const CHOSEN = OPERATION_IDS.filter((id): id is ChosenOperation => !OPERATIONS[id].ofBaselineAlone);

/** What `--mode` asks for; whole sequences if it was not given. */
export function parseMode(text: string | undefined): ChosenOperation {
  const known = CHOSEN.find((mode) => mode === (text ?? PLAN_DEFAULTS.mode).trim());
  if (known === undefined) throw unknownName("mode", text ?? "", CHOSEN);
  return known;
}

/**
 * Whether keys after the query are masked, as `--causal` says: decoding has none, so it cannot be turned off.
 */
export function causalOf(typed: boolean | undefined, mode: ChosenOperation): boolean {
  if (!OPERATIONS[mode].alwaysCausal) return typed ?? false;
  if (typed === false) {
    throw new UsageError("--causal: decoding is always causal, got false; omit the option");
  }
  return true;
}
