import type { BoundPattern, Pattern } from "../../src/core/pattern.ts";
import { parameterize, type Variant } from "../../src/core/variant.ts";
import { isSoftmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";

/** The pattern that a softmax variant declares for these overrides. */
export function patternOf(variant: Variant, overrides: Readonly<Record<string, unknown>> = {}): Pattern {
  const { mechanism } = parameterize(variant, overrides);
  if (!isSoftmaxPattern(mechanism)) throw new TypeError(`${variant.id} has no pattern`);
  return mechanism.pattern;
}

/** The same at one length and head. */
export function bindVariant(
  variant: Variant,
  overrides: Readonly<Record<string, unknown>>,
  length: number,
  head = 0,
): BoundPattern {
  return patternOf(variant, overrides).bind({ length, head });
}

/** The declared defaults by name. */
export function defaultsOf(variant: Variant): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(variant.params).map(([name, { default: value }]) => [name, value]),
  );
}
