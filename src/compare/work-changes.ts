import { printable, UsageError, unknownName } from "../core/errors.ts";
import type { CaseLine } from "../record/schema/result-lines.ts";
import type { WorkChange } from "./comparison.ts";

/** A case's exact work: fields of its line. */
export const QUANTITIES = [
  "pairs",
  "useful_flops",
  "executed_flops",
  "bytes",
  "workspace_bytes",
  "saved_bytes",
  "state_bytes",
  "gate_error",
] as const satisfies ReadonlyArray<keyof CaseLine>;

export type Quantity = (typeof QUANTITIES)[number];

/**
 * The quantities of one cell; null if one is unknown, omitted if it was not recorded, as by an older version.
 */
export type Work = Readonly<Partial<Record<Quantity, number | null | undefined>>>;

export interface WorkSettings {
  /** Quantities that may change. */
  readonly accepted: ReadonlySet<Quantity>;
  /** Quantities that cannot be compared, such as the error on two inputs. */
  readonly incomparable?: ReadonlySet<Quantity>;
}

/** Every quantity of a cell that is not the same number on both sides, or is known on only one side. */
export function workChanges(
  cell: string,
  base: Work,
  head: Work,
  { accepted, incomparable }: WorkSettings,
): readonly WorkChange[] {
  return QUANTITIES.flatMap((quantity) => {
    const [before, after] = [base[quantity], head[quantity]];
    if (before === undefined || after === undefined || before === after) return [];
    if (incomparable?.has(quantity) === true) return [];
    return [{ case: cell, quantity, base: before, head: after, accepted: accepted.has(quantity) }];
  });
}

/**
 * What `--accept-work` allows to change: nothing if it was not given, all if it names none, otherwise those
 * it names.
 */
export function parseAcceptedWork(text: string | undefined): ReadonlySet<Quantity> {
  if (text === undefined) return new Set();
  if (text === "") return new Set(QUANTITIES);
  const names = text.split(",").map((name) => name.trim());
  return new Set(names.map(quantityNamed));
}

function quantityNamed(name: string): Quantity {
  const known = QUANTITIES.find((one) => one === name);
  if (known !== undefined) return known;
  if (!/[./\\]/.test(name)) throw unknownName("quantity of work", name, QUANTITIES);
  throw new UsageError(
    `--accept-work: must name quantities of work, got '${printable(name, 80)}', which looks like a file; put the option after the files, or write --accept-work=${QUANTITIES.join(",")}`,
  );
}
