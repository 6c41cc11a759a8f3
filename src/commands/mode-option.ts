import { unknownName } from "../core/errors.ts";

/** What can be asked for: whole sequences, or one token at a time. */
const CHOSEN_MODES = ["forward", "decode"] as const;

type ChosenMode = (typeof CHOSEN_MODES)[number];

/** What `--mode` asks for; whole sequences where it was not given. */
export function parseMode(text: string | undefined): ChosenMode {
  const known = CHOSEN_MODES.find((mode) => mode === (text ?? "forward").trim());
  if (known === undefined) throw unknownName("mode", text ?? "", CHOSEN_MODES);
  return known;
}
