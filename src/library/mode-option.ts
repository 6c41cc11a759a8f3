import { PLAN_DEFAULTS } from "../core/defaults.ts";
import { UsageError, unknownName } from "../core/errors.ts";

/** What can be asked for: whole sequences, or one token at a time. */
const CHOSEN_MODES = ["forward", "decode"] as const;

type ChosenMode = (typeof CHOSEN_MODES)[number];

/** What `--mode` asks for; whole sequences where it was not given. */
export function parseMode(text: string | undefined): ChosenMode {
  const known = CHOSEN_MODES.find((mode) => mode === (text ?? PLAN_DEFAULTS.mode).trim());
  if (known === undefined) throw unknownName("mode", text ?? "", CHOSEN_MODES);
  return known;
}

/**
 * Whether keys after the query are left out, as `--causal` says: decoding has none, so that it cannot be said
 * not to.
 */
export function causalOf(typed: boolean | undefined, mode: ChosenMode): boolean {
  if (mode === "forward") return typed ?? false;
  if (typed === false) {
    throw new UsageError(
      "--causal: decoding is causal, no token is there before its turn, got false; leave the option out",
    );
  }
  return true;
}
