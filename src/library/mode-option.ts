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
 * Whether keys after the query are left out, as `--causal` says: decoding has none, so that it cannot be said
 * not to.
 */
export function causalOf(typed: boolean | undefined, mode: ChosenOperation): boolean {
  if (!OPERATIONS[mode].alwaysCausal) return typed ?? false;
  if (typed === false) {
    throw new UsageError(
      "--causal: decoding is causal, no token is there before its turn, got false; leave the option out",
    );
  }
  return true;
}
