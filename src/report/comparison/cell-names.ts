import type { ComparedCell, Comparison } from "../../compare/comparison.ts";
import { maskText } from "../../core/call-settings.ts";
import { variantInMode } from "../../record/schema/baseline.ts";
import { modeOf } from "../../record/schema/case-task.ts";
import { formatLength } from "../../text/format.ts";
import { isStep } from "../modes.ts";
import { labeller, labelsOf, shortName } from "../series.ts";

/** A cell and what people read of its identity: safe to print, short, unlike that of any other cell. */
export interface NamedCell {
  readonly cell: ComparedCell;
  /** The variant with what tells its cells apart beside kernel and length, such as `local · causal`. */
  readonly variant: string;
  readonly kernel: string;
  readonly length: string;
  /** All of it, such as `local · wasm at 1k`; the kernel only where cells have several. */
  readonly name: string;
}

/** The cells with their names, in their order. */
export function namedCells(cells: readonly ComparedCell[]): readonly NamedCell[] {
  const variants = labelsOf(cells.map(({ variant }) => variant));
  const kernels = labelsOf(cells.map(({ kernel }) => kernel));
  const settings = settingsOf(cells);
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

/** What the outputs call a case, also one that is no cell. */
export function caseNames({ cells }: Comparison): (id: string) => string {
  const names = new Map(namedCells(cells).map(({ cell, name }) => [cell.case, name]));
  return (id) => names.get(id) ?? shortName(id, 100);
}

type Aspect = (cell: ComparedCell) => string;

const aspects: readonly Aspect[] = [
  (cell) => (isStep(cell) ? "a token" : "a sequence"),
  (cell) => (cell.causal ? "causal" : "not causal"),
  (cell) => `batch ${cell.batch}`,
  (cell) => (cell.heads === 1 ? "1 head" : `${cell.heads} heads`),
  (cell) => `head dim ${cell.head_dim}`,
  (cell) => (cell.threads === 1 ? "1 thread" : `${cell.threads} threads`),
  (cell) => (cell.scale === undefined ? "" : `scale ${cell.scale}`),
  (cell) => (cell.mask === undefined ? "" : `mask ${maskText(cell.mask)}`),
];

/** The aspects in which the cells differ. */
function settingsOf(cells: readonly ComparedCell[]): Aspect {
  const differing = aspects.filter((aspect) => new Set(cells.map(aspect)).size > 1);
  return (cell) => joined(differing.map((aspect) => aspect(cell)));
}

/** The parameters in which a cell differs from others of its variant, kernel and shape; at most three. */
function parametersOf(cells: readonly ComparedCell[]): Aspect {
  const place: Aspect = (cell) =>
    JSON.stringify([
      cell.variant,
      modeOf(cell),
      cell.kernel,
      cell.length,
      ...aspects.map((aspect) => aspect(cell)),
    ]);
  const siblings = Map.groupBy(cells, place);
  return (cell) => {
    const others = siblings.get(place(cell)) ?? [];
    return Object.entries(cell.params)
      .filter(([name, value]) => others.some(({ params }) => params[name] !== value))
      .map(([name, value]) => `${shortName(name)}=${value ?? "none"}`)
      .slice(0, 3)
      .join(" ");
  };
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(" · ");
}
