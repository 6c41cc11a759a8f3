import type { ParameterValues } from "../core/parameters.ts";
import { type Shape, shapeOf } from "../core/shape.ts";
import { dimensionText, nameInFiles, type TensorSpec, type TensorSpecs } from "../core/tensor-spec.ts";

/** The inputs that a variant has besides q, k and v: names, shapes and how each is drawn. */
export function weightLines(
  variant: string,
  params: ParameterValues,
  specs: TensorSpecs,
  format: "text" | "json",
): readonly string[] {
  const inputs = Object.entries(specs).map(([name, spec]) => ({
    name: nameInFiles(name, spec),
    dims: spec.dims.map((dim) => (typeof dim === "number" ? dim : dimensionText(dim))),
    of: spec.of,
    drawn: drawnText(name, spec),
  }));
  if (format === "json") return [JSON.stringify({ variant, params, inputs })];
  if (inputs.length === 0) return [`${variant} learns nothing: its inputs are q, k and v`];
  const shapes = inputs.map(({ dims }) => `[${dims.join(", ")}]`);
  const [names, wide] = [inputs.map(({ name }) => name), shapes].map(longest);
  return [
    ...inputs.map(({ name, drawn }, at) => `${name.padEnd(names)}  ${shapes[at].padEnd(wide)}  ${drawn}`),
    "",
    "Float tensors of these names in the file of --input take the place of what is drawn; a dimension that is a length may be longer there.",
  ];
}

function longest(texts: readonly string[]): number {
  return Math.max(...texts.map(({ length }) => length));
}

/** How numbers are made where no file has them. */
function drawnText(
  name: string,
  { fill, rowText, domain, std = 1, stream = name, seed, streamPerRow = false }: TensorSpec,
): string {
  const plain =
    fill === undefined ? normalText(std, domain !== undefined) : "as the variant's documentation says";
  const how = rowText ?? plain;
  const from = `stream ${stream}, ${seed === undefined ? "the run's seed" : `seed ${seed}`}`;
  return `${how}; ${from}, one a head${streamPerRow ? " and row" : ""}`;
}

/** Where a deviation follows from the shape, it is told of this one. */
const EXAMPLE = shapeOf({ batch: 1, heads: 1, length: 1024, headDim: 64 });

/** What of the example a deviation follows from. */
function exampleText(std: (shape: Shape) => number): string {
  const heads = `with heads of ${EXAMPLE.headDim}`;
  const longer = { ...EXAMPLE, length: 2 * EXAMPLE.length, queries: 2 * EXAMPLE.length };
  return std(longer) === std(EXAMPLE) ? heads : `over ${EXAMPLE.length} tokens ${heads}`;
}

function normalText(std: NonNullable<TensorSpec["std"]>, isMapped: boolean): string {
  const spread =
    typeof std === "number"
      ? `N(0, ${std}²)`
      : `N(0, ${Number(std(EXAMPLE).toPrecision(3))}²) ${exampleText(std)}`;
  return isMapped ? `${spread}, brought into its domain` : spread;
}
