import { FLOAT_BYTES } from "../../../core/shape.ts";
import { gridOf } from "../wgsl/grid.ts";
import { TILE } from "../wgsl/tile-product.ts";
import { uniformWords } from "../wgsl/uniform.ts";
import { type ChainMatrices, type ChainMatrix, copiesOf } from "./matrices.ts";
import { type Operand, operandNumbers } from "./operands.ts";
import {
  JOIN_THREADS,
  joinProductsShader,
  PRODUCT_BINDINGS,
  PRODUCT_CALL,
  type ProductForm,
  productShader,
} from "./product-shader.ts";

/** Workgroups that are enough for the largest devices: products with fewer are cut into parts, which are then added. */
const WANTED = 512;
/** Terms of a part at least. */
const LEAST_TERMS = 512;

/** `to = scale·a·b + diagonal·I + bias`, for all heads. What is not given is as in `to = a·b`. */
export interface PlannedProduct extends Partial<ProductForm> {
  readonly label: string;
  readonly a: Operand;
  readonly b: ChainMatrix;
  readonly to: Operand;
  /** Rows of `to` that are made; all if omitted. */
  readonly rows?: number;
  readonly scale?: number;
  readonly diagonal?: number;
  /** A vector that is added to each row; not with a sum that is cut. */
  readonly bias?: ChainMatrix;
}

/** Adds a product; returns its operations, whole tiles counted. */
export async function addProduct(matrices: ChainMatrices, product: PlannedProduct): Promise<number> {
  const { label, a, b, to, bias, scale = 1, diagonal = 0 } = product;
  const { aTransposed = false, bTransposed = false } = product;
  const { builder } = matrices;
  const { matrix: made } = to;
  const rows = product.rows ?? made.rows;
  const columns = made.columns;
  const inner = bTransposed ? b.columns : b.rows;
  const copies = copiesOf(made);
  const tiles = copies * Math.ceil(rows / TILE.rows) * Math.ceil(columns / TILE.columns);
  const segments = bias === undefined ? segmentsOf(tiles, inner) : 1;
  const terms = TILE.terms * Math.ceil(inner / segments / TILE.terms);
  const sizes = { copies, heads: made.heads, rows, columns, inner, segments, terms, scale, diagonal };
  const call = builder.uniform(
    label,
    uniformWords(PRODUCT_CALL, {
      ...sizes,
      ...operandNumbers("a", a),
      ...operandNumbers("b", { matrix: b }),
      ...operandNumbers("c", to),
      ...operandNumbers("bias", { matrix: bias ?? b }),
    }),
  );
  const parts =
    segments === 1
      ? made.buffer
      : builder.scratch("parts of a product", FLOAT_BYTES * copies * segments * rows * columns);
  const B = PRODUCT_BINDINGS;
  await builder.dispatch({
    label,
    code: productShader({ aTransposed, bTransposed, biased: bias !== undefined }),
    bindings: {
      [B.call]: call,
      [B.a]: a.matrix.buffer,
      [B.b]: b.buffer,
      [B.c]: parts,
      ...(bias !== undefined && { [B.bias]: bias.buffer }),
    },
    groups: [...gridOf(tiles * segments), 1],
  });
  if (segments > 1) {
    await builder.dispatch({
      label: `adding parts of ${label}`,
      code: joinProductsShader(),
      bindings: { [B.call]: call, [B.a]: parts, [B.c]: made.buffer },
      groups: [...gridOf(Math.ceil((copies * rows * columns) / JOIN_THREADS)), 1],
    });
  }
  return 2 * tiles * TILE.rows * TILE.columns * segments * terms;
}

function segmentsOf(tiles: number, inner: number): number {
  const wanted = Math.min(Math.floor(WANTED / tiles), Math.floor(inner / LEAST_TERMS));
  return Math.max(1, wanted);
}
