import { UsageError } from "../../core/errors.ts";
import { findVariant, type Variant } from "../../core/variant.ts";
import { BASELINE } from "../../record/schema/baseline.ts";
import type { ChosenUnit } from "./chosen-units.ts";

/**
 * Holds the grid of a plan to one baseline: a report has all else over one variant with the same parameters everywhere. Full
 * attention is an exception: reports know it from its other forms, and compare with none of those.
 */
export class OneBaseline {
  readonly #named: string;
  #first: { readonly id: string; readonly text: string } | null = null;

  /** `named` is what the plan calls it. */
  constructor(named: string) {
    this.#named = named;
  }

  /** What it is called among these variants. */
  idIn(variants: readonly Variant[]): string {
    return findVariant(variants, this.#named).id;
  }

  /** Takes in what one setting makes of it, and refuses what is another than before. */
  take({ id, entries }: ChosenUnit): void {
    if (id === BASELINE) return;
    const texts = new Set(entries.map(({ overrides }) => overridesText(overrides)));
    const [text] = texts;
    this.#first ??= { id, text };
    const other = [...texts].find((one) => one !== this.#first?.text);
    if (other === undefined) return;
    throw new UsageError(
      `baseline: must have the same parameters in all of the grid, got ${id} with ${this.#first.text} and with ${other}; set them once, under settings, or name another baseline`,
    );
  }

  /** The one that reports are to compare with; undefined if that goes without saying. */
  get told(): string | undefined {
    return this.#first?.id;
  }
}

function overridesText(overrides: ChosenUnit["entries"][number]["overrides"]): string {
  const texts = Object.entries(overrides).map(([name, value]) => `${name}=${value ?? "none"}`);
  return texts.length === 0 ? "none set" : texts.sort().join(", ");
}
