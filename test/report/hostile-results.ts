import type { Results } from "../../src/record/case-row.ts";
import { sampleDecode } from "./sample-decode.ts";
import { sampleResults } from "./sample-results.ts";
import { sampleBackward, sampleTraining } from "./sample-training.ts";

/**
 * Markup, quotes, a right-to-left override, a terminal escape, what XML forbids, a bell, line breaks, a formula, and ten
 * thousand characters. The first of them stand where a name is not yet cut.
 */
export const hostile = `</title>\u202e\u001b\ufffe</style><script>alert(1)</script><img src=x onerror=alert(2)>"'&amp;\u0007\u001b[31m\n\u2028=1+1 \${x} ${"x".repeat(10_000)}`;

/** Results whose every string, names of parameters and caches too, is the hostile one with a number to tell them apart. */
export function hostileResults(): Results {
  return poisoned(sampleResults({ variants: 5, lengths: [256, 512, 1024, 2048], kernels: ["js", "wasm"] }));
}

/** The same of steps. */
export function hostileDecode(): Results {
  return poisoned(
    sampleDecode({ positions: [256, 512, 1024, 2048], recomputed: 1024, kernels: ["js", "wasm"] }),
  );
}

/** The same of training, and of gradients alone. */
export function hostileTraining(): Results {
  return poisoned(sampleTraining({ variants: 5, lengths: [256, 512, 1024, 2048], kernels: ["js", "wasm"] }));
}

export function hostileBackward(): Results {
  return poisoned(sampleBackward({ variants: 5, lengths: [256, 512, 1024, 2048], kernels: ["js", "wasm"] }));
}

/** These results with every string of theirs hostile. */
export function poisoned({ run, rows, rounds, sketches = [] }: Results): Results {
  const unlike = new Map<string, string>();
  const evil = (text: string): string => {
    const known = unlike.get(text) ?? `${unlike.size}${hostile}`;
    unlike.set(text, known);
    return known;
  };
  const kept = new Set(["full", "measured", "failed", "round", "decode", "recompute", "backward", "train"]);
  const poison = <T>(value: T): T => {
    // The shape stays: only strings change, and keys of records.
    if (typeof value === "string") return (kept.has(value) ? value : evil(value)) as T;
    if (Array.isArray(value)) return value.map(poison) as T;
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([key, inner]) => [
      key,
      key === "params" || key === "caches"
        ? { [evil("key")]: 1024 }
        : key === "code"
          ? { [evil("file")]: evil("hash") }
          : poison(inner),
    ]);
    return Object.fromEntries(entries) as T;
  };
  const failed = rows.map((row) =>
    row.length === 256
      ? { ...row, outcome: "failed" as const, reason: "reason" }
      : {
          ...row,
          warnings: ["warning"],
          ...(row.variant === "local" && { fidelity_against: "another yardstick" }),
        },
  );
  return {
    name: hostile,
    run: poison({
      ...run,
      environment: { ...run.environment, code: {}, plugins: [{ name: "mine", code: {} }] },
    }),
    rows: failed.map(poison),
    rounds: rounds.map(poison),
    sketches: sketches.map((one) => ({
      ...one,
      variant: poison(one.variant),
      params: { [evil("key")]: 1024 },
    })),
  };
}

/** What of the hostile string stands in the text as markup, as characters that are not printed, or uncut. */
export function hostileTraces(text: string): readonly string[] {
  const traces = [
    "<script",
    "<img",
    "onerror=alert(2)>",
    "\u202e",
    "\u0007",
    "\u001b",
    "\u2028",
    "x".repeat(1001),
  ];
  return traces.filter((trace) => text.includes(trace));
}

/** Control and bidirectional characters in the text, line feeds apart, and what XML forbids besides. */
export function unprintables(text: string): readonly string[] {
  return text.match(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\ufffe\uffff]/gu) ?? [];
}
