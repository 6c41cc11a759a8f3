import { type CallSettings, isScale, SCALES } from "../core/call-settings.ts";
import { printable, UsageError } from "../core/errors.ts";
import type { InputSource } from "../core/tensors.ts";
import type { Typed } from "../text/units.ts";
import { causalOf, type parseMode } from "./mode-option.ts";

/** What was typed about the call; undefined if it was not. */
interface TypedCall {
  readonly causal?: boolean | undefined;
  readonly scale?: Typed | undefined;
}

/**
 * What each call is given besides q, k and v: what was typed, and what the call that the input was captured
 * from was given. An option may mask more keys than that call did, and change nothing else.
 */
export function callOf(
  { causal: typed, scale }: TypedCall,
  mode: ReturnType<typeof parseMode>,
  { call = {}, name }: Pick<InputSource, "call" | "name">,
): CallSettings & { readonly causal: boolean } {
  if (typed === false && call.causal === true) {
    throw new UsageError(
      `--causal: the call that ${printable(name)} was captured from was causal, got false; omit the option`,
    );
  }
  const asked = parseScale(scale);
  if (asked !== undefined && call.scale !== undefined && asked !== call.scale) {
    throw new UsageError(
      `--scale: the call that ${printable(name)} was captured from had ${call.scale}, got ${asked}; omit the option`,
    );
  }
  // Decoding masks what comes after a token, whatever that call did.
  const causal = causalOf(typed ?? (call.causal === true ? true : undefined), mode);
  const { mask, edges, gates, biases } = call;
  return { causal, scale: asked ?? call.scale, mask, edges, gates, ...(biases === true && { biases }) };
}

/** What `--scale` says; undefined if it was not given. */
export function parseScale(typed: Typed | undefined): number | undefined {
  if (typed === undefined) return undefined;
  const text = String(typed).trim();
  const scale = /^\+?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (isScale(scale)) return scale;
  throw new UsageError(
    `--scale: must be a number from ${SCALES.least} to ${SCALES.most}, such as 0.125, got '${printable(String(typed), 40)}'`,
  );
}

/** Refuses lengths at which the input's mask leaves no key. */
export function refuseWhollyMasked(option: string, tokens: number, { mask }: CallSettings): void {
  if (mask === undefined || tokens > mask.from) return;
  throw new UsageError(
    `${option}: the input's mask leaves no key before token ${mask.from}, got ${tokens} tokens; ask for more`,
  );
}
