import { describe, expect, it } from "vitest";
import { randomStream } from "../../../src/core/random.ts";
import { rdi } from "../../../src/kernels/native/assembler/index.ts";
import { MemoryPlan } from "../../../src/kernels/native/call/memory.ts";
import { ffiOrThrow, Program } from "../../../src/kernels/native/call/program.ts";
import { functionOf } from "../../../src/kernels/native/code/frame.ts";
import { createNative } from "../../../src/kernels/native/index.ts";
import { fillProduct, PRODUCT_BYTES } from "../../../src/kernels/native/products/block.ts";
import { callProduct, writeProduct } from "../../../src/kernels/native/products/product.ts";

const ROWS = Array.from({ length: 21 }, (_, rows) => rows);
const COLUMNS = [1, 7, 15, 16, 17, 48, 63, 64, 65, 130];
const INNER = [0, 1, 3, 64, 65, 200];
/** What lies around matrices, and in C before. */
const CANARY = 7.25;

const program = new Program("product-test", (a) => {
  functionOf(a, "run", () => callProduct(a, rdi));
  writeProduct(a);
});

describe.skipIf(typeof createNative().unavailable?.() === "string")("a product", () => {
  it.each([
    { name: "replaces C", transposed: false, add: false, scale: 1 },
    { name: "is added to C", transposed: false, add: true, scale: 1 },
    { name: "is scaled, and takes A by its columns", transposed: true, add: false, scale: -0.375 },
    { name: "is scaled and added to C, and takes A by its columns", transposed: true, add: true, scale: 3 },
  ])("$name, to float32 digits, and writes nothing beside it", (form) => {
    for (const rows of ROWS) {
      for (const columns of COLUMNS) {
        for (const inner of INNER) expect(wrongIn({ rows, columns, inner, ...form })).toEqual([]);
      }
    }
  });

  it("has the digits of short sums however long its sums are", () => {
    const large = 2 ** 24;
    const sizes = { rows: 7, columns: 20, inner: 1024, transposed: false, add: false, scale: 1 };
    const { read } = product(sizes, ({ a, b }) => {
      a.fill(1);
      b.fill(0);
      for (let column = 0; column < sizes.columns; column++) b[column] = large;
      // Added one by one to a sum as large as the first they would be lost.
      for (let step = 64; step < sizes.inner; step++) b.fill(1, step * bRow(sizes), (step + 1) * bRow(sizes));
    });
    expect(read(6, 19)).toBe(large + sizes.inner - 64);
  });

  it("keeps NaN and infinity of A to their rows, and those of B to their columns", () => {
    const sizes = { rows: 15, columns: 70, inner: 9, transposed: false, add: false, scale: 1 };
    const { read } = product(sizes, (values) => {
      values.a[placeInA(sizes, 3, 5)] = Number.NaN;
      values.a[placeInA(sizes, 8, 0)] = Number.POSITIVE_INFINITY;
      values.b[2 * bRow(sizes) + 66] = Number.NaN;
    });
    for (let row = 0; row < sizes.rows; row++) {
      for (let column = 0; column < sizes.columns; column++) {
        const within = row !== 3 && row !== 8 && column !== 66;
        expect(Number.isFinite(read(row, column)), `row ${row}, column ${column}`).toBe(within);
      }
    }
  });

  it("refuses sizes below 0", () => {
    const filled = {
      a: 0n,
      aRow: 0,
      aStep: 0,
      b: 0n,
      bRow: 0,
      c: 0n,
      cRow: 0,
      rows: 1,
      columns: 1,
      inner: 1,
    };
    for (const name of ["rows", "columns", "inner"] as const) {
      expect(() => fillProduct(new BigInt64Array(12), 0, { ...filled, [name]: -1 })).toThrow(/at least 0/);
    }
  });
});

interface Sizes {
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  /** Whether rows of A lie as columns. */
  readonly transposed: boolean;
  readonly add: boolean;
  readonly scale: number;
}

/** Floats between rows that are of no matrix. */
const GAP = 3;
const aStride = ({ rows, inner, transposed }: Sizes): number => (transposed ? rows : inner) + GAP;
const bRow = ({ columns }: Sizes): number => columns + GAP + 2;
const cRow = ({ columns }: Sizes): number => columns + GAP;
const placeInA = (sizes: Sizes, row: number, step: number): number =>
  sizes.transposed ? step * aStride(sizes) + row : row * aStride(sizes) + step;

interface Values {
  readonly a: Float32Array;
  readonly b: Float32Array;
}

function product(sizes: Sizes, change: (values: Values) => void = () => {}) {
  const { rows, columns, inner, transposed, add, scale } = sizes;
  const ffi = ffiOrThrow();
  const plan = new MemoryPlan();
  const block = plan.reserve(PRODUCT_BYTES);
  const [aAt, bAt, cAt] = [
    aStride(sizes) * (transposed ? inner : rows),
    bRow(sizes) * inner,
    cRow(sizes) * (rows + 2),
  ].map((floats) => plan.reserve(4 * floats));
  plan.make(ffi);
  const random = randomStream(rows, columns, inner);
  const [a, b, c] = [aAt().floats, bAt().floats, cAt().floats];
  for (const values of [a, b]) {
    for (let index = 0; index < values.length; index++) values[index] = random.uniform() - 0.4;
  }
  change({ a, b });
  c.fill(CANARY);
  fillProduct(block().words, 0, {
    ...{ a: aAt().address, b: bAt().address, rows, columns, inner, add, scale },
    c: cAt().address + BigInt(4 * cRow(sizes)),
    ...(transposed ? { aRow: 4, aStep: 4 * aStride(sizes) } : { aRow: 4 * aStride(sizes), aStep: 4 }),
    ...{ bRow: 4 * bRow(sizes), cRow: 4 * cRow(sizes) },
  });
  program.entry("run")(block().address);
  return { a, b, c, read: (row: number, column: number) => c[(row + 1) * cRow(sizes) + column] };
}

/** What differs from float64 by more than sums of 64 and of their sums may, and what changed beside C. */
function wrongIn(sizes: Sizes): string[] {
  const { rows, columns, inner, add, scale } = sizes;
  const { a, b, c, read } = product(sizes);
  const wrong: string[] = [];
  const name = `${rows} × ${columns} of ${inner}`;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      let size = 0;
      for (let step = 0; step < inner; step++) {
        const value = scale * a[placeInA(sizes, row, step)] * b[step * bRow(sizes) + column];
        sum += value;
        size += Math.abs(value);
      }
      const wanted = sum + (add ? CANARY : 0);
      const bound = 2 ** -24 * (Math.min(inner, 64) + inner / 64 + 3) * (size + CANARY);
      if (!(Math.abs(read(row, column) - wanted) <= bound)) {
        wrong.push(`${name}: [${row}][${column}] is ${read(row, column)}, not ${wanted}`);
      }
    }
  }
  for (const [index, value] of c.entries()) {
    const [row, column] = [Math.floor(index / cRow(sizes)) - 1, index % cRow(sizes)];
    const isWithin = row >= 0 && row < rows && column < columns;
    if (!isWithin && value !== CANARY) wrong.push(`${name}: ${index} of C was overwritten`);
  }
  return wrong;
}
