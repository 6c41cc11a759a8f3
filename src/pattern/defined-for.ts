import type { Pattern } from "../core/pattern.ts";

/** What a pattern is defined for that is made of these: what all of them are defined for. */
export function definedFor(
  parts: readonly Pattern[],
): Pick<Pattern, "neverCausal" | "neverDecoded" | "whyNot"> {
  const choosy = parts.filter(({ whyNot }) => whyNot !== undefined);
  return {
    ...(parts.some(({ neverCausal }) => neverCausal) && { neverCausal: true }),
    ...(parts.some(({ neverDecoded }) => neverDecoded) && { neverDecoded: true }),
    ...(choosy.length > 0 && {
      whyNot(length) {
        for (const part of choosy) {
          const reason = part.whyNot?.(length) ?? null;
          if (reason !== null) return reason;
        }
        return null;
      },
    }),
  };
}
