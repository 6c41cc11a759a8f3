import type { ComparedCell, Comparison } from "../../compare/comparison.ts";
import { variantInMode } from "../../record/schema/baseline.ts";
import { identityKey } from "../../record/schema/identity.ts";
import { formatLength } from "../../text/format.ts";
import { labeller, labelsOf, shortName } from "../../text/labels.ts";
import { type Aspect, differencesIn, differingParameters, joined, settingAspects } from "../setting-words.ts";
import { unitOf } from "../units.ts";
import { WORDS } from "../words.ts";

/** A cell and what people read about its identity: safe to print, short, unlike that of any other cell. */
export interface NamedCell {
  readonly cell: ComparedCell;
  /** The variant with what tells its cells apart besides kernel and length, such as `local · causal`. */
  readonly variant: string;
  readonly kernel: string;
  readonly length: string;
  /** All of it, such as `local · wasm at 1k`; the kernel only if cells have several. */
  readonly name: string;
}

/** The cells with their names, in their order. */
export function namedCells(cells: readonly ComparedCell[]): readonly NamedCell[] {
  const variants = labelsOf(cells.map(({ variant }) => variant));
  const kernels = labelsOf(cells.map(({ kernel }) => kernel));
  const settings = differencesIn<ComparedCell>([machineOf, made, ...settingAspects], cells);
  const parameters = parametersOf(cells);
  const label = labeller();
  return cells.map((cell) => {
    const variant = joined([
      variantInMode(variants.get(cell.variant) ?? "", cell),
      settings(cell),
      parameters(cell),
    ]);
    const kernel = kernels.get(cell.kernel) ?? "";
    const length = formatLength(cell.length);
    const name = label([`${joined([variant, kernels.size > 1 ? kernel : ""])} at ${length}`]);
    return { cell, variant, kernel, length, name };
  });
}

/** What the outputs call a case, even one that is not a cell. */
export function caseNames({ cells }: Comparison): (id: string) => string {
  const names = new Map(namedCells(cells).map(({ cell, name }) => [cell.case, name]));
  return (id) => names.get(id) ?? shortName(id, 100);
}

/** The class of machines, of a sweep's collection. */
function machineOf({ machine = "" }: ComparedCell): string {
  return machine;
}

/** Whether gradients are among what it makes, its name says. */
function made(cell: ComparedCell): string {
  return WORDS[unitOf(cell) === "step" ? "step" : "pass"].made;
}

/** The parameters in which a cell differs from others of its variant, kernel and shape; at most three. */
function parametersOf(cells: readonly ComparedCell[]): Aspect<ComparedCell> {
  const place: Aspect<ComparedCell> = (cell) => identityKey(cell, ["params"]);
  const siblings = Map.groupBy(cells, place);
  return (cell) => differingParameters(cell, siblings.get(place(cell)) ?? []);
}
