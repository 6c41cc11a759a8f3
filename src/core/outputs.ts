import type { RowPlace } from "./rows.ts";
import { countOf, type Layout, offsetIn } from "./shape.ts";

/**
 * One of the tensors that a call gives. They lie one after the other in the one array that kernels write: a forward pass
 * gives `out` alone, a backward pass `dq`, `dk`, `dv` and what else has a gradient.
 */
export interface OutputTensor {
  readonly name: string;
  readonly layout: Layout;
  /** Where its first number is in the array. */
  readonly offset: number;
}

/** The name of the tensor that a forward pass gives, `[batch, heads, queries, valueDim]`. */
export const OUT = "out";

/** Tensors one after the other. */
export function laidOut(tensors: readonly Omit<OutputTensor, "offset">[]): readonly OutputTensor[] {
  let offset = 0;
  return tensors.map(({ name, layout }) => {
    const at = offset;
    offset += countOf(layout);
    return { name, layout, offset: at };
  });
}

/** Numbers of all of them. */
export function outputCount(outputs: readonly OutputTensor[]): number {
  return outputs.reduce((sum, { layout }) => sum + countOf(layout), 0);
}

/** Rows of all of them. */
export function rowCount(outputs: readonly OutputTensor[]): number {
  return outputs.reduce((sum, { layout: { batch, heads, rows } }) => sum + batch * heads * rows, 0);
}

/** The tensor of a row: the first unless the row names another. Throws a RangeError if there is none of the name. */
function tensorOf(outputs: readonly OutputTensor[], { tensor = outputs[0].name }: RowPlace): OutputTensor {
  const found = outputs.find(({ name }) => name === tensor);
  if (found !== undefined) return found;
  const known = outputs.map(({ name }) => name).join(", ");
  throw new RangeError(`outputs: must be one of ${known}, got ${tensor}`);
}

/** Where a row begins in the array, and how wide it is. */
export function rowIn(
  outputs: readonly OutputTensor[],
  place: RowPlace,
): { readonly at: number; readonly width: number } {
  const { layout, offset } = tensorOf(outputs, place);
  const { batch, head, row } = place;
  return { at: offset + offsetIn(layout, batch, head, row), width: layout.width };
}

/** The row that holds the number at a place of the array; it names its tensor if there are several. */
export function placeAt(outputs: readonly OutputTensor[], index: number): RowPlace {
  const own = outputs.findLast(({ offset }) => offset <= index) ?? outputs[0];
  const { name, layout, offset } = own;
  const flat = Math.floor((index - offset) / layout.width);
  const slice = Math.floor(flat / layout.rows);
  return {
    ...(outputs.length > 1 && { tensor: name }),
    batch: Math.floor(slice / layout.heads),
    head: slice % layout.heads,
    row: flat % layout.rows,
  };
}

/** Every row of all tensors, and where it lies. */
export function* rowsIn(
  outputs: readonly OutputTensor[],
): Generator<{ readonly place: RowPlace; readonly at: number; readonly width: number }> {
  for (const { layout, offset } of outputs) {
    const { batch, heads, rows, width } = layout;
    for (let row = 0; row < batch * heads * rows; row++) {
      const at = offset + row * width;
      yield { place: placeAt(outputs, at), at, width };
    }
  }
}

/** A row in words: `row 3 of batch 0, head 1`, and `dk, row 3 of batch 0, head 1` if it names its tensor. */
export function placeText({ tensor, batch, head, row }: RowPlace): string {
  const where = `row ${row} of batch ${batch}, head ${head}`;
  return tensor === undefined ? where : `${tensor}, ${where}`;
}
